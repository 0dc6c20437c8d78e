package meter

import (
	"weir/decode"
	"weir/flow"
)

// fragments remembers the flow keys of first fragments, because only these have the ports. A
// later fragment is matched by source, destination and Identification (RFC 8200 section 4.5),
// for IPv4 also by protocol (RFC 791 section 3.2), within one observation point.
//
// A later fragment that arrives before its first fragment waits for it, up to holdFor and with
// at most heldFragments others; then it counts in the flow with ports 0. Nothing is reassembled
// and no payload is kept.
type fragments struct {
	known *arrivals[firstFragment] // by datagram, one each
	held  *arrivals[heldFragment]  // by datagram
}

// firstFragment is what later fragments inherit from the first.
type firstFragment struct {
	key   flow.Key
	fromB bool
	seen  int64 // clock time, ns
}

type heldFragment struct {
	packet decode.Packet
	time   int64 // packet time, ns
	seen   int64 // clock time, ns
}

func newFragments(tb *table) *fragments {
	return &fragments{known: newArrivals[firstFragment](fragEntries, tb), held: newArrivals[heldFragment](heldFragments, tb)}
}

// datagram identifies a fragmented packet: a key with A = source, B = destination, and the
// Identification in place of the ports.
type datagram = flow.Key

func datagramOf(p *decode.Packet) datagram {
	d := p.Key
	d.ICMPClass = 0
	d.PortA, d.PortB = uint16(p.FragID>>16), uint16(p.FragID)
	if !p.HasIPID { // IPv6, where a later fragment may name an extension header as protocol
		d.Proto = 0
	}
	if p.FromB {
		d.A, d.B = d.B, d.A
	}
	return d
}

// resolve sets the key of the fragment p to that of its flow. It reports false if p has to wait
// for its first fragment.
func (f *fragments) resolve(p *decode.Packet, now int64) bool {
	if !p.MayHavePorts() {
		return true
	}
	if p.FirstFrag {
		if p.HasPorts && !p.LastFrag {
			f.remember(datagramOf(p), firstFragment{key: p.Key, fromB: p.FromB, seen: now})
		}
		return true
	}
	d := datagramOf(p)
	slot := f.known.find(&d)
	if slot == none || now-f.known.at(slot).seen > fragLife {
		return false
	}
	first := f.known.at(slot)
	p.Key, p.FromB = first.key, first.fromB
	return true
}

// remember stores the flow key of a first fragment as the newest one, and replaces the oldest
// if there is no room. A repeated Identification replaces the previous entry and does not
// inherit its age.
func (f *fragments) remember(d datagram, first firstFragment) {
	if slot := f.known.find(&d); slot != none {
		f.known.remove(slot)
	} else if f.known.isFull() {
		f.known.remove(f.known.oldest())
	}
	*f.known.add(&d) = first
}

func (f *fragments) waiting() bool { return f.held.len() > 0 }
func (f *fragments) full() bool    { return f.held.isFull() }

// overdue reports whether the oldest held fragment has waited for holdFor.
func (f *fragments) overdue(now int64) bool {
	return f.waiting() && now-f.held.at(f.held.oldest()).seen >= holdFor
}

// hold stores p, of packet time t, until its first fragment arrives.
func (f *fragments) hold(p *decode.Packet, t, now int64) {
	d := datagramOf(p)
	*f.held.add(&d) = heldFragment{packet: *p, time: t, seen: now}
}

// release removes and returns the oldest held fragment.
func (f *fragments) release() (decode.Packet, int64) {
	slot := f.held.oldest()
	h := f.held.at(slot)
	f.held.remove(slot)
	return h.packet, h.time
}

// releaseFor passes the fragments that waited for first to count.
func (f *fragments) releaseFor(first *decode.Packet, count func(*decode.Packet, int64)) {
	if !f.waiting() {
		return
	}
	d := datagramOf(first)
	for slot := f.held.find(&d); slot != none; {
		h := *f.held.at(slot)
		next := f.held.after(slot)
		f.held.remove(slot)
		h.packet.Key, h.packet.FromB = first.Key, first.FromB
		count(&h.packet, h.time)
		slot = next
	}
}
