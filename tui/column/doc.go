// Package column is the columns of a flow: what each shows of a record and in
// which look, how records compare by it, and which filter term finds a cell's value.
//
// The table, the details, the windows and the lines for screen readers show a
// flow's fields with it, so that a field reads the same everywhere.
package column
