package meter

import "weir/flow"

// idleClass selects the idle timeout of a flow.
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

// idleTimeouts returns the timeouts in ns, by class.
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

// class returns the present idle class of e.
func (e *entry) class() idleClass { return e.progress.class(e.key.Proto) }

// class returns the idle class of a flow of proto in state p.
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

// isExpendable reports whether a flow of class c is closed or never got an answer. Such flows
// are evicted first when the cache is full, and single packets with them: a flood consists of
// these, so it evicts its own flows.
func (c idleClass) isExpendable() bool { return c == idleLinger || c == idleHalfOpen }

// expire ends up to expireBatch idle flows of each wheel, and reports whether there are no more.
// A delay is harmless: packets are judged by the exact idle time.
func (g *engine) expire() (done bool) {
	now := g.clock.now
	g.now = now
	done = g.flows.advance(g.table, now, expireBatch, g.due)
	done = g.evictFirst.advance(g.table, now, expireBatch, g.due) && done
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

// due ends the flows of a bucket that came up, or reschedules them. It prefetches the index
// places of all of them before the first one changes the table.
func (g *engine) due(slots []uint32) {
	var hashes [decodeBatch]uint32
	for i, slot := range slots {
		hashes[i] = g.table.hash(&g.table.at(slot).key)
		g.table.sink += *g.table.home(hashes[i])
	}
	for i, slot := range slots {
		if e := g.table.at(slot); !g.isIdle(e) {
			g.reschedule(slot, e)
		} else if !g.keepLate(slot, e) {
			g.endHashed(slot, e, hashes[i], flow.IdleTimeout)
		}
	}
}

// reschedule moves a flow to the wheel and bucket of its present class and deadline.
func (g *engine) reschedule(slot uint32, e *entry) {
	g.wheelOf(e).remove(g.table, slot)
	class := e.class()
	e.bits.set(evictFirst, class.isExpendable() || e.bits.has(evictFirst) && e.isSingle())
	g.wheelOf(e).add(g.table, slot, g.deadline(e, class))
}

// deadline returns the time at which e expires in the given class without further packets.
func (g *engine) deadline(e *entry, class idleClass) int64 {
	t := g.timeout(e, class)
	if class == idleLinger && e.bits.has(late) {
		t = lateAfterClose
	}
	return g.now - e.silence(g.now) + t
}

func (g *engine) isIdle(e *entry) bool { return g.now >= g.deadline(e, e.class()) }

// timeout returns the idle timeout of e, which is in the given class. Retransmission timeouts of
// SYN and SYN-ACK double (RFC 6298 section 5.5), so the next attempt may take as long as all
// previous ones together: an unanswered attempt stays one flow. The maximum is the timeout of an
// established connection.
func (g *engine) timeout(e *entry, class idleClass) int64 {
	t := g.timeouts[class]
	if class != idleHalfOpen {
		return t
	}
	return min(t+e.last-e.start, max(t, g.timeouts[idleEstablished]))
}

func (g *engine) wheelOf(e *entry) *wheel {
	if e.bits.has(evictFirst) {
		return g.evictFirst
	}
	return g.flows
}

// needsReschedule reports whether a packet made e expire or become evictable earlier than
// scheduled. A later deadline, or a class that is not expendable, is handled when the bucket comes up or at
// eviction: most flows never get there.
func (g *engine) needsReschedule(e *entry, was progress) bool {
	if e.key.Proto != flow.TCP {
		return false // other protocols have one timeout
	}
	class, before := e.classTCP(), was.classTCP()
	return class != before && (g.timeout(e, class) < g.timeout(e, before) || class.isExpendable() && !e.bits.has(evictFirst))
}

// evict ends one flow: one of those to evict first, if there are any, else the one closest to its
// idle timeout. Positions in the wheels may be out of date: up to evictTries flows are rescheduled
// first.
func (g *engine) evict() {
	for tries := 0; ; tries++ {
		w := g.evictFirst
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
