package pkttest

import (
	"fmt"
	"slices"
	"time"

	"weir/flow"
)

// Packet is a stack of layers, outermost first. The zero Packet has none.
type Packet struct {
	layers []layer
	pad    int // shortest length of the whole, in octets
}

// layer is one header of a packet, a plain value.
type layer interface {
	// wrap returns the header followed by body, which is what the layers
	// inside became.
	wrap(at place, body []byte) []byte

	// names says how an enclosing header announces this layer.
	names() names
}

// names are the numbers by which other layers announce a layer; zero where
// they can't.
type names struct {
	ether uint16          // EtherType
	proto lie[flow.Proto] // IP protocol, next header; 0 is one
}

// place is where a layer stands in its packet.
type place struct {
	outer []layer // the layers around it, outermost first
	inner layer   // the layer directly inside, nil if there is none
}

// next names the layer directly inside.
func (at place) next() names {
	if at.inner == nil {
		return names{}
	}
	return at.inner.names()
}

// lie is a field that has a right value, unless the caller told another one.
type lie[T any] struct {
	value T
	told  bool
}

func tell[T any](value T) lie[T] { return lie[T]{value, true} }

func (l lie[T]) or(truth T) T {
	if l.told {
		return l.value
	}
	return truth
}

// Bytes returns the packet's octets.
func (p Packet) Bytes() []byte {
	b := p.bytesFrom(0)
	if missing := p.pad - len(b); missing > 0 {
		b = append(b, make([]byte, missing)...)
	}
	return b
}

// Pad fills the frame up with zeros to at least n octets, behind all layers:
// 60 is what an Ethernet card does, the check sequence not counted.
func (p Packet) Pad(n int) Packet {
	p.pad = n
	return p
}

// bytesFrom returns the octets of the layers from index first on.
func (p Packet) bytesFrom(first int) []byte {
	var body []byte
	for i := len(p.layers) - 1; i >= first; i-- {
		at := place{outer: p.layers[:i]}
		if i+1 < len(p.layers) {
			at.inner = p.layers[i+1]
		}
		body = p.layers[i].wrap(at, body)
	}
	return body
}

// Link returns the LINKTYPE_ number of the outermost layer: 1 for Ethernet,
// 101 for raw IP.
func (p Packet) Link() uint16 {
	if len(p.layers) > 0 {
		if l, ok := p.layers[0].(interface{ linkType() uint16 }); ok {
			return l.linkType()
		}
	}
	return linkRaw
}

// Frame returns the packet as captured at time t.
func (p Packet) Frame(t time.Time) Frame {
	b := p.Bytes()
	return Frame{Time: t, Data: b, WireLen: len(b), Link: p.Link()}
}

// Frame is one captured frame.
type Frame struct {
	Time    time.Time
	Data    []byte // captured octets, from the link layer on
	WireLen int    // octets on the wire
	Link    uint16 // LINKTYPE_ number of what Data starts with
}

// Snap returns the frame as a capture with a snap length of n octets has it.
func (f Frame) Snap(n int) Frame {
	if n < len(f.Data) {
		f.Data = slices.Clone(f.Data[:n])
	}
	return f
}

// add returns p with l inside.
func (p Packet) add(l layer) Packet {
	return Packet{append(slices.Clip(p.layers), l), p.pad}
}

// set returns p with its innermost layer of type L replaced by change of it. L
// may be an interface: then the innermost layer that satisfies it is meant.
func set[L any](p Packet, field string, change func(L) layer) Packet {
	for i := len(p.layers) - 1; i >= 0; i-- {
		if l, ok := p.layers[i].(L); ok {
			layers := slices.Clone(p.layers)
			layers[i] = change(l)
			return Packet{layers, p.pad}
		}
	}
	panic(fmt.Sprintf("pkttest: no layer of this packet has a field %s", field))
}

// data is payload: octets without a header.
type data []byte

func (d data) wrap(_ place, body []byte) []byte { return slices.Concat(d, body) }
func (d data) names() names                     { return names{} }

// Payload adds n zero octets.
func (p Packet) Payload(n int) Packet { return p.add(data(make([]byte, n))) }

// Data adds the octets b.
func (p Packet) Data(b ...byte) Packet { return p.add(data(b)) }
