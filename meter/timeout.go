package meter

import "weir/flow"

// idleClass says which idle timeout a flow is under.
type idleClass uint8

const (
	idleOther idleClass = iota
	idleHalfOpen
	idleClosing
	idleEstablished
	idleLinger
	idleUDP
	idleICMP
	idleClasses
)

// idleTimeouts are the timeouts in ns, by class.
func (t Timeouts) idleTimeouts() [idleClasses]int64 {
	timeouts := [idleClasses]int64{
		idleOther:       int64(t.Other),
		idleHalfOpen:    int64(t.HalfOpen),
		idleClosing:     int64(t.Closing),
		idleEstablished: int64(t.Established),
		idleLinger:      int64(t.Linger),
		idleUDP:         int64(t.UDP),
		idleICMP:        int64(t.ICMP),
	}
	for i := range timeouts {
		timeouts[i] = min(timeouts[i], maxStep)
	}
	return timeouts
}

// class is the timeout that e is under now.
func (e *entry) class() idleClass { return e.progress.class(e.key.Proto) }

// class is the timeout for a flow of proto that got there.
func (p progress) class(proto flow.Proto) idleClass {
	switch proto {
	case flow.TCP:
		return p.classTCP()
	case flow.UDP, flow.UDPLite:
		return idleUDP
	case flow.ICMP, flow.ICMPv6:
		return idleICMP
	}
	return idleOther
}

func (p progress) classTCP() idleClass {
	both := p.tcp[0] | p.tcp[1]
	switch {
	case p.bits.has(tcpFinished):
		return idleLinger
	case both.has(sentFin):
		return idleClosing
	case both.has(sentSyn) && !p.bits.has(handshakeDone):
		return idleHalfOpen
	}
	return idleEstablished
}

// isSpent reports whether a flow of class c is over or never got anywhere. Such are the
// first to be evicted when the table is full, and with them single packets: a
// flood is made of both, so a flood evicts itself.
func (c idleClass) isExpendable() bool { return c == idleLinger || c == idleHalfOpen }

// expire ends what has been silent for too long, or begins to: it reports
// whether it is done. Whoever sends meanwhile is judged by the exact time, so
// that is no hurry.
func (g *engine) expire() (done bool) {
	now := g.clock.now
	g.now = now
	done = g.flows.advance(g.table, now, expireBatch, g.due)
	done = g.cheap.advance(g.table, now, expireBatch, g.due) && done
	for g.fragments.overdue(now) {
		p, t := g.fragments.release()
		g.count(&p, t)
	}
	if g.nextExpiry = now; done {
		g.compact()
		g.nextExpiry = (now/tickNS + 1) * tickNS // the next bucket
	}
	return done
}

// due ends flows whose bucket came up, or hangs them up again. Before the first one
// changes the table, its index is asked for all of them, side by side.
func (g *engine) due(slots []uint32) {
	var hashes [decodeBatch]uint32
	for i, slot := range slots {
		hashes[i] = g.table.hash(&g.table.at(slot).key)
		g.table.sink += *g.table.home(hashes[i])
	}
	for i, slot := range slots {
		if e := g.table.at(slot); g.isIdle(e) {
			g.endHashed(slot, e, hashes[i], flow.IdleTimeout)
		} else {
			g.reschedule(slot, e)
		}
	}
}

// rehang hangs a flow up again, in the wheel that it belongs to now and for its
// present deadline.
func (g *engine) reschedule(slot uint32, e *entry) {
	g.wheelOf(e).remove(g.table, slot)
	class := e.class()
	e.bits.set(cheap, class.isExpendable() || e.bits.has(cheap) && e.isSingle())
	g.wheelOf(e).add(g.table, slot, g.deadline(e, class))
}

// deadline is when e ends unless more packets come, in the given class.
func (g *engine) deadline(e *entry, class idleClass) int64 {
	return g.now - e.silence(g.now) + g.timeout(e, class)
}

func (g *engine) isIdle(e *entry) bool { return e.silence(g.now) >= g.timeout(e, e.class()) }

// timeout is how long e, which is in the given class, may be silent. Who sends a
// SYN or a SYN-ACK again waits twice as long each time (RFC 6298, section 5.5), so the
// next one may take as long to come as all before it took: an attempt that
// nobody answers is one flow, however patient its host. It is given no longer than a
// connection.
func (g *engine) timeout(e *entry, class idleClass) int64 {
	t := g.timeouts[class]
	if class != idleHalfOpen {
		return t
	}
	return min(t+e.last-e.start, max(t, g.timeouts[idleEstablished]))
}

func (g *engine) wheelOf(e *entry) *wheel {
	if e.bits.has(cheap) {
		return g.cheap
	}
	return g.flows
}

// isSooner reports whether a packet made e a flow to end or to evict sooner than
// it hangs. What has more time now, or got dearer, is seen to when its bucket
// comes up or when it would be evicted: most flows never come that far.
func (g *engine) needsReschedule(e *entry, was progress) bool {
	if e.key.Proto != flow.TCP {
		return false // the others have one timeout all their life
	}
	class, before := e.classTCP(), was.classTCP()
	return class != before && (g.timeout(e, class) < g.timeout(e, before) || class.isExpendable() && !e.bits.has(cheap))
}

// evict makes room for one flow: a cheap one if there is any, else the one
// that is closest to its own timeout. Where flows hang may be out of date; many
// are put right on the way, then the next one must go.
func (g *engine) evict() {
	for tries := 0; ; tries++ {
		w := g.cheap
		if w.len == 0 {
			w = g.flows
		}
		slot, bucket := w.first()
		e := g.table.at(slot)
		class := e.class()
		isRight := w.isInPlace(bucket, g.deadline(e, class)) && (w == g.flows || class.isExpendable() || e.isSingle())
		if isRight || tries == evictTries {
			g.end(slot, e, flow.LackOfResources)
			return
		}
		g.reschedule(slot, e)
	}
}
