// Package saved keeps searches from one run to the next: those that were made
// lately, and those that were given a name.
//
// Both are text files of one line a search, so that they can be read, edited
// and copied with any tool. A search is the text of a whole query; what it
// means is package search's business, and a line that no longer parses there
// is still kept here.
//
// [History] and [Searches] are values that name a file: every method reads it,
// and a change replaces it as a whole, readable by its owner only. There is
// nothing to open or close. Of two programs that change a file in the same
// moment the later one wins; neither ever sees half a file.
package saved
