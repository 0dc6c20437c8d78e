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
	switch {
	case p.bits.has(finished):
		return idleLinger
	case p.tcp[0].hasFIN() || p.tcp[1].hasFIN():
		return idleClosing
	case !p.bits.has(handshaken) && (p.tcp[0] | p.tcp[1]).has(sentSyn):
		return idleHalfOpen
	}
	return idleEstablished
}

// isSpent reports whether e is over or never got anywhere. Such flows are the
// first to be evicted when the table is full, and with them single packets: a
// flood is made of both, so a flood evicts itself.
func (e *entry) isSpent() bool {
	class := e.class()
	return class == idleLinger || class == idleHalfOpen
}
