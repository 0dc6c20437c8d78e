// Package tui is weir's screen: a Bubble Tea program that watches the flows of
// a store, live and back into history.
//
// [Run] shows the screen until the user leaves it or its context ends. What it
// shows comes from a [Store], which it asks on a tick: the screen pulls, and
// neither capture nor store ever waits for a terminal. All questions run in
// commands, one in flight and one queued for each kind (see lane); an answer to
// a question that is no longer asked is dropped.
//
// The root model routes every message: the size of the window first, then an
// open dialog, then the filter line, then the table. The table draws only the
// rows that are visible, out of strings that are computed once per theme. The
// selection is a flow's id, never a row number, so that nothing slips from
// under the reader when data arrives.
//
// The middle of the screen is one of four places (see place): flows, talkers,
// timeline, health. The sums of talkers and timeline come from the store if it is an
// [Aggregator]. What the reader chooses on the screen are [Settings].
//
// Keys live in keys.go and what they do in commands.go; help, palette, README
// and the configuration's names are made of that. Looks live in theme.go. A view says which role a text has,
// never which colour. Text that came from the network or from a file passes
// termsafe before it is drawn.
//
// [RunLines] shows the same model without a picture: flows as sentences and typed
// commands (see lineMode), for screen readers.
//
// The package captures nothing, stores nothing and parses no filters itself.
package tui
