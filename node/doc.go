// Package node maps IP addresses to the nodes that own them.
//
// A node is a place that observes flows. It has a name and owns prefixes.
// [Registry] looks up the owner of an address by longest prefix match. It is
// immutable, so lookups need no lock; a change of the inventory replaces the
// whole registry. [Groups] are named sets of nodes. A group name is accepted
// wherever a node name is.
//
// The package stores nothing: declared nodes and groups live in the store, and
// [FromHost] reads the addresses of this machine from its interfaces.
// [ValidName] and [ParsePrefix] check names and prefixes entered by users.
package node
