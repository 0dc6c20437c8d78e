// Package session is what one reader looks at, without a picture.
//
// A [Session] holds the query, what the store and the metering said last, what the
// reader chose ([Settings]), and what the reader is to be told (Status). All
// questions to the [Store] run in commands, one in flight and one queued for each
// kind ([LatestRequest]); an answer to a question that is no longer asked is dropped. The
// screen draws a session, the line mode tells it in sentences.
//
// What depends on the query registers with [Session.WatchQuery]. What belongs to
// the program around, such as another screen or a window, is posted
// ([Session.Post]); the program takes it after the message at hand, in order and
// before the next key.
package session
