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
//
// A leap forward is not believed until leapPackets in a row ascend from there:
// one damaged or forged time must not end all flows as idle. Meanwhile time
// stands still, but packets beyond the leap are told a time of their own, so
// that what they belong to is judged as if the leap were true.
type clock struct {
	now        int64 // ns, 0 to maxTime; flows are timed by this
	ref        int64 // packet time that stands for now
	high       int64 // latest packet time of all that were believed
	behind     int   // packets in a row that were far behind ref
	beyond     int   // packets in a row beyond a leap
	lastBeyond int64 // packet time of the last of them
	started    bool

	isSteady bool // the packet before was the latest, and believed
}

// maxTime is where time ends: 146 years, or a file whose times make no sense.
const maxTime = int64(1) << 62

// packet moves the clock on to a packet of time t, and returns the time for
// the flows of this packet: now, or beyond it while a leap is not confirmed.
func (c *clock) packet(t int64) (at int64) {
	if step := t - c.ref; c.isSteady && t >= c.ref && 0 <= step && step < reorderWindow {
		c.now += step
		c.ref, c.high = t, t
		return c.now
	}
	at = c.judge(t)
	c.isSteady = c.ref == c.high && c.behind == 0 && c.beyond == 0 && c.now < maxTime/2
	return at
}

// judge is packet for a time that may not just go on from the one before.
func (c *clock) judge(t int64) (at int64) {
	if !c.started {
		*c = clock{ref: t, high: t, started: true}
		return 0
	}
	step := t - c.ref
	switch {
	case t >= c.ref:
		if step > reorderWindow && c.ref < c.high-reorderWindow && t >= c.high-reorderWindow {
			step = max(0, t-c.high) // back on the timeline that it had left
		}
		if c.isImplausible(t, step) {
			return c.now + clip(step)
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
	c.beyond = 0
	c.high = max(c.high, t)
	return c.now
}

// isUnlikely reports whether t is step beyond now in a leap that too few
// packets tell of.
func (c *clock) isImplausible(t, step int64) bool {
	if clip(step) <= maxGap {
		return false
	}
	if c.beyond > 0 && t < c.lastBeyond-reorderWindow {
		c.beyond = 0 // it contradicts those before
	}
	c.beyond++
	c.lastBeyond = t
	return c.beyond < confirmPackets
}

// isLeaping reports whether a leap waits for more packets to confirm it.
func (c *clock) hasUnconfirmed() bool { return c.beyond > 0 }

// pass lets ns of time go by without a packet.
func (c *clock) pass(ns int64) {
	if !c.started || ns <= 0 {
		return
	}
	c.advance(ns)
	c.ref += ns
	c.high = max(c.high, c.ref)
	c.isSteady = false
}

// set makes t what packets tell from now on, ns of time later than now.
func (c *clock) set(t, ns int64) {
	c.advance(ns)
	c.ref, c.behind, c.beyond = t, 0, 0
	c.high = t
	c.isSteady = false
}

// advance adds step to now.
func (c *clock) advance(step int64) { c.now = min(c.now+clip(step), maxTime) }

// clip is a step of time as far as it counts. A difference that doesn't fit in
// 63 bits comes as a negative step, and is as good as the longest one.
func clip(step int64) int64 {
	if step < 0 || step > maxStep {
		return maxStep
	}
	return step
}
