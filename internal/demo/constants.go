package demo

import "time"

// One-way delays from the client's card, in the order of the way.
const (
	delayEdge   = 400 * time.Microsecond
	delayCore   = 6400 * time.Microsecond
	delayDC     = 10400 * time.Microsecond
	delayServer = 10700 * time.Microsecond
	delayInside = 200 * time.Microsecond // from a node to a host next to it
	delayWeb    = 9 * time.Millisecond   // to a server in the internet
)

// How often conversations begin. A flow table that one can still read while it
// moves has a few new rows a second.
const (
	meanPause   = 300 * time.Millisecond // between conversations, on average
	swing       = 0.6                    // share by which the rate goes up and down
	swingPeriod = 4 * time.Minute
	burstChance = 0.02 // that a conversation is the first of a burst, as of a page with many parts
	burstSize   = 9
	burstPause  = 25 * time.Millisecond
)

// Hosts and connections.
const (
	clients    = 24  // hosts on the client LAN, from .1 on
	servers    = 3   // behind dc-2
	standing   = 8   // connections that stay open for good, from the first minute on
	initialTTL = 64  // Linux' default
	snapLen    = 128 // octets captured of each frame: all headers, little data
)

// portRange is where the ports of one kind are taken from. They are handed out
// in turn, in an order that looks drawn, so that two conversations that overlap
// never share one. The first ones belong to the standing connections for good.
type portRange struct {
	first, size uint64
	step        uint64 // prime and no divisor of size-standing-1, so that it meets every port
}

var (
	clientPorts = portRange{32768, 28232, 7919} // Linux' ephemeral ports
	natPorts    = portRange{20000, 12768, 5011} // what the many:1 NAT picks from
)

// of returns the port of conversation id.
func (p portRange) of(id uint64) uint16 {
	if id <= standing {
		return uint16(p.first + id)
	}
	return uint16(p.first + standing + 1 + id*p.step%(p.size-standing-1))
}
