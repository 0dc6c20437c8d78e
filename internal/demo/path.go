package demo

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"weir/internal/pkttest"
)

// path is the way from a client to a server: where it is observed, and what it
// is called there.
type path struct {
	points []point // in the order of the way
	length time.Duration
}

// point is what one observer sees of a path.
type point struct {
	at             observer
	delay          time.Duration // from the client, one way
	client, server netip.Addr
	natted         bool // the client's port (or identifier) is the one that the NAT gave it
}

// Hosts with a fixed part.
var (
	edgeNAT   = addr4(10, 100, 2, 1)
	coreSelf  = addr4(10, 100, 0, 1)
	resolver  = addr4(10, 100, 0, 53)
	clock     = addr4(10, 100, 0, 123)
	storage   = addr4(10, 100, 0, 9)
	dcLocal   = addr4(172, 16, 1, 100)
	everybody = addr4(224, 0, 0, 251) // mDNS, RFC 6762
)

func addr4(a, b, c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{a, b, c, d}) }

func lanClient(n int) netip.Addr { return addr4(192, 168, 100, byte(n)) } // n from 1 on
func published(n int) netip.Addr { return addr4(10, 100, 1, byte(n)) }    // server n's address in the virtual network
func dcServer(n int) netip.Addr  { return addr4(172, 16, 1, byte(19+n)) }
func nowhere(n int) netip.Addr   { return addr4(10, 100, 3, byte(n)) } // routed to core, but there is no such host
func internet(n int) netip.Addr  { return addr4(203, 0, 113, byte(n)) }
func v6(net, host int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0x01, 0x00, 0, byte(net), 14: byte(host >> 8), 15: byte(host)})
}

// toServer goes through all three nodes and all NATs.
func toServer(client, server int) path {
	return path{[]point{
		{edge, delayEdge, lanClient(client), published(server), false},
		{core, delayCore, edgeNAT, published(server), true},
		{dc, delayDC, dcLocal, dcServer(server), true},
	}, delayServer}
}

// toServer6 goes through all three nodes, and nobody changes its addresses.
func toServer6(client, server int) path {
	from, to := v6(2, client), v6(1, 19+server)
	return path{[]point{{edge, delayEdge, from, to, false}, {core, delayCore, from, to, false}, {dc, delayDC, from, to, false}}, delayServer}
}

// toCore ends at a host next to core, through edge-1's NAT.
func toCore(client int, service netip.Addr) path {
	return path{[]point{
		{edge, delayEdge, lanClient(client), service, false},
		{core, delayCore, edgeNAT, service, true},
	}, delayCore + delayInside}
}

// toStorage goes from a server behind dc-2 to core. dc-2's NAT is 1:1 here and
// keeps the port.
func toStorage(server int) path {
	return path{[]point{
		{dc, delayInside, dcServer(server), storage, false},
		{core, delayDC - delayCore, published(server), storage, false},
	}, delayDC - delayCore + delayInside}
}

// toInternet leaves at edge-1 and is seen nowhere else.
func toInternet(client int, server netip.Addr) path {
	return path{[]point{{edge, delayEdge, lanClient(client), server, false}}, delayWeb}
}

// before cuts the path off: what it leads to is dropped on the way there.
func (p path) before(at observer) path {
	for i, point := range p.points {
		if point.at == at {
			p.points = p.points[:i]
			break
		}
	}
	return p
}

// story is a conversation before it begins.
type story struct {
	path  path
	port  uint16 // of the server
	own   uint16 // of the client where the protocol wants a certain one, else 0
	first act
}

// seenBy returns the talk as it passes observer at, and whether it does. id is
// the number of the conversation, which gives it its ports.
func (s story) seenBy(at observer, begin time.Time, id uint64, r *rand.Rand) (*pkttest.Conversation, bool) {
	isnClient, isnServer := r.Uint32(), r.Uint32()
	ipidClient, ipidServer := uint16(r.Uint32()), uint16(r.Uint32())
	for i, p := range s.path.points {
		if p.at != at {
			continue
		}
		port := clientPorts.of(id)
		switch {
		case s.own != 0:
			port = s.own
		case p.natted:
			port = natPorts.of(id)
		}
		talk := pkttest.NewConversation(begin.Add(p.delay), netip.AddrPortFrom(p.client, port), netip.AddrPortFrom(p.server, s.port))
		return talk.Over(link(at)).Snap(snapLen).ISN(isnClient, isnServer).IPID(ipidClient, ipidServer).
			TTL(uint8(initialTTL-i), uint8(initialTTL-(len(s.path.points)-1-i))).
			RTT(2*(s.path.length-p.delay), 2*p.delay), true
	}
	return nil, false
}

// link is the link layer of an observer's interface.
func link(at observer) pkttest.Packet {
	if at == core {
		return pkttest.Eth().VLAN(100)
	}
	return pkttest.Eth()
}
