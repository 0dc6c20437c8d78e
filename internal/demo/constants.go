package demo

import "time"

// One-way delays from the client's network card, in path order.
const (
	delayEdge   = 400 * time.Microsecond
	delayCore   = 6400 * time.Microsecond
	delayDC     = 10400 * time.Microsecond
	delayServer = 10700 * time.Microsecond
	delayInside = 200 * time.Microsecond // from a node to a host next to it
	delayWeb    = 9 * time.Millisecond   // to a server on the internet
)

// Arrival rate of conversations: a few per second, so that the flow table remains
// readable while it updates.
const (
	meanPause   = 300 * time.Millisecond // mean time between conversations
	swing       = 0.6                    // relative amplitude of the variation of the rate
	swingPeriod = 4 * time.Minute
	burstChance = 0.02 // probability that a conversation starts a burst, like a page with many resources
	burstSize   = 9
	burstPause  = 25 * time.Millisecond
)

// Hosts and connections.
const (
	clients    = 24  // hosts on the client LAN, from .1 on
	servers    = 3   // behind dc-2
	permanent  = 8   // connections that start within the first minute and never close
	initialTTL = 64  // default of Linux
	snapLen    = 128 // bytes captured of each frame: all headers, little data
)

// portRange is a range of ports. Conversations take them in a fixed,
// random-looking order that covers the whole range, so that overlapping
// conversations never share a port. The first ports are reserved for the
// permanent connections.
type portRange struct {
	first, size uint64
	step        uint64 // prime and not a divisor of size-permanent-1, so that it reaches every port
}

var (
	clientPorts = portRange{32768, 28232, 7919} // ephemeral ports of Linux
	natPorts    = portRange{20000, 12768, 5011} // ports of the many-to-one NAT
)

// of returns the port of conversation id.
func (p portRange) of(id uint64) uint16 {
	if id <= permanent {
		return uint16(p.first + id)
	}
	return uint16(p.first + permanent + 1 + id*p.step%(p.size-permanent-1))
}
