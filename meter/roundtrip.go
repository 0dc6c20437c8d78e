package meter

import (
	"math/bits"
	"time"
)

// probe is a segment whose acknowledgment is awaited. Of both sides one is measured at a time.
type probe struct {
	sentAt uint32 // packet time in units of 1<<probeShift ns
	sentTo uint32 // sequence number after it
}

const (
	probeShift = 6               // 64 ns: the range is 274 s
	maxProbe   = uint32(1) << 30 // 68 s: an acknowledgment that takes longer is not of a round trip
)

// roundTrips sums up the times from a segment to its acknowledgment. Of segments that are sent again
// none is measured (RFC 6298 section 3).
type roundTrips struct {
	mean  float32 // ns
	least shortTime
	n     uint16 // of samples, probesMax at most; probing is set while one is awaited
}

const (
	probing   uint16 = 1 << 15 // flag in roundTrips.n
	probesMax        = probing - 1
)

// startProbe begins to measure a segment of side from, which ends at sequence number end, unless one is
// being measured.
func (st *stream) startProbe(from int, end uint32, t int64) {
	now := uint32(t >> probeShift)
	if (st.rtt[0].n|st.rtt[1].n)&probing != 0 {
		if now-st.sentAt < maxProbe {
			return
		}
		st.rtt[0].n &^= probing
		st.rtt[1].n &^= probing
	}
	st.probe = probe{now, end}
	st.rtt[1-from].n |= probing
}

// endProbe measures the round trip of the segment of side from if ack covers it.
func (st *stream) endProbe(from int, ack uint32, t int64) {
	r := &st.rtt[1-from]
	if r.n&probing == 0 || seqBefore(ack, st.sentTo) {
		return
	}
	r.n &^= probing
	if took := uint32(t>>probeShift) - st.sentAt; took < maxProbe {
		r.add(int64(took) << probeShift)
	}
}

// cancelProbe is for a side that sends segments again: an acknowledgment may be of either.
func (st *stream) cancelProbe(from int) { st.rtt[1-from].n &^= probing }

func (r *roundTrips) add(ns int64) {
	if r.n == 0 || ns < r.least.ns() {
		r.least = shortTimeOf(ns)
	}
	r.n = min(r.n+1, probesMax)
	r.mean += (float32(ns) - r.mean) / float32(r.n)
}

// times returns the shortest and the mean round trip; 0 if none was measured.
func (r *roundTrips) times() (least, mean time.Duration) {
	if r.n&^probing == 0 {
		return 0, 0
	}
	return time.Duration(max(r.least.ns(), 1)), time.Duration(max(r.mean, 1))
}

// shortTime is a duration in 16 bits: 11 bits of mantissa, rounded down by less than 0.1 %, and an
// exponent.
type shortTime uint16

const mantissaBits = 11

func shortTimeOf(ns int64) shortTime {
	exponent := max(bits.Len64(uint64(max(ns, 0)))-mantissaBits, 0)
	return shortTime(exponent<<mantissaBits | int(ns>>exponent)&(1<<mantissaBits-1))
}

func (s shortTime) ns() int64 { return int64(s&(1<<mantissaBits-1)) << (s >> mantissaBits) }
