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
	next    uint32 // sequence number after the last one that it sent; valid iff tcpState.has(hasNext)
	acked   uint32 // latest acknowledgment number that it sent; valid iff tcpState.has(hasAck)
	flags   flow.Flags
	minTTL  uint8
	probing bool // probe is a segment of this side
	hasIPID bool // coldEntry.ipid is valid
}

// coldEntry is the part of a flow that most packets don't use: 64 bytes, the cache line after the
// entry, without pointers. Indexes are sides.
type coldEntry struct {
	id int64
	links
	handshake [2]compactDuration // round trip to the destination, to the source; see tcp.go
	isn       [2]uint32          // of its SYN; without one, what the peer's SYN-ACK acknowledged
	ipid      [2]uint16
	check     uint16 // of the first packet: decode.Packet.Check
	replies   uint16 // interface of the replies; that of the key: they have none of their own
	probe
	rtt [2]roundTrips // from here to the side and back
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
	late                                // closed, and kept for late packets: see late.go
	lateChanged                         // packets were added since
	handshakeDone                       // TCP: an ACK was seen after the SYNs, or there were none
	lastFinB                            // TCP: the last FIN came from key.B
	tcpFinished                         // TCP: closed, only trailing packets can follow
	timingSyn                           // handshake[0] is the time from start to the last SYN
	timingSynAck                        // handshake[1] is the time from start to the last SYN-ACK
	hasServerRTT                        // handshake[0] is a round trip
	hasClientRTT                        // handshake[1] is a round trip
	hasExtra                            // it is in engine.extras
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

// add counts p, sent by side from, at packet time t and clock time now. c is the rest of e. It returns
// the counters of the side that wrapped. The state of a TCP connection follows in track.
func (e *entry) add(c *coldEntry, p *decode.Packet, from int, t, now int64) (carry carries) {
	if t < e.start {
		e.backdate(c, t)
	}
	e.last, e.seen = max(e.last, t), coarseTimeOf(now)
	s := &e.side[from]
	if s.Packets++; s.Packets == 1 {
		e.addFirst(c, p, from)
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
func (e *entry) addFirst(c *coldEntry, p *decode.Packet, from int) {
	e.side[from].minTTL = p.TTL
	if p.HasIPID {
		c.ipid[from] = uint16(p.FragID)
		e.side[from].hasIPID = true
	}
}

// isOf reports whether e is the flow with key k. The slot of e may be unused.
func (e *entry) isOf(k *flow.Key) bool { return isSame(&e.key, k) && e.bits.has(inUse) }

// fetch prefetches both cache lines of e.
func (e *entry) fetch() uint64 { return uint64(e.key.Proto) + uint64(e.bits) }

// isMeasuring reports whether packet p, one of many, begins or may end the measurement of a round trip,
// for which it needs coldEntry.
func (e *entry) isMeasuring(p *decode.Packet) bool {
	return e.side[0].probing || e.side[1].probing || p.HasTCP && p.Payload > 0
}

// backdate moves the start to an earlier packet time t, and adjusts the offsets from it.
func (e *entry) backdate(c *coldEntry, t int64) {
	earlier := e.start - t
	if e.bits.has(timingSyn) {
		c.handshake[0] = compactDurationOf(c.handshake[0].ns() + earlier)
	}
	if e.bits.has(timingSynAck) {
		c.handshake[1] = compactDurationOf(c.handshake[1].ns() + earlier)
	}
	e.start = t
}

// restart prepares e for its next record after the active timeout: it keeps direction, sequence
// numbers and state, and resets the counters.
func (e *entry) restart(t int64) {
	e.start, e.last = t, t
	e.retries = 0
	e.bits &^= timingSyn | timingSynAck | exported
	for i := range e.side {
		s := &e.side[i]
		*s = side{next: s.next, acked: s.acked, probing: s.probing}
	}
}

func (e *entry) countRetry() {
	if e.retries < math.MaxUint8 {
		e.retries++
	}
}
