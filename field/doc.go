// Package field is the fields of a flow record that can be columns: of the screen, of
// CSV and of JSON.
//
// [All] lists them, each under the name that it has in the search language and under
// its CSV and JSON key. [Info.Of] reads the value of a record. The kinds of values are
// those of [weir/search.Kind]; how a value looks is up to the package that shows it.
package field
