package pkttest

import (
	"net/netip"
	"time"

	"weir/flow"
)

// Defaults of a Conversation.
const (
	defaultMSS = 1460                  // data bytes per TCP segment: an Ethernet MTU without options
	defaultRTT = 10 * time.Millisecond // from the observation point to either side
	defaultGap = 50 * time.Microsecond // between consecutive packets of one side
	window     = 10                    // segments sent before waiting for an acknowledgment (RFC 6928)
)

// side is one of the two sides of a conversation.
type side int

const (
	client side = iota
	server
)

func (s side) peer() side { return 1 - s }

// host is the state of one side.
type host struct {
	addr netip.AddrPort // for ping, the port is the identifier
	seq  uint32         // next TCP sequence number
	ipid uint16         // next IPv4 Identification
	ttl  uint8
	rtt  time.Duration // between a packet of the peer and the reply to it, at the observation point
}

// Conversation generates the packets between a client and a server as they pass
// one observation point. Its methods append packets and return the Conversation
// itself:
//
//	pkttest.Between(start, "10.0.0.1:51422", "10.0.0.2:443").Handshake().Send(500).Recv(9000).Close().Frames()
//
// Two Conversations with the same script but different start, addresses, TTL and
// RTT are the same conversation at two points of its path.
//
// A reply passes one round trip (see RTT) after the packet it replies to, and
// consecutive packets of one side pass 50 µs apart. Wait adds to that.
type Conversation struct {
	link    Packet
	hosts   [2]host // by side
	mss     int
	snap    int
	now     time.Time
	started bool
	last    side   // sender of the last packet
	packet  Packet // the last packet
	body    func(Packet) Packet
	pings   uint16
	frames  []Frame
}

// NewConversation returns a conversation whose first packet passes at start.
func NewConversation(start time.Time, clientAddr, serverAddr netip.AddrPort) *Conversation {
	return &Conversation{
		link: Eth(), mss: defaultMSS, snap: 1 << 16, now: start,
		hosts: [2]host{
			client: {addr: clientAddr, seq: 1000, ipid: 100, ttl: 64, rtt: defaultRTT},
			server: {addr: serverAddr, seq: 500000, ipid: 7000, ttl: 64, rtt: defaultRTT},
		},
	}
}

// Between is like NewConversation with addresses as text, "10.0.0.1:51422" or
// "[fd00::1]:51422". It panics on a malformed address.
func Between(start time.Time, clientAddr, serverAddr string) *Conversation {
	return NewConversation(start, netip.MustParseAddrPort(clientAddr), netip.MustParseAddrPort(serverAddr))
}

// Over sets the layers outside the IP header. The default is Eth().
func (c *Conversation) Over(link Packet) *Conversation { c.link = link; return c }

// MSS sets the maximum number of data bytes in a TCP segment.
func (c *Conversation) MSS(n int) *Conversation { c.mss = n; return c }

// Snap sets the snap length: only the first n bytes of each frame are captured.
func (c *Conversation) Snap(n int) *Conversation { c.snap = n; return c }

// RTT sets the round-trip times from the observation point to the server and to
// the client.
func (c *Conversation) RTT(toServer, toClient time.Duration) *Conversation {
	c.hosts[server].rtt, c.hosts[client].rtt = toServer, toClient
	return c
}

// ISN sets the initial sequence numbers.
func (c *Conversation) ISN(ofClient, ofServer uint32) *Conversation {
	c.hosts[client].seq, c.hosts[server].seq = ofClient, ofServer
	return c
}

// IPID sets the IPv4 Identification of each side's first packet. It increases by
// one per packet.
func (c *Conversation) IPID(ofClient, ofServer uint16) *Conversation {
	c.hosts[client].ipid, c.hosts[server].ipid = ofClient, ofServer
	return c
}

// TTL sets the Time to Live of each side's packets at the observation point.
func (c *Conversation) TTL(ofClient, ofServer uint8) *Conversation {
	c.hosts[client].ttl, c.hosts[server].ttl = ofClient, ofServer
	return c
}

// Wait delays the next packet.
func (c *Conversation) Wait(d time.Duration) *Conversation { c.now = c.now.Add(d); return c }

// Now returns the time of the last packet plus any Wait since.
func (c *Conversation) Now() time.Time { return c.now }

// Frames returns the frames since the last call of Frames, in order of time.
func (c *Conversation) Frames() []Frame {
	frames := c.frames
	c.frames = nil
	return frames
}

// Retransmit repeats the last packet after the given time, with a new IPv4
// Identification.
func (c *Conversation) Retransmit(after time.Duration) *Conversation {
	c.now = c.now.Add(after - defaultGap)
	return c.emit(c.last, c.body)
}

// Error appends an ICMP or ICMPv6 error from a router that quotes the last
// packet.
func (c *Conversation) Error(from string, typ, code uint8) *Conversation {
	src, dst := netip.MustParseAddr(from), c.hosts[c.last].addr.Addr()
	c.now = c.now.Add(c.hosts[c.last.peer()].rtt)
	p := c.link.IP(src, dst).ICMP(typ, code).Quote(c.packet, 8)
	c.frames = append(c.frames, p.Frame(c.now).Snap(c.snap))
	return c
}

// emit appends a packet from s with body inside its IP header.
func (c *Conversation) emit(s side, body func(Packet) Packet) *Conversation {
	switch {
	case !c.started:
		c.started = true
	case s == c.last:
		c.now = c.now.Add(defaultGap)
	default:
		c.now = c.now.Add(c.hosts[s].rtt)
	}
	from, to := &c.hosts[s], c.hosts[s.peer()]
	p := c.link
	if src, dst := from.addr.Addr(), to.addr.Addr(); src.Is4() {
		p = p.add(ipv4{src: src, dst: dst, ttl: from.ttl, id: from.ipid, frag: dontFragment})
		from.ipid++
	} else {
		p = p.add(ipv6{src: src, dst: dst, hops: from.ttl})
	}
	c.last, c.body, c.packet = s, body, body(p)
	c.frames = append(c.frames, c.packet.Frame(c.now).Snap(c.snap))
	return c
}

// segment appends a TCP segment from s with n data bytes.
func (c *Conversation) segment(s side, flags flow.Flags, ack uint32, n int) *Conversation {
	from, to := &c.hosts[s], c.hosts[s.peer()]
	header := tcp{src: from.addr.Port(), dst: to.addr.Port(), seq: from.seq, flags: flags, window: defaultWindow}
	if flags.Has(flow.ACK) {
		header.ack = ack
	}
	from.seq += uint32(n)
	if flags&(flow.SYN|flow.FIN) != 0 {
		from.seq++
	}
	return c.emit(s, func(p Packet) Packet { return p.add(header).Payload(n) })
}

// control appends a segment without data that acknowledges everything the peer
// has sent.
func (c *Conversation) control(s side, flags flow.Flags) *Conversation {
	return c.segment(s, flags, c.hosts[s.peer()].seq, 0)
}
