package meter

import (
	"weir/decode"
	"weir/flow"
)

// reverseFlows matches replies to flows whose requests had another VLAN or tunnel. VLANs and
// tunnels are flow keys, but some networks use different ones per direction: VXLAN and Geneve
// with symmetric routing (RFC 9135 section 4.1: each end sends with the identifier of the
// receiver), mirror sessions, provider networks, load balancers with direct server return. The
// two halves would both look unanswered.
//
// So a packet without a flow is added to a flow that differs only in VLAN and tunnel, if all
// packets of that flow went in the other direction. The same applies to the interfaces of a source:
// each port of a tap has one direction (see tap.go). This needs ports or an ICMP identifier: a
// GRE keep-alive, for example, carries its own reply.
type reverseFlows struct {
	recent  [][reverseWays]uint64     // as in the table's index, by untagged hash, the latest first
	matched map[flow.Key]flow.Key     // key of a direction → key of its flow
	hashes  [reverseSlots / 64]uint64 // Bloom filter of matched by untagged hash
	ring    []flow.Key                // keys of matched, in order of insertion; the oldest is overwritten
	next    int
}

// mayMatch reports whether k may have a flow in the reverse direction under another tag: it
// identifies a conversation, and VLANs, tunnels or several interfaces have been seen.
func (x *reverseFlows) mayMatch(k *flow.Key) bool {
	return (x.recent != nil || k.VLAN != flow.VLANs{} || k.Tunnel.Kind != flow.NoTunnel || k.Interface != 0) &&
		(k.ICMPClass != 0 || k.Proto.HasPorts() && k.PortA|k.PortB != 0)
}

// untagged returns k without VLAN, tunnel and interface.
func untagged(k *flow.Key) flow.Key {
	l := *k
	l.VLAN, l.Tunnel, l.Interface = flow.VLANs{}, flow.Tunnel{}, 0
	return l
}

// untaggedHash returns the hash of untagged(k); h is the hash of k.
func untaggedHash(tb *table, k *flow.Key, h uint32) uint32 {
	if k.VLAN == (flow.VLANs{}) && k.Tunnel == (flow.Tunnel{}) && k.Interface == 0 {
		return h
	}
	l := untagged(k)
	return tb.hash(&l)
}

// begin starts matching, at the first packet with a VLAN or tunnel. The flows so far may be the
// other direction, but if there are many, most are too old.
func (x *reverseFlows) begin(tb *table) {
	x.recent = make([][reverseWays]uint64, reverseSlots/reverseWays)
	for i := range x.recent {
		for j := range x.recent[i] {
			x.recent[i][j] = empty
		}
	}
	x.matched = make(map[flow.Key]flow.Key)
	if tb.highWater <= reverseSlots {
		for _, slot := range tb.slots() {
			k := &tb.at(slot).key
			x.note(slot, untaggedHash(tb, k, tb.hash(k)))
		}
	}
}

// note makes the flow in slot, whose untagged hash is h, available for matching.
func (x *reverseFlows) note(slot, h uint32) {
	set := &x.recent[h%(reverseSlots/reverseWays)]
	copy(set[1:], set[:])
	set[0] = uint64(h)<<32 | uint64(slot)
}

// matchedTo returns the key of the flow that k, whose untagged hash is h, was matched to.
func (x *reverseFlows) matchedTo(k *flow.Key, h uint32) (first flow.Key, ok bool) {
	if x.hashes[h%reverseSlots/64]>>(h%64)&1 != 0 {
		first, ok = x.matched[*k]
	}
	return first, ok
}

// find returns the flow that k was matched to or, if that has ended, the latest one that differs
// only in VLAN and tunnel, in either direction; if there is none, the only one at other interfaces;
// else none. h is the untagged hash of k.
func (x *reverseFlows) find(tb *table, k *flow.Key, h uint32) uint32 {
	if x.recent == nil {
		return none
	}
	if first, ok := x.matchedTo(k, h); ok {
		if slot := tb.get(&first, tb.hash(&first)); slot != none {
			return slot
		}
	}
	elsewhere, others := none, 0
	for _, place := range x.recent[h%(reverseSlots/reverseWays)] {
		slot := uint32(place)
		if uint32(place>>32) != h || slot >= tb.highWater || slot == elsewhere {
			continue
		}
		e := tb.at(slot)
		switch {
		case !e.bits.has(inUse) || untagged(&e.key) != untagged(k):
		case e.key.Interface == k.Interface:
			return slot
		default:
			elsewhere = slot
			others++
		}
	}
	if others != 1 {
		return none
	}
	return elsewhere
}

// answered returns the flow that p, whose key has no flow, belongs to: the one that its key was
// matched to, or the one that it replies to, to which it is then matched. h is the untagged hash
// of the key, t the packet time.
func (x *reverseFlows) answered(tb *table, p *decode.Packet, h uint32, t int64) uint32 {
	if x.recent == nil {
		x.begin(tb)
	}
	slot := x.find(tb, &p.Key, h)
	if slot == none {
		return none
	}
	e := tb.at(slot)
	first, again := x.matchedTo(&p.Key, h)
	if again && first == e.key {
		return slot
	}
	if e.side[sender(p)].Packets > 0 || e.key.A == e.key.B {
		return none
	}
	if e.key.Interface != p.Key.Interface && !answersElsewhere(e, p, t) {
		return none
	}
	switch {
	case again: // its place in the ring serves this flow, too
	case len(x.ring) < reverseKeys:
		x.ring = append(x.ring, p.Key)
	default:
		delete(x.matched, x.ring[x.next])
		x.ring[x.next] = p.Key
		x.next = (x.next + 1) % reverseKeys
	}
	x.matched[p.Key] = e.key
	x.hashes[h%reverseSlots/64] |= 1 << (h % 64)
	return slot
}
