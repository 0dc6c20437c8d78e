package meter

import (
	"weir/decode"
	"weir/flow"
)

// fragments remembers the flows of first fragments, because only those have
// the ports. A later fragment is told by sender, receiver and Identification
// (RFC 8200, section 4.5), of IPv4 also by protocol (RFC 791, section 3.2), at one
// observation point.
//
// A later fragment that comes before its first one waits for it, for holdFor
// and among heldFragments at most; then it counts in the flow with ports 0.
// Nothing is reassembled and no data kept.
type fragments struct {
	known map[datagram]firstFragment
	ring  []datagram // keys of known in order of arrival; the oldest is overwritten
	next  int
	held  []heldFragment // in order of arrival
}

// datagram identifies a packet that was fragmented.
type datagram struct {
	src, dst flow.Addr
	id       uint32
	proto    flow.Proto // 0 in IPv6
	iface    uint16
	vlan     flow.VLANs
	tunnel   flow.Tunnel
}

// firstFragment is what later fragments take over from the first one.
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

func newFragments() *fragments {
	return &fragments{known: make(map[datagram]firstFragment)}
}

func datagramOf(p *decode.Packet) datagram {
	k := &p.Key
	d := datagram{src: k.A, dst: k.B, id: p.FragID, iface: k.Interface, vlan: k.VLAN, tunnel: k.Tunnel}
	if p.HasIPID { // IPv4; in IPv6 a later fragment may name an extension in place of the protocol
		d.proto = k.Proto
	}
	if p.FromB {
		d.src, d.dst = d.dst, d.src
	}
	return d
}

// resolve makes the key of the fragment p that of its flow. It is false if
// that has to wait for the first fragment.
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
	first, ok := f.known[datagramOf(p)]
	if !ok || now-first.seen > fragLife {
		return false
	}
	p.Key, p.FromB = first.key, first.fromB
	return true
}

func (f *fragments) remember(d datagram, first firstFragment) {
	if _, again := f.known[d]; !again {
		if len(f.ring) < fragEntries {
			f.ring = append(f.ring, d)
		} else {
			delete(f.known, f.ring[f.next])
			f.ring[f.next] = d
			f.next = (f.next + 1) % fragEntries
		}
	}
	f.known[d] = first
}

func (f *fragments) waiting() bool { return len(f.held) > 0 }
func (f *fragments) full() bool    { return len(f.held) >= heldFragments }

// overdue reports whether the fragment that waits longest has waited enough.
func (f *fragments) overdue(now int64) bool {
	return len(f.held) > 0 && now-f.held[0].seen >= holdFor
}

// hold keeps p, of packet time t, for its first fragment.
func (f *fragments) hold(p *decode.Packet, t, now int64) {
	f.held = append(f.held, heldFragment{packet: *p, time: t, seen: now})
}

// release gives up waiting for the first fragment of the one held longest.
func (f *fragments) release() (decode.Packet, int64) {
	h := f.held[0]
	f.held = append(f.held[:0], f.held[1:]...)
	return h.packet, h.time
}

// releaseOf gives the fragments that waited for first to count.
func (f *fragments) releaseOf(first *decode.Packet, count func(*decode.Packet, int64)) {
	if len(f.held) == 0 {
		return
	}
	d := datagramOf(first)
	left := f.held[:0]
	for _, h := range f.held {
		if datagramOf(&h.packet) != d {
			left = append(left, h)
			continue
		}
		h.packet.Key, h.packet.FromB = first.Key, first.FromB
		count(&h.packet, h.time)
	}
	f.held = left
}
