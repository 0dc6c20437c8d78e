package meter

import (
	"weir/decode"
	"weir/flow"
)

// history is what the engine knows about the time before the first packet of a flow.
type history struct {
	previous previousSources
	since    []int64 // clock time from which an interface was observed without a gap, by interface; unobserved: not yet
}

const unobserved = int64(-1)

// useHistory lets the past decide the source of e, which p with hash h just began, if that is more
// reliable than p and the ports.
//
// A flow of a protocol with a handshake that begins without it is the rest of an earlier one. Of
// others the first packet is the start of the flow, if the interface was observed for longer than
// the idle timeout and no flow was forgotten early.
func (g *engine) useHistory(e *entry, p *decode.Packet, h uint32) {
	observed := g.observedFor(p.Key.Interface)
	if hasHandshake(p.Key.Proto) {
		if side, ok := g.history.previous.source(h); ok && flow.ByPreviousFlow.StrongerThan(e.dir) {
			e.setSource(side, flow.ByPreviousFlow)
		}
		return
	}
	if flow.ByFlowStart.StrongerThan(e.dir) && observed >= g.timeouts[e.class()] {
		e.setSource(sender(p), flow.ByFlowStart)
	}
}

// observedFor returns for how long an interface, which has a packet now, has been observed.
func (g *engine) observedFor(iface uint16) int64 {
	for int(iface) >= len(g.history.since) {
		g.history.since = append(g.history.since, unobserved)
	}
	since := &g.history.since[iface]
	if *since == unobserved {
		*since = g.clock.now
	}
	return g.clock.now - *since
}

// noteGap notes that packets of any interface may have been missed.
func (g *engine) noteGap() {
	for i := range g.history.since {
		g.history.since[i] = unobserved
	}
}

// remember notes the end of e, whose hash is h, for flows that begin later.
func (g *engine) remember(e *entry, h uint32, why flow.EndReason) {
	if why != flow.IdleTimeout && why != flow.LackOfResources {
		return
	}
	switch {
	case hasHandshake(e.key.Proto):
		if e.mayContinue() && !flow.ByPreviousFlow.StrongerThan(e.dir) {
			g.history.previous.note(h, e.src())
		}
	case why == flow.LackOfResources:
		g.history.since[e.key.Interface] = g.clock.now // its next packet is not its first
	}
}

// mayContinue reports whether e, of a protocol with a handshake, may still have packets: it was
// answered and is not closed.
func (e *entry) mayContinue() bool {
	if e.key.Proto == flow.TCP {
		return e.bits.has(handshakeDone) && !e.bits.has(tcpFinished)
	}
	return !e.isSingle()
}

// previousSources remembers the sources of connections that were silent for longer than the idle
// timeout, or evicted, in case they continue: 4 bytes each, for the latest of each set of equal
// hash bits. A place is the hash, with the side of the source in place of the lowest bit; 0 is
// empty. Another key is taken for a remembered one with a probability of 1 in 65,000 at
// most, when all sets are full. The ports alone are wrong more often.
type previousSources struct {
	sets [][previousWays]uint32 // 1<<bits
	bits int                    // minPreviousBits to maxPreviousBits
}

// source returns the side of the source of the latest flow with hash h.
func (s *previousSources) source(h uint32) (side int, ok bool) {
	if s.sets == nil {
		return 0, false
	}
	h = max(h, 2)
	for _, place := range s.set(h) {
		if place&^1 == h&^1 {
			return int(place & 1), true
		}
	}
	return 0, false
}

func (s *previousSources) set(h uint32) *[previousWays]uint32 { return &s.sets[h>>(32-s.bits)] }

// note remembers the side of the source of the flow with hash h.
func (s *previousSources) note(h uint32, side int) {
	if s.sets == nil {
		s.resize(minPreviousBits)
	}
	h = max(h, 2)
	set := s.set(h)
	i := 0
	for i < previousWays-1 && set[i] != 0 && set[i]&^1 != h&^1 {
		i++
	}
	if set[i] != 0 && set[i]&^1 != h&^1 && s.bits < maxPreviousBits {
		s.grow()
		s.note(h, side)
		return
	}
	copy(set[1:i+1], set[:i])
	set[0] = h&^1 | uint32(side)
}

func (s *previousSources) resize(bits int) {
	s.bits = bits
	s.sets = make([][previousWays]uint32, 1<<bits)
}

// grow doubles the number of sets.
func (s *previousSources) grow() {
	old := s.sets
	s.resize(s.bits + 1)
	for _, set := range old {
		for i := previousWays - 1; i >= 0; i-- {
			if place := set[i]; place != 0 {
				s.note(place, int(place&1))
			}
		}
	}
}
