// Package flows is the screen with the table of flows.
//
// A [Result] is the loaded part of the flows that match the query, and the cursor
// in it. It draws nothing; the line mode uses it too. A [Screen] draws it as a
// table, of which only the visible rows are formatted, with the details of the
// selected flow below. The selection is a flow's id, never a row number, so that
// the selected flow stays selected when data arrives.
//
// A live view loads its first page again when the store has changed. Any move of
// the cursor stops it from following. [Lookup] finds the records that other nodes
// have of a conversation.
package flows
