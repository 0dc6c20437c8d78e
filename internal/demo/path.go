package demo

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"weir/internal/pkttest"
)

// path is the path from a client to a server with its observation points.
type path struct {
	points []point // from client to server
	length time.Duration
}

// point is an observation point of a path, with the addresses as seen there.
type point struct {
	at             observer
	delay          time.Duration // one-way delay from the client
	client, server netip.Addr
	natted         bool // the client's port (or ICMP identifier) is translated
}

// Hosts with a fixed role.
var (
	edgeNAT   = addr4(10, 100, 2, 1)
	coreSelf  = addr4(10, 100, 0, 1)
	resolver  = addr4(10, 100, 0, 53)
	clock     = addr4(10, 100, 0, 123)
	storage   = addr4(10, 100, 0, 9)
	dcLocal   = addr4(172, 16, 1, 100)
	mdnsGroup = addr4(224, 0, 0, 251) // RFC 6762
)

func addr4(a, b, c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{a, b, c, d}) }

func lanClient(n int) netip.Addr { return addr4(192, 168, 100, byte(n)) } // n from 1 on
func published(n int) netip.Addr { return addr4(10, 100, 1, byte(n)) }    // server n's address in the virtual network
func dcServer(n int) netip.Addr  { return addr4(172, 16, 1, byte(19+n)) }
func internet(n int) netip.Addr  { return addr4(203, 0, 113, byte(n)) }

// unusedAddr returns an address that is routed to core but not in use.
func unusedAddr(n int) netip.Addr { return addr4(10, 100, 3, byte(n)) }

func v6(net, host int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0x01, 0x00, 0, byte(net), 14: byte(host >> 8), 15: byte(host)})
}

// toServer passes all three nodes and all NATs.
func toServer(client, server int) path {
	return path{[]point{
		{edge, delayEdge, lanClient(client), published(server), false},
		{core, delayCore, edgeNAT, published(server), true},
		{dc, delayDC, dcLocal, dcServer(server), true},
	}, delayServer}
}

// toServer6 passes all three nodes without address translation.
func toServer6(client, server int) path {
	from, to := v6(2, client), v6(1, 19+server)
	return path{[]point{{edge, delayEdge, from, to, false}, {core, delayCore, from, to, false}, {dc, delayDC, from, to, false}}, delayServer}
}

// toCore passes the NAT of edge-1 and ends at a host next to core.
func toCore(client int, service netip.Addr) path {
	return path{[]point{
		{edge, delayEdge, lanClient(client), service, false},
		{core, delayCore, edgeNAT, service, true},
	}, delayCore + delayInside}
}

// toStorage leads from a server behind dc-2 to core. The NAT of dc-2 is
// one-to-one for servers and preserves the port.
func toStorage(server int) path {
	return path{[]point{
		{dc, delayInside, dcServer(server), storage, false},
		{core, delayDC - delayCore, published(server), storage, false},
	}, delayDC - delayCore + delayInside}
}

// toInternet leaves the network at edge-1, its only observer.
func toInternet(client int, server netip.Addr) path {
	return path{[]point{{edge, delayEdge, lanClient(client), server, false}}, delayWeb}
}

// before truncates the path before an observer: packets are dropped there.
func (p path) before(at observer) path {
	for i, point := range p.points {
		if point.at == at {
			p.points = p.points[:i]
			break
		}
	}
	return p
}

// scenario describes a conversation before it starts.
type scenario struct {
	path       path
	port       uint16 // of the server
	clientPort uint16 // if the protocol requires a fixed one, else 0
	first      step
}

// observedBy returns the conversation as seen by an observer; ok is false if it
// does not pass there. The number of the conversation determines its ports.
func (s scenario) observedBy(at observer, begin time.Time, id uint64, r *rand.Rand) (conv *pkttest.Conversation, ok bool) {
	isnClient, isnServer := r.Uint32(), r.Uint32()
	ipidClient, ipidServer := uint16(r.Uint32()), uint16(r.Uint32())
	for i, p := range s.path.points {
		if p.at != at {
			continue
		}
		port := clientPorts.of(id)
		switch {
		case s.clientPort != 0:
			port = s.clientPort
		case p.natted:
			port = natPorts.of(id)
		}
		conv := pkttest.NewConversation(begin.Add(p.delay), netip.AddrPortFrom(p.client, port), netip.AddrPortFrom(p.server, s.port))
		return conv.Over(link(at)).Snap(snapLen).ISN(isnClient, isnServer).IPID(ipidClient, ipidServer).
			TTL(uint8(initialTTL-i), uint8(initialTTL-(len(s.path.points)-1-i))).
			RTT(2*(s.path.length-p.delay), 2*p.delay), true
	}
	return nil, false
}

// link returns the link layer of an observer's interface.
func link(at observer) pkttest.Packet {
	if at == core {
		return pkttest.Eth().VLAN(100)
	}
	return pkttest.Eth()
}
