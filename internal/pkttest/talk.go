package pkttest

import (
	"net/netip"
	"time"

	"weir/flow"
)

// Defaults of a Talk.
const (
	defaultMSS = 1460                  // octets of data per TCP segment: an Ethernet MTU without options
	defaultRTT = 10 * time.Millisecond // each way of an observation point
	defaultGap = 50 * time.Microsecond // between packets that one side sends in a row
	window     = 10                    // segments that go out before an acknowledgment is waited for (RFC 6928)
)

// who is one of the two sides of a talk.
type who int

const (
	client who = iota
	server
)

func (w who) other() who { return 1 - w }

// party is what a talk knows of one side.
type party struct {
	addr netip.AddrPort // for ping the port is the identifier
	seq  uint32         // next TCP sequence number
	ipid uint16         // next IPv4 Identification
	ttl  uint8
	rtt  time.Duration // from a packet of the other side until this side's answer passes
}

// Talk is a conversation between a client and a server as it passes one
// observation point. Its methods let one side do the next thing and return the
// Talk itself:
//
//	pkttest.Between(start, "10.0.0.1:51422", "10.0.0.2:443").Handshake().Send(500).Recv(9000).Close().Frames()
//
// Two Talks with the same script, one with another start, address, TTL and RTT,
// are the same conversation at two points of its way.
//
// The clock follows one rule: an answer passes one round trip (see RTT) after
// the packet it answers, and what the same side sends in a row passes 50 µs
// apart. Wait adds to that.
type Talk struct {
	link   Packet
	party  [2]party
	mss    int
	snap   int
	now    time.Time
	begun  bool
	last   who    // who sent the last packet
	packet Packet // the last packet
	body   func(Packet) Packet
	pings  uint16
	frames []Frame
}

// NewTalk returns a talk whose first packet passes at start.
func NewTalk(start time.Time, clientAddr, serverAddr netip.AddrPort) *Talk {
	return &Talk{
		link: Eth(), mss: defaultMSS, snap: 1 << 16, now: start,
		party: [2]party{
			client: {addr: clientAddr, seq: 1000, ipid: 100, ttl: 64, rtt: defaultRTT},
			server: {addr: serverAddr, seq: 500000, ipid: 7000, ttl: 64, rtt: defaultRTT},
		},
	}
}

// Between is NewTalk with the addresses as text, "10.0.0.1:51422" or
// "[fd00::1]:51422".
func Between(start time.Time, clientAddr, serverAddr string) *Talk {
	return NewTalk(start, netip.MustParseAddrPort(clientAddr), netip.MustParseAddrPort(serverAddr))
}

// Over sets what is outside of the IP header: Eth() by default.
func (t *Talk) Over(link Packet) *Talk { t.link = link; return t }

// MSS sets the most octets of data in a TCP segment.
func (t *Talk) MSS(n int) *Talk { t.mss = n; return t }

// Snap captures only the first n octets of each frame.
func (t *Talk) Snap(n int) *Talk { t.snap = n; return t }

// RTT sets the round trips from the observation point to the server and back,
// and to the client and back.
func (t *Talk) RTT(toServer, toClient time.Duration) *Talk {
	t.party[server].rtt, t.party[client].rtt = toServer, toClient
	return t
}

// ISN sets the initial sequence numbers.
func (t *Talk) ISN(ofClient, ofServer uint32) *Talk {
	t.party[client].seq, t.party[server].seq = ofClient, ofServer
	return t
}

// IPID sets the IPv4 Identification of each side's first packet; it counts up.
func (t *Talk) IPID(ofClient, ofServer uint16) *Talk {
	t.party[client].ipid, t.party[server].ipid = ofClient, ofServer
	return t
}

// TTL sets the Time to Live with which each side's packets pass.
func (t *Talk) TTL(ofClient, ofServer uint8) *Talk {
	t.party[client].ttl, t.party[server].ttl = ofClient, ofServer
	return t
}

// Wait lets time pass before the next packet.
func (t *Talk) Wait(d time.Duration) *Talk { t.now = t.now.Add(d); return t }

// Now is the time of the last packet, plus what was waited since.
func (t *Talk) Now() time.Time { return t.now }

// Frames returns the frames since the last call of Frames, in order of time.
func (t *Talk) Frames() []Frame {
	frames := t.frames
	t.frames = nil
	return frames
}

// Retransmit repeats the last packet after the given time: the same content
// under a new IPv4 Identification.
func (t *Talk) Retransmit(after time.Duration) *Talk {
	t.now = t.now.Add(after - defaultGap)
	return t.emit(t.last, t.body)
}

// Error lets the router from answer the last packet with an ICMP or ICMPv6
// error that quotes it.
func (t *Talk) Error(from string, typ, code uint8) *Talk {
	src, dst := netip.MustParseAddr(from), t.party[t.last].addr.Addr()
	t.now = t.now.Add(t.party[t.last.other()].rtt)
	p := t.link.IP(src, dst).ICMP(typ, code).Quote(t.packet, 8)
	t.frames = append(t.frames, p.Frame(t.now).Snap(t.snap))
	return t
}

// emit lets side w send body inside its IP header.
func (t *Talk) emit(w who, body func(Packet) Packet) *Talk {
	switch {
	case !t.begun:
		t.begun = true
	case w == t.last:
		t.now = t.now.Add(defaultGap)
	default:
		t.now = t.now.Add(t.party[w].rtt)
	}
	from, to := &t.party[w], t.party[w.other()]
	p := t.link
	if src, dst := from.addr.Addr(), to.addr.Addr(); src.Is4() {
		p = p.add(ipv4{src: src, dst: dst, ttl: from.ttl, id: from.ipid, frag: dontFragment})
		from.ipid++
	} else {
		p = p.add(ipv6{src: src, dst: dst, hops: from.ttl})
	}
	t.last, t.body, t.packet = w, body, body(p)
	t.frames = append(t.frames, t.packet.Frame(t.now).Snap(t.snap))
	return t
}

// segment lets side w send a TCP segment of n octets of data.
func (t *Talk) segment(w who, flags flow.Flags, ack uint32, n int) *Talk {
	from, to := &t.party[w], t.party[w.other()]
	header := tcp{src: from.addr.Port(), dst: to.addr.Port(), seq: from.seq, flags: flags, window: defaultWindow}
	if flags.Has(flow.ACK) {
		header.ack = ack
	}
	from.seq += uint32(n)
	if flags&(flow.SYN|flow.FIN) != 0 {
		from.seq++
	}
	return t.emit(w, func(p Packet) Packet { return p.add(header).Payload(n) })
}

// say is a segment that acknowledges all that the other side sent.
func (t *Talk) say(w who, flags flow.Flags) *Talk {
	return t.segment(w, flags, t.party[w.other()].seq, 0)
}
