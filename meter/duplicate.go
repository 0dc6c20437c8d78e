package meter

import (
	"math/rand/v2"

	"weir/decode"
	"weir/flow"
)

// duplicates recognizes frames that a mirror delivers again: a switch that copies what comes in and
// what goes out passes each frame on twice. They are counted, and not added to flows.
//
// A frame is compared with recent ones of the same observation point. DESIGN.md says what has to be equal,
// and for how long: a packet that was sent twice must not be taken for one that was seen twice. As long as
// there are no copies, only the second packet of a flow is compared, with the first (isFirstAgain).
type duplicates struct {
	recent [duplicateSlots]sighting // by fingerprint, the latest of each slot
	seed   [2]uint64                // of fingerprints
	on     bool                     // all frames are compared
	since  int                      // frames since the latest duplicate
	n      uint64                   // duplicates
}

// sighting is a frame that was seen.
type sighting struct {
	fingerprint uint64
	time        int64 // packet time, ns
}

func newDuplicates() duplicates {
	return duplicates{seed: [2]uint64{rand.Uint64(), rand.Uint64()}}
}

// innermost returns the packet of r that has the checksum of the data. r has at least one packet.
func innermost(r *decode.Result) *decode.Packet { return &r.Packets[(r.N-1)%decode.MaxLayers] }

// compare is the last step of observe for the frames from index next on, while there are duplicates.
func (g *engine) compare(frames []frame, lookups []lookup, next int) {
	var twins [decodeBatch]int64 // packet times of equal frames; 0: none
	for i := range frames {
		if f := &frames[i]; f.result.N > 0 {
			twins[i] = g.duplicates.note(g.table, lookups[i].hash, &f.result, f.time)
		}
	}
	for ; next < len(frames); next++ {
		f := &frames[next]
		if twins[next] != 0 && g.isDuplicate(f, twins[next]) {
			f.result.N = 0
		}
		g.frame(f, &lookups[next])
	}
	if g.duplicates.since += len(frames); g.duplicates.since > duplicateQuiet {
		g.duplicates.on = false
	}
}

// note notes the frame with the packets of r, of packet time t. It returns the packet time of the latest
// frame that was equal, if it was seen within duplicateWindow, else 0. h is the hash of the key of the
// first packet.
func (d *duplicates) note(tb *table, h uint32, r *decode.Result, t int64) (twin int64) {
	p := innermost(r)
	if r.N > 1 {
		h ^= tb.hash(&p.Key) // with its tunnel
	}
	x := fold(uint64(h)<<32^uint64(p.FragID)<<16^uint64(p.Check)^d.seed[0], uint64(p.Seq)<<32^uint64(p.Ack)^d.seed[1])
	x ^= uint64(p.Octets)<<32 ^ uint64(p.Flags)<<24 ^ uint64(p.TTL)<<16 ^ uint64(sender(p))
	s := &d.recent[x%duplicateSlots]
	if s.fingerprint == x && isWithin(t-s.time, duplicateWindow) {
		twin = s.time
	}
	*s = sighting{x, t}
	return twin
}

func isWithin(ns, window int64) bool { return max(ns, -ns) <= window }

// isDuplicate reports whether frame f can only be a copy of the equal one that was seen at packet time twin,
// and counts it.
func (g *engine) isDuplicate(f *frame, twin int64) bool {
	p := innermost(&f.result)
	switch {
	case p.Check == 0:
		return false
	case p.HasIPID && p.FragID != 0 && !g.repeatsID(p):
	case !p.HasTCP || seqLen(p) == 0 || p.Flags.Has(flow.RST) || !isWithin(f.time-twin, duplicateWindowWithoutID):
		return false
	}
	g.duplicates.n++
	g.duplicates.since = 0
	return true
}

// repeatsID reports whether the sender of p is known to send all packets with the same Identification
// (RFC 6864 section 4.1 allows that): it identifies none of them.
func (g *engine) repeatsID(p *decode.Packet) bool {
	slot, e := g.table.find(&p.Key, g.table.hash(&p.Key))
	if e == nil {
		return false
	}
	s := &e.side[sender(p)]
	return s.Packets > 1 && s.hasIPID && g.table.cold(slot).ipid[sender(p)] == uint16(p.FragID)
}

// isFirstAgain reports whether frame f, whose first packet belongs to e, the flow in slot, is a duplicate of
// the first frame of its flow, which has no other. If so, all frames are compared from now on.
func (g *engine) isFirstAgain(f *frame, slot uint32, e *entry) bool {
	if !e.isSingle() || e.side[sender(&f.result.Packets[0])].octets != f.result.Packets[0].Octets {
		return false
	}
	p := innermost(&f.result)
	if f.result.N > 1 {
		slot, e = g.table.find(&p.Key, g.table.hash(&p.Key))
	}
	if e == nil || !e.isSingle() || !isWithin(f.time-e.start, duplicateWindow) {
		return false
	}
	from, c := sender(p), g.table.cold(slot)
	s := &e.side[from]
	isEqual := s.Packets == 1 && c.check == p.Check && s.octets == p.Octets && s.minTTL == p.TTL && s.flags == p.Flags &&
		(!p.HasIPID || c.ipid[from] == uint16(p.FragID)) &&
		(!p.HasTCP || s.next == p.Seq+seqLen(p) && (!p.Flags.Has(flow.ACK) || s.acked == p.Ack))
	if !isEqual || !g.isDuplicate(f, e.start) {
		return false
	}
	g.duplicates.on = true
	return true
}
