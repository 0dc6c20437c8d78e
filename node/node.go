package node

import (
	"net/netip"
	"time"
)

// Origin is the source of a node's prefixes.
type Origin uint8

// The origins, in ascending precedence.
const (
	Seen     Origin = iota // reported flows; its prefixes are not declared
	Host                   // this machine; prefixes read from its interfaces
	Declared               // declared by `weir nodes add`
)

// Node is a place that observes flows, and the prefixes it owns.
type Node struct {
	Name     string
	Prefixes []netip.Prefix // masked; host addresses are /32 and /128
	Origin   Origin
}

// Summary is a node with the totals of its flows in a time range.
type Summary struct {
	Node
	Flows    int64
	Octets   uint64    // both directions
	LastSeen time.Time // latest packet of any flow it reported, regardless of the range; zero: none
}
