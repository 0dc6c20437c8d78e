// Package input is one-line text input: [Line], completion ([Offer]), and the fields
// of forms ([Field]).
//
// The text of a field is a value in the syntax of the filter line; empty means no
// condition. Editing does no IO and returns no commands.
package input
