// Package tui is weir's screen: a Bubble Tea program that watches the flows of
// a store, live and back into history.
//
// [Run] shows the screen until the user leaves it or its context ends. What it
// shows comes from a [Store], which it asks on a tick: the screen pulls, and
// neither capture nor store ever waits for a terminal. All requests run in
// commands, one in flight and one queued for each kind ([session.LatestRequest]);
// the reply to a superseded request is dropped.
//
// A [session.Session] is the state of the view, without display: the query,
// and what the store and the metering process reported. Each screen (packages
// flows, talkers, timeline and health) keeps what it shows of the query and draws
// it. The root model routes every message: the size first, keys to the window on
// top, then to the filter line, then to the visible screen. Replies of the store
// go to the session and to all screens; each takes its own. Windows (packages form
// and dialog) answer with messages, which the root handles in the same Update. The
// selection is a flow's id, never a row number, so that the selected flow stays
// selected when data arrives.
//
// Keys stand for commands (package keys); commands.go has those of the root, all
// others go to the visible screen. A view names the role of a text, never its
// colour. Text from the network or from a file passes termsafe before it is drawn.
//
// [RunLines] is the line mode for screen readers (package plain): it writes
// sentences and takes typed commands. It has no screens and draws nothing.
//
// The package captures nothing, stores nothing and parses no filters itself.
package tui
