package node

import (
	"net/netip"
	"time"
)

// Origin says where a node's prefixes come from.
type Origin uint8

// The origins.
const (
	Seen     Origin = iota // it reported flows, nobody declared what it owns
	Host                   // this machine, read from its interfaces
	Declared               // `weir nodes add`
)

// Node is a place that observes flows and what it owns.
type Node struct {
	Name     string
	Prefixes []netip.Prefix // masked; host addresses are /32 and /128
	Origin   Origin
}

// Summary is a node with what it reported in a range of time.
type Summary struct {
	Node
	Flows    int64
	Octets   uint64    // both directions
	LastSeen time.Time // latest packet of any flow it reported, in all time; zero: none
}
