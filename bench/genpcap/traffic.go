package main

import (
	"container/heap"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"weir/internal/pkttest"
)

const (
	span      = 2 * time.Minute // start times of the flows of a mix; longer than the idle timeouts of UDP and closed TCP
	floodGap  = 10 * time.Microsecond
	tailAlpha = 1.2  // shape of the Pareto distribution of flow sizes: few flows carry most packets
	minTail   = 8    // minimum packets of such a flow: handshake, request, its acknowledgment, close
	window    = 15   // packets of ten segments and their acknowledgments
	mss       = 1460 // data bytes of a full segment
)

// begin returns the time of the first packet.
func begin() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }

// config configures the traffic.
type config struct {
	packets, flows, snap int
	seed                 uint64
}

// traffic returns the frames of kind in order of time.
func (c config) traffic(kind string) (iter.Seq[pkttest.Frame], error) {
	switch {
	case c.packets < 1 || c.flows < 1 || c.snap < 1:
		return nil, fmt.Errorf("-packets, -flows and -snap must be at least 1")
	case kind == "flood":
		return c.flood(), nil
	case c.packets < minTail*c.flows:
		return nil, fmt.Errorf("%d flows need at least %d packets", c.flows, minTail*c.flows)
	case kind == "mix":
		return c.mix().frames, nil
	case kind == "few":
		return c.few().frames, nil
	}
	return nil, fmt.Errorf("-kind %q is none of mix, flood, few", kind)
}

// flood is a SYN flood on one server, with a new source for every packet.
func (c config) flood() iter.Seq[pkttest.Frame] {
	target := netip.MustParseAddrPort("192.0.2.80:443")
	return func(yield func(pkttest.Frame) bool) {
		for i := range c.packets {
			conv := pkttest.NewConversation(begin().Add(time.Duration(i)*floodGap), attacker(c.seed, i), target)
			if !yield(c.prepare(conv).SYN().Frames()[0]) {
				return
			}
		}
	}
}

// attacker returns the source of the i-th packet of a flood. Multiplication by an
// odd number visits each of the 2³² addresses and ports once (198.18.0.0/15, RFC
// 2544, and the upper half of the ports).
func attacker(seed uint64, i int) netip.AddrPort {
	x := uint32(seed) + uint32(i)*0x9e3779b1
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18 + byte(x>>31), byte(x >> 23), byte(x >> 15)}), uint16(x)|1<<15)
}

// few is long downloads that start at almost the same time.
func (c config) few() schedule {
	return schedule{c.flows, func(i int) *conversation {
		conv := pkttest.NewConversation(begin().Add(time.Duration(i)*time.Millisecond), host(i, false), server(i, 443, false))
		conv.RTT(time.Millisecond, time.Millisecond)
		left := c.packets / c.flows
		if i == 0 {
			left += c.packets % c.flows
		}
		return &conversation{conv: c.prepare(conv), step: (*conversation).tcp, left: left}
	}}
}

// shape describes a conversation of a mix before it is created.
type shape struct {
	step    func(*conversation)
	packets int
	port    uint16  // of the server
	weight  float64 // share of the packets left to distribute; 0 for a flow of fixed size
}

// mix is conversations that start at regular intervals.
func (c config) mix() schedule {
	shapes := c.shapes()
	return schedule{c.flows, func(i int) *conversation {
		random := rand.New(rand.NewPCG(c.seed, uint64(i)+1))
		v6 := random.IntN(5) == 0
		at := begin().Add(span / time.Duration(c.flows) * time.Duration(i))
		conv := pkttest.NewConversation(at, host(i, v6), server(random.IntN(2000), shapes[i].port, v6))
		conv.ISN(random.Uint32(), random.Uint32())
		conv.RTT(time.Duration(1+random.IntN(80))*time.Millisecond, time.Millisecond)
		return &conversation{conv: c.prepare(conv), step: shapes[i].step, left: shapes[i].packets}
	}}
}

// shapes draws the kinds and sizes of the conversations. The sizes add up to
// c.packets.
func (c config) shapes() []shape {
	random := rand.New(rand.NewPCG(c.seed, 0))
	shapes := make([]shape, c.flows)
	spare, sum := c.packets, 0.0
	for i := range shapes {
		s := &shapes[i]
		switch kind := random.IntN(100); {
		case kind < 40:
			*s = shape{(*conversation).dns, 2, 53, 0}
		case kind < 45:
			*s = shape{(*conversation).ping, 2 * (1 + random.IntN(4)), 0, 0}
		case kind < 55:
			*s = shape{(*conversation).quic, minTail, 443, 1}
		default:
			*s = shape{(*conversation).tcp, minTail, 443, 1}
		}
		if i == 0 { // receives the rounding remainder below, so it must be of variable size
			*s = shape{(*conversation).tcp, minTail, 443, 1}
		}
		s.weight *= math.Pow(1-random.Float64(), -1/tailAlpha)
		sum += s.weight
		spare -= s.packets
	}
	rest := spare
	for i := range shapes {
		more := int(float64(spare) * shapes[i].weight / sum)
		shapes[i].packets += more
		rest -= more
	}
	shapes[0].packets += rest
	return shapes
}

// prepare pads frames to the minimum length of Ethernet and sets the snap length.
func (c config) prepare(conv *pkttest.Conversation) *pkttest.Conversation {
	return conv.Over(pkttest.Eth().Pad(60)).Snap(c.snap)
}

// host returns the client address of the i-th conversation: one of 4096 hosts,
// with a new port every time.
func host(i int, v6 bool) netip.AddrPort {
	high, low, port := byte(i>>8&0x0f), byte(i), uint16(i>>12%28000+32768)
	if v6 {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte{0: 0xfd, 14: high, 15: low}), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, high, low}), port)
}

// server returns the address of the i-th server. There are four DNS servers.
func server(i int, port uint16, v6 bool) netip.AddrPort {
	if port == 53 {
		i %= 4
	}
	if v6 {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 14: byte(i >> 8), 15: byte(i)}), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), port)
}

// schedule is n conversations in order of their start.
type schedule struct {
	n    int
	make func(i int) *conversation
}

// frames yields the frames of all conversations in order of time. It creates a
// conversation when it starts, so memory is bounded by the concurrent ones.
func (s schedule) frames(yield func(pkttest.Frame) bool) {
	var live queue
	next, made := s.make(0), 1
	for next != nil || len(live) > 0 {
		if next != nil && (len(live) == 0 || !next.conv.Now().After(live[0].at)) {
			next.refill()
			heap.Push(&live, next)
			if next = nil; made < s.n {
				next = s.make(made)
				made++
			}
			continue
		}
		v := live[0]
		if !yield(v.frames[0]) {
			return
		}
		if v.advance() {
			heap.Fix(&live, 0)
		} else {
			heap.Pop(&live)
		}
	}
}
