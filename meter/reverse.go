package meter

import (
	"weir/decode"
	"weir/flow"
)

// pairs find the flow of answers that come back under another VLAN or in
// another tunnel than the question. VLANs and tunnels keep flows apart, but some
// networks give each direction its own: VXLAN and Geneve where both ends route
// (RFC 9135 section 4.1: each sends with the receiver's identifier), sessions of a
// mirror, provider networks, load balancers whose servers answer past the
// tunnel. Two halves would both look unanswered.
//
// So a packet whose flow is not known joins one that is the same but for VLAN
// and tunnel, if until then all of that flow's packets went the other way. It
// takes ports or an ICMP identifier to tell that: of GRE between two hosts, a
// keep-alive has its own answer inside.
type reverseFlows struct {
	recent  [][reverseWays]uint64     // places as in the table's index, by loose hash, the latest first
	matched map[flow.Key]flow.Key     // key of a direction: key of its flow
	hashes  [reverseSlots / 64]uint64 // a bit for each loose hash of joined: most keys need no look into the map
	ring    []flow.Key                // keys of joined in order of arrival; the oldest is overwritten
	next    int
}

// isLoose reports whether k may have a counterpart: it names a conversation,
// and has a VLAN or a tunnel, or other flows had.
func (x *reverseFlows) mayMatch(k *flow.Key) bool {
	return (x.recent != nil || k.VLAN != flow.VLANs{} || k.Tunnel.Kind != flow.NoTunnel) &&
		(k.ICMPClass != 0 || k.Proto.HasPorts() && k.PortA|k.PortB != 0)
}

// loose is k without what may differ by direction.
func untagged(k *flow.Key) flow.Key {
	l := *k
	l.VLAN, l.Tunnel = flow.VLANs{}, flow.Tunnel{}
	return l
}

// looseHash is the hash of loose(k), where h is that of k.
func untaggedHash(tb *table, k *flow.Key, h uint32) uint32 {
	if k.VLAN == (flow.VLANs{}) && k.Tunnel == (flow.Tunnel{}) {
		return h
	}
	l := untagged(k)
	return tb.hash(&l)
}

// begin is called at the first VLAN or tunnel there is. A question may have
// gone out without; where there were many flows that is long ago for most.
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

// note makes the flow in slot, whose loose hash is h, one that others may join.
func (x *reverseFlows) note(slot, h uint32) {
	set := &x.recent[h%(reverseSlots/reverseWays)]
	copy(set[1:], set[:])
	set[0] = uint64(h)<<32 | uint64(slot)
}

// joinedTo is the key of the flow that k, whose loose hash is h, was joined to.
func (x *reverseFlows) matchedTo(k *flow.Key, h uint32) (first flow.Key, ok bool) {
	if x.hashes[h%reverseSlots/64]>>(h%64)&1 != 0 {
		first, ok = x.matched[*k]
	}
	return first, ok
}

// find returns the flow that k was joined to, or else, and once that has ended,
// the latest one that is the same but for VLAN and tunnel; none if there is none.
// It need not be an answer's. h is the loose hash of k.
func (x *reverseFlows) find(tb *table, k *flow.Key, h uint32) uint32 {
	if x.recent == nil {
		return none
	}
	if first, ok := x.matchedTo(k, h); ok {
		if slot := tb.get(&first, tb.hash(&first)); slot != none {
			return slot
		}
	}
	for _, place := range x.recent[h%(reverseSlots/reverseWays)] {
		slot := uint32(place)
		if uint32(place>>32) == h && slot < tb.highWater && tb.at(slot).bits.has(inUse) && untagged(&tb.at(slot).key) == untagged(k) {
			return slot
		}
	}
	return none
}

// answered returns the flow that p, of a key that has none, is of: one that
// its key was joined to, or that it answers. Then its key is joined to that. h is
// the loose hash of its key.
func (x *reverseFlows) answered(tb *table, p *decode.Packet, h uint32) uint32 {
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
	switch {
	case again: // its place in the ring is good for this flow, too
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
