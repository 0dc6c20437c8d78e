package meter

import (
	"math"

	"weir/decode"
	"weir/flow"
)

// entry is what packets read and change of a live flow: 128 octets, two cache
// lines that lie side by side, without a pointer. The rest is in shadow. What is
// kept of each direction is indexed by side, 0 for key.A and 1 for key.B.
type entry struct {
	key  flow.Key
	seen coarseTime // clock.now at the latest packet: what timeouts count from

	start, last int64 // packet time, ns: earliest, latest

	octets [2]uint64
	side   [2]side
	rtt    [2]compactDuration // to the destination, to the source; see tcp.go

	progress
	icmp    flow.ICMPType // of the first message
	dir     flow.Direction
	retries uint8 // SYNs of the source after its first, 255 at most
}

// progress is what of a flow is compared before and after a packet, in one
// word: most leave it as it is.
type progress struct {
	bits entryBits
	tcp  [2]tcpState
}

// side is what is kept of the packets of one sender.
type side struct {
	Packets uint32 // what exceeds them is in engine.carried
	isn     uint32
	ipid    uint16
	flags   flow.Flags
	minTTL  uint8
}

// shadow is what is kept of a live flow that most packets have no use for.
type coldEntry struct {
	id int64
	links
}

// entryBits are the yes and no of an entry.
type entryBits uint16

const (
	inUse         entryBits = 1 << iota // the slot holds a flow
	srcIsB                              // the source is key.B
	dirty                               // changed since it was handed over last
	exported                            // was handed over while open
	cheap                               // hangs in the wheel of flows to evict first
	hasError                            // an ICMP error quoted it
	hasIPIDA                            // side[0].ipid is valid
	hasIPIDB                            // side[1].ipid is valid
	handshakeDone                       // TCP: somebody sent an ACK after the SYNs, or there were none
	lastFinB                            // TCP: the last FIN came from key.B
	tcpFinished                         // TCP: closed, only trailing packets can follow
	timingSyn                           // rtt[0] is the time from start to the last SYN
	timingSynAck                        // rtt[1] is the time from start to the last SYN-ACK
	hasServerRTT                        // rtt[0] is a round trip
	hasClientRTT                        // rtt[1] is a round trip
)

func (b entryBits) has(want entryBits) bool { return b&want != 0 }

func (b *entryBits) set(which entryBits, on bool) {
	if on {
		*b |= which
	} else {
		*b &^= which
	}
}

// moment is a point of clock time in units of 65 µs, without what exceeds 32
// bits: half the size, and exact enough for timeouts. It tells for 78 hours.
type coarseTime uint32

const coarseShift = 16

func coarseTimeOf(now int64) coarseTime { return coarseTime(now >> coarseShift) }

// until is the time from m, rounded down by less than 65 µs, to now in ns.
func (m coarseTime) until(now int64) int64 {
	past := coarseTimeOf(now) - m
	return int64(past)<<coarseShift | now&(1<<coarseShift-1)
}

// lapse is a length of time in 32 bits: ns up to 2.1 s, and longer ones in units
// of 256 ns up to 9 minutes, which is where it stays.
type compactDuration uint32

const (
	longDuration compactDuration = 1 << 31 // counts in units of 1<<lapseShift ns
	longShift                    = 8
)

func compactDurationOf(ns int64) compactDuration {
	switch {
	case ns < int64(longDuration):
		return compactDuration(max(ns, 0))
	case ns>>longShift < int64(longDuration):
		return compactDuration(ns>>longShift) | longDuration
	}
	return math.MaxUint32
}

func (s compactDuration) ns() int64 {
	if s&longDuration != 0 {
		return int64(s&^longDuration) << longShift
	}
	return int64(s)
}

// src is the side of the source.
func (e *entry) src() int {
	if e.bits.has(srcIsB) {
		return 1
	}
	return 0
}

// isSingle reports whether e is one packet so far.
func (e *entry) isSingle() bool { return uint64(e.side[0].Packets)+uint64(e.side[1].Packets) <= 1 }

// silence is how long e has been silent at clock time now, in ns.
func (e *entry) silence(now int64) int64 { return e.seen.until(now) }

// sender is the side that sent p. Only the message tells who is who when a
// host pings itself.
func sender(p *decode.Packet) int {
	from := 0
	if p.FromB { // no branch: which side sends is a coin toss
		from = 1
	}
	if p.Reply && p.Key.A == p.Key.B {
		from = 1
	}
	return from
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

// add counts p at packet time t, at clock time now. It reports whether the sender's
// packets are more than their counter holds: it is 0.
func (e *entry) add(p *decode.Packet, t, now int64) (overflow bool) {
	from := sender(p)
	if t < e.start {
		e.backdate(t)
	}
	e.last, e.seen = max(e.last, t), coarseTimeOf(now)
	s := &e.side[from]
	if s.Packets++; s.Packets == 1 {
		e.addFirst(p, from)
	}
	s.minTTL = min(s.minTTL, p.TTL)
	e.octets[from] += uint64(p.Octets)
	if p.Flags.Has(flow.SYN) || p.Request || p.Reply || p.Multicast {
		e.redecide(p, from)
	}
	if p.HasTCP {
		s.flags |= p.Flags
		if !e.isRoutine(p.Flags, from) {
			e.segment(p, from, t)
		}
	}
	return s.Packets == 0
}

// meet keeps what the first packet of a side tells.
func (e *entry) addFirst(p *decode.Packet, from int) {
	s := &e.side[from]
	s.minTTL = p.TTL
	if p.HasIPID {
		s.ipid = uint16(p.FragID)
		e.bits |= hasIPIDA << from
	}
}

// isOf reports whether e is the flow with key k. e may be of a slot not in use.
func (e *entry) isOf(k *flow.Key) bool { return isSame(&e.key, k) && e.bits.has(inUse) }

// fetch brings e from memory into the processor's cache: both of its lines.
func (e *entry) fetch() uint64 { return uint64(e.key.Proto) + uint64(e.bits) }

// backdate moves the start to an earlier packet time t, and leaves where they
// are the times that are counted from it.
func (e *entry) backdate(t int64) {
	earlier := e.start - t
	if e.bits.has(timingSyn) {
		e.rtt[0] = compactDurationOf(e.rtt[0].ns() + earlier)
	}
	if e.bits.has(timingSynAck) {
		e.rtt[1] = compactDurationOf(e.rtt[1].ns() + earlier)
	}
	e.start = t
}

// restart makes e the continuation of itself in a new record: it keeps who is
// who, the sequence numbers and the state, and counts from zero.
func (e *entry) restart(t int64) {
	e.start, e.last = t, t
	e.retries = 0
	e.bits &^= hasIPIDA | hasIPIDB | timingSyn | timingSynAck | exported
	e.octets = [2]uint64{}
	for i := range e.side {
		e.side[i] = side{isn: e.side[i].isn}
	}
}

func (e *entry) countRetry() {
	if e.retries < math.MaxUint8 {
		e.retries++
	}
}
