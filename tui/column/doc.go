// Package column is the columns of a flow: how each formats its field, how records
// compare by it, and which filter term matches a cell.
//
// The table, the details, the windows and the line mode format fields with it, so
// that a field looks the same everywhere.
package column
