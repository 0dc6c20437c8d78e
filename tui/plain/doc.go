// Package plain is the line mode, for screen readers and for terminals without cursor
// control: flows are written as sentences, and commands are typed.
//
// It has no screens. It uses the session and the data behind the screens (results,
// sums), and never rewrites a line.
package plain
