// Package search defines queries for flows: a filter, time range, nodes, order
// and limit.
//
// A [Query] is a plain value. Its filter is an [Expr], a syntax tree that [Parse]
// builds from text such as
//
//	proto:tcp src:10.0.0.0/8 dport:443,8443 flags:syn,!ack
//
// The String method of an Expr prints its canonical text, which parses to the
// same tree. docs/search.md documents the grammar. [Fields] is the table of all
// fields, [Complete] offers completions while a filter is typed, and [Error] has
// the column of a mistake and a hint on how to fix it.
//
// [ParseRange] and [ParseTime] parse time ranges and points in time.
//
// The package does not depend on the store or the screen. Package db/block
// compiles the tree into filters over columns of flows.
package search
