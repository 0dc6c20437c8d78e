package meter

import (
	"math"

	"weir/decode"
	"weir/flow"
)

// extra is what few flows have: counters beyond 32 bits, losses and doubtful segments of TCP.
type extra struct {
	excess    [2]excess
	health    [2]health
	holes     [2][]hole
	hasMany   bool       // it may have up to manyHoles a side
	challenge *challenge // a RST of which what follows decides; nil: there is none
	syn       *heldSyn   // a SYN that begins a new connection if it is answered
}

// excess is what the counters of a side have beyond their 32 bits.
type excess struct{ packets, octets, payload uint64 }

// health counts the segments of a side that show losses or a slow receiver.
type health struct {
	retransmitted flow.Counters // seen before; Octets is their payload
	outOfOrder    uint64        // segments that fill a hole
	zeroWindows   uint64        // segments with a receive window of 0
}

// extra returns the extra state of e, the flow in slot, which it creates.
func (g *engine) extra(slot uint32, e *entry) *extra {
	if !e.bits.has(hasExtra) {
		e.bits |= hasExtra
		g.extras[slot] = new(extra)
	}
	return g.extras[slot]
}

// extraOf returns the extra state of e, the flow in slot; nil: it has none.
func (g *engine) extraOf(slot uint32, e *entry) *extra {
	if !e.bits.has(hasExtra) {
		return nil
	}
	return g.extras[slot]
}

// carryOver handles counters of a side that wrapped. It leaves two packets in the packet counter:
// with one, the flow would count as a single packet.
func (g *engine) carryOver(slot uint32, e *entry, side int, carry carries) {
	x := &g.extra(slot, e).excess[side]
	if carry&carryPackets != 0 {
		x.packets += math.MaxUint32 - 1
		e.side[side].Packets = 2
	}
	if carry&carryOctets != 0 {
		x.octets += 1 << 32
	}
	if carry&carryPayload != 0 {
		x.payload += 1 << 32
	}
}

// heldSyn is a SYN with another initial sequence number inside an open connection, which may be
// forged. If the peer answers it, it begins a new connection.
type heldSyn struct {
	packet decode.Packet
	time   int64
	last   int64 // entry.last before it
}
