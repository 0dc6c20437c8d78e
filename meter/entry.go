package meter

import (
	"math"

	"weir/decode"
	"weir/flow"
)

// entry is the hot part of a flow, which packets read and update: 128 bytes, two adjacent cache
// lines, without pointers. coldEntry is the rest. Per-direction fields are indexed by side, 0
// for key.A and 1 for key.B.
type entry struct {
	key  flow.Key
	seen coarseTime // clock.now at the latest packet: start of the idle timeout

	start, last int64 // packet time, ns: earliest, latest

	side [2]side
	rtt  [2]compactDuration // to the destination, to the source; see tcp.go

	progress
	icmp    flow.ICMPType // of the first message
	dir     flow.Direction
	retries uint8 // retransmitted SYNs of the source, 255 at most
}

// progress is the part of a flow that is compared before and after a packet, in one word: most
// packets leave it unchanged.
type progress struct {
	bits entryBits
	tcp  [2]tcpState // of SCTP, only the states of the handshake
}

// side is per-direction state. The excess of the counters over 32 bits is in engine.extras.
type side struct {
	Packets uint32
	octets  uint32
	payload uint32
	isn     uint32 // of its SYN; without one, what the peer's SYN-ACK acknowledged
	ipid    uint16
	flags   flow.Flags
	minTTL  uint8
}

// stream is the part of a TCP flow that its sequence numbers fill: 40 bytes, without pointers.
// Indexes are sides.
type stream struct {
	next  [2]uint32 // sequence number after the last one that the side sent; valid iff tcpState.has(hasNext)
	acked [2]uint32 // latest acknowledgment number that the side sent; valid iff tcpState.has(hasAck)
	probe
	rtt [2]roundTrips // from here to the side and back
}

// coldEntry is the part of a flow that most packets don't use.
type coldEntry struct {
	id int64
	links
}

// entryBits are the flags of an entry.
type entryBits uint16

const (
	inUse         entryBits = 1 << iota // the slot holds a flow
	srcIsB                              // the source is key.B
	dirty                               // changed since its last export
	exported                            // was exported while open
	evictFirst                          // scheduled in the wheel of flows that are evicted first
	hasError                            // an ICMP error quoted it
	hasIPIDA                            // side[0].ipid is valid
	hasIPIDB                            // side[1].ipid is valid
	handshakeDone                       // TCP: an ACK was seen after the SYNs, or there were none
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

// coarseTime is a clock time in units of 65 µs, modulo 32 bits: half the size, and precise
// enough for timeouts. Its range is 78 hours.
type coarseTime uint32

const coarseShift = 16

func coarseTimeOf(now int64) coarseTime { return coarseTime(now >> coarseShift) }

// until returns the time from m, rounded down by less than 65 µs, to now in ns.
func (m coarseTime) until(now int64) int64 {
	past := coarseTimeOf(now) - m
	return int64(past)<<coarseShift | now&(1<<coarseShift-1)
}

// compactDuration is a duration in 32 bits: in ns up to 2.1 s, in units of 256 ns up to 9
// minutes, its maximum.
type compactDuration uint32

const (
	longDuration compactDuration = 1 << 31 // flag: the unit is 1<<longShift ns
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

// src returns the side of the source.
func (e *entry) src() int {
	if e.bits.has(srcIsB) {
		return 1
	}
	return 0
}

// isSingle reports whether e has only one packet.
func (e *entry) isSingle() bool { return uint64(e.side[0].Packets)+uint64(e.side[1].Packets) <= 1 }

// silence returns the idle time of e at clock time now, in ns.
func (e *entry) silence(now int64) int64 { return e.seen.until(now) }

// sender returns the side that sent p. When a host pings itself, only the ICMP type
// distinguishes the directions.
func sender(p *decode.Packet) int {
	from := 0
	if p.FromB { // compiles to no branch, which would be unpredictable
		from = 1
	}
	if p.Reply && p.Key.A == p.Key.B {
		from = 1
	}
	return from
}

// begin initializes e for its first packet p at packet time t. add follows.
func (e *entry) begin(p *decode.Packet, t int64) {
	e.start, e.last = t, t
	if p.HasICMP {
		e.icmp = p.ICMP
	}
	e.decide(p)
}

// carries says which counters of a side wrapped.
type carries uint8

const (
	carryPackets carries = 1 << iota
	carryOctets
	carryPayload
)

// add counts p at packet time t and clock time now. It returns the counters of the sender that
// wrapped. The state of a TCP connection follows in track.
func (e *entry) add(p *decode.Packet, t, now int64) (carry carries) {
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
	if p.Flags.Has(flow.SYN) || p.Request || p.Reply || p.Multicast {
		e.redecide(p, from)
	}
	if p.Chunk != decode.ChunkData {
		e.addChunk(p, from)
	}
	s.flags |= p.Flags
	if s.octets += p.Octets; s.octets < p.Octets {
		carry |= carryOctets
	}
	if s.payload += p.Payload; s.payload < p.Payload {
		carry |= carryPayload
	}
	if s.Packets == 0 {
		carry |= carryPackets
	}
	return carry
}

// addFirst stores what the first packet of a side sets.
func (e *entry) addFirst(p *decode.Packet, from int) {
	s := &e.side[from]
	s.minTTL = p.TTL
	if p.HasIPID {
		s.ipid = uint16(p.FragID)
		e.bits |= hasIPIDA << from
	}
}

// isOf reports whether e is the flow with key k. The slot of e may be unused.
func (e *entry) isOf(k *flow.Key) bool { return isSame(&e.key, k) && e.bits.has(inUse) }

// fetch prefetches both cache lines of e.
func (e *entry) fetch() uint64 { return uint64(e.key.Proto) + uint64(e.bits) }

// backdate moves the start to an earlier packet time t, and adjusts the offsets from it.
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

// restart prepares e for its next record after the active timeout: it keeps direction, sequence
// numbers and state, and resets the counters.
func (e *entry) restart(t int64) {
	e.start, e.last = t, t
	e.retries = 0
	e.bits &^= hasIPIDA | hasIPIDB | timingSyn | timingSynAck | exported
	for i := range e.side {
		e.side[i] = side{isn: e.side[i].isn}
	}
}

func (e *entry) countRetry() {
	if e.retries < math.MaxUint8 {
		e.retries++
	}
}
