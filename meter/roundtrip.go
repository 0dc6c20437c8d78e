package meter

import (
	"math"
	"math/bits"
	"time"
)

// probe is a segment whose acknowledgment is awaited. Of both sides one is measured at a time:
// side.probing says which.
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
	n     uint16 // of samples, at most its largest value
}

// startProbe begins to measure the segment that side from has just sent, unless one is being measured.
func (e *entry) startProbe(c *coldEntry, from int, t int64) {
	now := uint32(t >> probeShift)
	if e.side[0].probing || e.side[1].probing {
		if now-c.sentAt < maxProbe {
			return
		}
		e.side[1-from].probing = false
	}
	c.probe = probe{now, e.side[from].next}
	e.side[from].probing = true
}

// endProbe measures the round trip of the segment of side from, the probe, if ack covers it.
func (e *entry) endProbe(c *coldEntry, from int, ack uint32, t int64) {
	if seqBefore(ack, c.sentTo) {
		return
	}
	e.side[from].probing = false
	if took := uint32(t>>probeShift) - c.sentAt; took < maxProbe {
		c.rtt[1-from].add(int64(took) << probeShift)
	}
}

func (r *roundTrips) add(ns int64) {
	if r.n == 0 || ns < r.least.ns() {
		r.least = shortTimeOf(ns)
	}
	if r.n < math.MaxUint16 {
		r.n++
	}
	r.mean += (float32(ns) - r.mean) / float32(r.n)
}

// times returns the shortest and the mean round trip; 0 if none was measured.
func (r *roundTrips) times() (least, mean time.Duration) {
	if r.n == 0 {
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
