// Package search is the query: which flows, of which nodes, in which time, in
// which order, how many.
//
// A [Query] is a plain value. Its filter is an [Expr], a small tree that
// [Parse] reads from text such as
//
//	proto:tcp src:10.0.0.0/8 dport:443,8443 flags:syn,!ack
//
// and that every Expr's String method prints back in canonical form: parsing
// what was printed gives the same tree. docs/search.md is the grammar for
// people. [Fields] is the table of everything that can be asked, [Complete]
// offers words while a filter is typed, and [Error] says which character is
// wrong and what would be right.
//
// [ParseRange] and [ParseTime] read time ranges and points in time.
//
// The package knows no SQL and no screen. The store translates the tree to
// SQL, the screen edits it.
package search
