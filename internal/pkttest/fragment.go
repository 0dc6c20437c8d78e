package pkttest

import "weir/flow"

// Fragments splits p at its outermost IP header into fragments with at most size
// bytes of data each, size rounded down to a multiple of 8. IPv4 fragments have
// the Identification of p; IPv6 fragments have a fragment header with
// identification 1.
func (p Packet) Fragments(size int) []Packet {
	size &^= 7
	for i, l := range p.layers {
		if _, ok := l.(ipHeader); !ok {
			continue
		}
		head, body := Packet{layers: p.layers[: i+1 : i+1]}, p.bytesFrom(i+1)
		var proto flow.Proto
		if i+1 < len(p.layers) {
			proto = p.layers[i+1].ids().proto.or(noNext)
		}
		var frags []Packet
		for at := 0; at < len(body); at += size {
			more := at+size < len(body)
			frags = append(frags, head.part(at, more).Proto(proto).Data(body[at:min(at+size, len(body))]...))
		}
		return frags
	}
	panic("pkttest: only IP packets can be fragmented")
}

// part returns the headers of the fragment at a byte offset.
func (p Packet) part(offset int, more bool) Packet {
	units := uint16(offset / 8)
	if _, ok := p.layers[len(p.layers)-1].(ipv6); ok {
		return p.Fragment(1, units, more)
	}
	if more {
		p = p.MF()
	}
	return p.Offset(units)
}
