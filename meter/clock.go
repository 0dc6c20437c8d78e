package meter

// clock derives a monotonic time from packet timestamps. It is 0 at the first packet and
// advances with packet time.
//
// A slightly late packet (within reorderWindow) doesn't move the clock. When packets stay far
// behind (the system clock was set back, or a second file is older than the first), the clock
// continues from its present value with the steps of the new timeline: the jump ends no flow,
// and flows that are idle afterwards still time out. A jump forward that only undoes a jump back
// doesn't count as time.
//
// A gap of more than maxGap is not accepted until confirmPackets consecutive packets confirm it:
// one damaged or forged timestamp must not expire all flows. Until then the clock stands still,
// but the flows of the packets beyond the gap are timed as if it were real.
type clock struct {
	now        int64 // ns, 0 to maxTime; the time base of flow expiration
	ref        int64 // packet time that corresponds to now
	high       int64 // latest accepted packet time
	behind     int   // consecutive packets far behind ref
	beyond     int   // consecutive packets beyond an unconfirmed gap
	lastBeyond int64 // packet time of the last of these
	ahead      int64 // how much of ref passed without packets that may still come, see pass
	started    bool

	isSteady bool // the previous packet was the latest, and accepted
}

// maxTime is the upper bound of the clock, 146 years: only nonsensical timestamps get there.
const maxTime = int64(1) << 62

// packet advances the clock to a packet of time t and returns the clock time for its flows: now,
// or a later time while a gap is unconfirmed.
func (c *clock) packet(t int64) (at int64) {
	if step := t - c.ref; c.isSteady && t >= c.ref && 0 <= step && step < reorderWindow {
		c.now += step
		c.ref, c.high = t, t
		return c.now
	}
	at = c.judge(t)
	c.isSteady = c.ref == c.high && c.behind == 0 && c.beyond == 0 && c.ahead == 0 && c.now < maxTime/2
	return at
}

// judge is the slow path of packet.
func (c *clock) judge(t int64) (at int64) {
	if !c.started {
		*c = clock{ref: t, high: t, started: true}
		return 0
	}
	step := t - c.ref
	switch {
	case c.isHeldUp(step):
		c.ahead = min(c.ahead, max(0, -step))
		c.behind = 0
	case t >= c.ref:
		c.ahead = 0
		if step > reorderWindow && c.ref < c.high-reorderWindow && t >= c.high-reorderWindow {
			step = max(0, t-c.high) // back on the timeline before the jump back
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

// isImplausible reports whether t, step after now, is beyond a gap that too few packets confirm.
func (c *clock) isImplausible(t, step int64) bool {
	if clip(step) <= maxGap {
		return false
	}
	if c.beyond > 0 && t < c.lastBeyond-reorderWindow {
		c.beyond = 0 // contradicts the previous ones
	}
	c.beyond++
	c.lastBeyond = t
	return c.beyond < confirmPackets
}

// hasUnconfirmed reports whether a gap awaits confirmation.
func (c *clock) hasUnconfirmed() bool { return c.beyond > 0 }

// pass advances the clock by ns without a packet. late says that packets of that time may still
// come: then the clock stands still until they have caught up with it.
func (c *clock) pass(ns int64, late bool) {
	if !c.started || ns <= 0 {
		return
	}
	if late {
		c.ahead = min(c.ahead+clip(ns), maxAhead)
	}
	c.advance(ns)
	c.ref += ns
	c.high = max(c.high, c.ref)
	c.isSteady = false
}

// isHeldUp reports whether a packet, step after ref, is of the time that pass let go by.
func (c *clock) isHeldUp(step int64) bool {
	return c.ahead > 0 && step < 0 && step >= -c.ahead-reorderWindow
}

// set advances the clock by ns and makes t the packet time that corresponds to it.
func (c *clock) set(t, ns int64) {
	c.advance(ns)
	c.ref, c.behind, c.beyond, c.ahead = t, 0, 0, 0
	c.high = t
	c.isSteady = false
}

// advance adds step to now.
func (c *clock) advance(step int64) { c.now = min(c.now+clip(step), maxTime) }

// clip limits a step of time to maxStep. A difference that overflows 63 bits is negative, and
// treated as the longest step.
func clip(step int64) int64 {
	if step < 0 || step > maxStep {
		return maxStep
	}
	return step
}
