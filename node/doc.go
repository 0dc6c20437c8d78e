// Package node knows which node owns which address.
//
// A node is a place that observes flows. It has a name and the prefixes it
// owns. [Registry] finds the owner of an address by the longest prefix; it is
// immutable, so lookups need no lock, and a new one replaces it when the
// inventory changes. [Groups] are sets of nodes with a name of their own, which
// is accepted wherever the name of a node is.
//
// The package keeps nothing on disk. The store keeps declared nodes and groups, [FromHost]
// reads this machine's own addresses from its interfaces. Names and prefixes
// that a person typed pass [ValidName] and [ParsePrefix].
package node
