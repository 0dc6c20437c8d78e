package pkttest

import (
	"fmt"
	"slices"
	"time"

	"weir/flow"
)

// Packet is a stack of layers, outermost first. The zero Packet has no layers.
type Packet struct {
	layers []layer
	pad    int // minimum length in bytes
}

// layer is one header of a packet. It is a plain value.
type layer interface {
	// encode returns the header followed by body, the encoded inner layers.
	encode(at position, body []byte) []byte

	// ids returns the numbers that identify this layer in an enclosing header.
	ids() ids
}

// ids holds the numbers that identify a layer in an enclosing header; zero values
// if it has none.
type ids struct {
	ether uint16               // EtherType
	proto optional[flow.Proto] // IP protocol or Next Header; optional because 0 is valid
}

// position is the position of a layer in its packet.
type position struct {
	outer []layer // enclosing layers, outermost first
	inner layer   // the next inner layer; nil if there is none
}

// next returns the ids of the next inner layer.
func (at position) next() ids {
	if at.inner == nil {
		return ids{}
	}
	return at.inner.ids()
}

// optional is a value that may be set, such as an overridden header field.
type optional[T any] struct {
	value T
	set   bool
}

func some[T any](value T) optional[T] { return optional[T]{value, true} }

// or returns the value, or fallback if it is not set.
func (o optional[T]) or(fallback T) T {
	if o.set {
		return o.value
	}
	return fallback
}

// Bytes returns the encoded packet.
func (p Packet) Bytes() []byte {
	b := p.bytesFrom(0)
	if missing := p.pad - len(b); missing > 0 {
		b = append(b, make([]byte, missing)...)
	}
	return b
}

// Pad appends zeros to the frame up to n bytes. Ethernet cards pad to 60 bytes,
// excluding the frame check sequence.
func (p Packet) Pad(n int) Packet {
	p.pad = n
	return p
}

// bytesFrom encodes the layers from index first on.
func (p Packet) bytesFrom(first int) []byte {
	var body []byte
	for i := len(p.layers) - 1; i >= first; i-- {
		at := position{outer: p.layers[:i]}
		if i+1 < len(p.layers) {
			at.inner = p.layers[i+1]
		}
		body = p.layers[i].encode(at, body)
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
	Data    []byte // captured bytes, from the link layer on
	WireLen int    // length on the wire in bytes
	Link    uint16 // LINKTYPE_ number of Data
}

// Snap returns the frame as captured with a snap length of n bytes.
func (f Frame) Snap(n int) Frame {
	if n < len(f.Data) {
		f.Data = slices.Clone(f.Data[:n])
	}
	return f
}

// add returns p with l as its new innermost layer.
func (p Packet) add(l layer) Packet {
	return Packet{append(slices.Clip(p.layers), l), p.pad}
}

// set returns p with its innermost layer of type L replaced by the result of
// change. L may be an interface. set panics if there is no such layer.
func set[L any](p Packet, field string, change func(L) layer) Packet {
	for i := len(p.layers) - 1; i >= 0; i-- {
		if l, ok := p.layers[i].(L); ok {
			layers := slices.Clone(p.layers)
			layers[i] = change(l)
			return Packet{layers, p.pad}
		}
	}
	panic(fmt.Sprintf("pkttest: no layer of the packet has the field %s", field))
}

// data is payload without a header.
type data []byte

func (d data) encode(_ position, body []byte) []byte { return slices.Concat(d, body) }
func (d data) ids() ids                              { return ids{} }

// Payload adds n zero bytes.
func (p Packet) Payload(n int) Packet { return p.add(data(make([]byte, n))) }

// Data adds the bytes b.
func (p Packet) Data(b ...byte) Packet { return p.add(data(b)) }
