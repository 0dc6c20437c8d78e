// Package form is the advanced search: a window with a field for each part of a
// query ([Form]), and in its history tab the latest searches.
//
// [New] opens it on a query. A field holds its term of the filter as text in the
// notation of the filter line. What no field can show is kept and put back
// unchanged, and so is every term whose field the reader leaves as it was. The
// form answers with [QueryChosenMsg], or with [ui.ClosedMsg].
//
// It reads values with the grammar of package search and has none of its own.
package form
