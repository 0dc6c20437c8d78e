// Package form is the advanced search: a window with a field for each part of a
// query ([Form]), and in its history tab the latest searches.
//
// [New] opens it on a query. A field has its term of the filter as text in the syntax of
// the filter line. Terms that no field can show are kept unchanged, and so are the terms
// of fields that are not edited. The form answers with [QueryChosenMsg] or with
// [ui.ClosedMsg].
//
// It parses values with the grammar of package search.
package form
