// Package conversation correlates the records that several nodes have of one
// conversation: whether it got through, where it stopped, what a NAT changed.
//
// [Term] is the filter that matches the records. A [Trail] holds them in path order and
// returns the [Answer]s. The package accesses no store and draws nothing: package
// flows runs the search (flows.Lookup), package dialog draws a trail.
package conversation
