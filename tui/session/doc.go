// Package session is the state that the screen and the line mode share.
//
// A [Session] holds the query, the latest data of the store and of the metering
// process, the user's [Settings], and the message for the user (Status). All
// requests to the [Store] run in commands, one in flight and one queued for each
// kind ([LatestRequest]); the reply to a superseded request is dropped. The screen
// draws a session, the line mode writes it as sentences.
//
// Whatever depends on the query registers with [Session.WatchQuery]. Messages for
// the surrounding program, such as to show another screen, are posted
// ([Session.Post]); the program handles them after the current message, in order
// and before the next key.
package session
