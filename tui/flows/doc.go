// Package flows is the screen with the table of flows.
//
// A [Result] is the flows that match the query, as far as they are loaded, and the
// reader's place among them; it draws nothing, and the line mode tells it. A
// [Screen] draws it as a table, of which only the visible rows are made, with the
// details of the selected flow below. The selection is a flow's id, never a row
// number, so that nothing slips from under the reader when data arrives.
//
// A view that follows asks the store for its beginning again when the store has
// changed; any move of the reader's makes it stand still.
package flows
