package meter

// clock makes a time that never runs backwards out of packet times. It is 0 at
// the first packet and goes on with packet time as long as that ascends.
//
// A packet that is a little late (reorderWindow) leaves the clock where it is.
// When packets stay far behind (the clock of the machine was set back, or a
// second file is older than the first), time goes on from where it was with
// the steps of the new timeline: nothing ends because of the jump, and what is
// silent from then on still ends. A jump forward that only undoes a jump back
// doesn't count as time either.
type clock struct {
	now     int64 // ns, 0 to maxTime; flows are timed by this
	ref     int64 // packet time that stands for now
	high    int64 // latest packet time of all
	behind  int   // packets in a row that were far behind ref
	started bool
}

// maxTime is where time ends: 146 years, or a file whose times make no sense.
const maxTime = int64(1) << 62

// packet moves the clock on to a packet of time t.
func (c *clock) packet(t int64) {
	if !c.started {
		*c = clock{ref: t, high: t, started: true}
		return
	}
	step := t - c.ref
	switch {
	case t >= c.ref:
		if step > reorderWindow && c.ref < c.high-reorderWindow && t >= c.high-reorderWindow {
			step = max(0, t-c.high) // back on the timeline that it had left
		}
		c.advance(step)
		c.ref, c.behind = t, 0
	case step >= -reorderWindow:
		c.behind = 0
	default:
		if c.behind++; c.behind >= stepPackets {
			c.ref, c.behind = t, 0
		}
	}
	c.high = max(c.high, t)
}

// pass lets ns of time go by without a packet.
func (c *clock) pass(ns int64) {
	if !c.started || ns <= 0 {
		return
	}
	c.advance(ns)
	c.ref += ns
	c.high = max(c.high, c.ref)
}

// advance adds step to now. A difference that doesn't fit in 63 bits comes as
// a negative step, and is as good as the longest one.
func (c *clock) advance(step int64) {
	if step < 0 || step > maxTime-c.now {
		step = maxTime - c.now
	}
	c.now += step
}
