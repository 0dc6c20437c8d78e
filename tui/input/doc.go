// Package input is text being edited on one line: [Line], completion with
// [Offer], and the fields of forms ([Field]), which windows are made of.
//
// A field's text is a value in the notation of the filter line; empty means that
// it asks for nothing. Editing never does IO and returns no commands.
package input
