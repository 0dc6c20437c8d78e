// Package saved stores searches across runs: the history of recent searches, and
// named searches.
//
// Both are text files with one search per line, so that any tool can read, edit
// and copy them. A search is the text of a whole query. This package does not
// parse it and keeps lines that package search no longer accepts.
//
// [History] and [Searches] are file paths. Every method reads the file, and every
// change replaces it atomically, readable by its owner only. If two programs
// change a file at the same time, the last one wins; neither ever sees a partial
// file.
package saved
