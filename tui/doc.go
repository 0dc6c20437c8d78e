// Package tui is weir's screen: a Bubble Tea program that watches the flows of
// a store, live and back into history.
//
// [Run] shows the screen until the user leaves it or its context ends. What it
// shows comes from a [Store], which it asks on a tick: the screen pulls, and
// neither capture nor store ever waits for a terminal. All questions run in
// commands, one in flight and one queued for each kind (see lane); an answer to
// a question that is no longer asked is dropped.
//
// A session is what one reader looks at, without a picture: the query, what the
// store and the metering said. Each screen (flows, talkers, timeline, health) keeps
// what it shows of the query and draws it. The root model routes every message: the
// size first, keys to the window on top, then to the filter line, then to the screen
// in sight, answers to who asked. Windows (packages form
// and dialog) answer with messages that the root takes in the same Update. The selection is a flow's id, never a row number, so that
// nothing slips from under the reader when data arrives.
//
// Keys mean commands (package keys); commands.go says what the root does for them, the
// rest is for the screen in sight. A view says which role a text has, never which
// colour. Text that came from the network or from a file passes termsafe before it
// is drawn.
//
// [RunLines] tells a session in sentences and takes typed commands (see lineMode),
// for screen readers. It has no screens and draws nothing.
//
// The package captures nothing, stores nothing and parses no filters itself.
package tui
