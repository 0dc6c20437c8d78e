// Package plain tells a session in lines, for screen readers and for terminals
// that can't be drawn on: flows as sentences, commands typed.
//
// It has no screens: it uses the session and what screens know of the query, and
// writes each line once.
package plain
