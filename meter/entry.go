package meter

import (
	"math"

	"weir/decode"
	"weir/flow"
)

// entry is one live flow: 168 octets without a pointer. What is kept of each
// direction is indexed by side, 0 for key.A and 1 for key.B.
type entry struct {
	key    flow.Key
	icmp   flow.ICMPType // of the first message
	bucket uint16        // of the wheel
	id     int64

	start, last int64 // packet time, ns: earliest, latest
	seen        int64 // clock.now at the latest packet: what timeouts count from

	side [2]side
	rtt  [2]int64 // ns: to the destination, to the source; see tcp.go

	next, prev uint32 // slots: ring of the wheel's bucket, or free list
	bits       entryBits
	retries    uint16 // SYNs of the source after its first
	tcp        [2]tcpState
	dir        flow.Direction
	idle       idleClass
}

// side is what is kept of the packets of one sender.
type side struct {
	flow.Counters
	isn    uint32
	ipid   uint16
	flags  flow.Flags
	minTTL uint8
}

// entryBits are the yes and no of an entry.
type entryBits uint16

const (
	srcIsB       entryBits = 1 << iota // the source is key.B
	dirty                              // changed since it was handed over last
	listed                             // of the slot: it stands in engine.dirty
	cheap                              // hangs in the wheel of flows to evict first
	hasError                           // an ICMP error quoted it
	hasIPIDA                           // side[0].ipid is valid
	hasIPIDB                           // side[1].ipid is valid
	handshaken                         // TCP: somebody sent an ACK after the SYNs, or there were none
	lastFinB                           // TCP: the last FIN came from key.B
	finished                           // TCP: closed, only trailing packets can follow
	timedSyn                           // rtt[0] is the time of the last SYN
	timedSynAck                        // rtt[1] is the time of the last SYN-ACK
	hasServerRTT                       // rtt[0] is a duration
	hasClientRTT                       // rtt[1] is a duration
)

func (b entryBits) has(want entryBits) bool { return b&want != 0 }

func (b *entryBits) set(which entryBits, on bool) {
	if on {
		*b |= which
	} else {
		*b &^= which
	}
}

// src is the side of the source.
func (e *entry) src() int {
	if e.bits.has(srcIsB) {
		return 1
	}
	return 0
}

// packets is the number of packets in both directions.
func (e *entry) packets() uint64 { return e.side[0].Packets + e.side[1].Packets }

// sender is the side that sent p. Only the message tells who is who when a
// host pings itself.
func sender(p *decode.Packet) int {
	if p.FromB || p.Reply && p.Key.A == p.Key.B {
		return 1
	}
	return 0
}

// begin makes e the flow of its first packet p, seen at packet time t. add
// follows.
func (e *entry) begin(p *decode.Packet, t int64) {
	e.start, e.last = t, t
	if p.HasICMP {
		e.icmp = p.ICMP
	}
	e.decide(p)
}

// add counts p, of packet time t, at clock time now.
func (e *entry) add(p *decode.Packet, t, now int64) {
	e.start, e.last, e.seen = min(e.start, t), max(e.last, t), now
	from := sender(p)
	s := &e.side[from]
	if has := hasIPIDA << from; p.HasIPID && !e.bits.has(has) {
		s.ipid = uint16(p.FragID)
		e.bits.set(has, true)
	}
	if s.Packets == 0 || p.TTL < s.minTTL {
		s.minTTL = p.TTL
	}
	s.Packets++
	s.Octets += uint64(p.Octets)
	e.redecide(p)
	if p.HasTCP {
		e.addTCP(p, from, t)
	}
}

// restart makes e the continuation of itself in a new record: it keeps who is
// who, the sequence numbers and the state, and counts from zero.
func (e *entry) restart(t int64) {
	e.start, e.last = t, t
	e.retries = 0
	e.bits &^= hasIPIDA | hasIPIDB
	for i := range e.side {
		e.side[i] = side{isn: e.side[i].isn}
	}
}

func (e *entry) countRetry() {
	if e.retries < math.MaxUint16 {
		e.retries++
	}
}
