// Package decode extracts from a captured frame what its packets contribute to
// their flows: addresses, ports, lengths, TCP control bits.
//
// Create one [Decoder] and use it for every frame, with one [Result] that is
// reused:
//
//	d := decode.New(decode.Options{})
//	var r decode.Result
//	d.Decode(frame.Link, frame.Data, frame.WireLen, frame.Interface, &r)
//	for i := range r.N {
//		use(&r.Packets[i])
//	}
//
// Decoding never fails, never panics and never allocates. It goes as deep as
// the captured octets allow; where it has to stop, [Result].Skip holds the
// [Reason], for the caller to count. Sizes come from the IP header or the wire
// length, never from the number of captured octets.
//
// A tunnelled frame yields several packets, outermost first. The key of an
// inner packet has its innermost encapsulation and the VLAN tags inside that.
//
// Each protocol is one function. It takes the captured octets from its header
// on, and their number on the wire, calls the function for the next protocol and
// returns the reason why decoding stopped, or OK. The common case has a fast
// path, see decodeFast. The package keeps no state between frames: fragments are
// reported as such, not reassembled. It reads payload only to recognize tunnels.
package decode

import (
	"encoding/binary"
	"math/bits"

	"weir/flow"
)

// Options control what becomes part of a key and how deep a frame is decoded.
// The zero value keeps VLANs and tunnels and decodes inner packets.
type Options struct {
	IgnoreVLAN   bool // leave VLAN ids out of keys
	IgnoreTunnel bool // leave tunnels out of keys; inner packets are still reported
	OuterOnly    bool // report the outer packet only
}

// Decoder decodes frames. It holds only its options, so goroutines may share one.
type Decoder struct {
	opts Options
}

// New returns a Decoder with the given options.
func New(opts Options) *Decoder { return &Decoder{opts: opts} }

// Decode decodes frame into r. link is the type of the frame's first header (a
// LINKTYPE_ value), wireLen the frame's length on the wire in octets, before the
// snap length truncated it; iface becomes Key.Interface. The previous content of
// r does not matter, and r does not refer to frame afterwards.
func (d *Decoder) Decode(link uint16, frame []byte, wireLen int, iface uint16, r *Result) {
	wireLen = max(wireLen, len(frame))
	if p := &r.Packets[0]; link == linkEthernet && maybeFastFrame(frame) && p.decodeFast(frame[etherLen:], wireLen-etherLen) {
		p.Key.Interface = iface
		p.Multicast = p.Multicast || isBroadcast(frame)
		r.N, r.HasQuoted, r.Skip = 1, false, OK
		if p.HasTCP || d.opts.OuterOnly {
			return
		}
		if src, dst, b, size := p.datagram(frame[etherLen:]); maybeTunnel(src, dst, b) {
			var w walk
			w.r, w.opts, w.iface = r, d.opts, iface
			r.Skip = w.udpTunnel(src, dst, b, size)
		}
		return
	}
	r.N, r.HasQuoted = 0, false
	var w walk // set field by field: a literal is built elsewhere and copied, 5 ns of 25 (Go 1.26)
	w.r, w.opts, w.iface = r, d.opts, iface
	if link == linkEthernet { // the common case, checked first
		r.Skip = w.ethernet(frame, wireLen)
		return
	}
	r.Skip = w.link(link, frame, wireLen)
}

// walk is the state of decoding one frame: what the headers so far say about
// the packets that follow.
type walk struct {
	r         *Result
	endpoints [2]endpoint // source and destination of the latest IP header, unless it took the fast path
	tunnel    flow.Tunnel
	vlan      flow.VLANs
	iface     uint16
	opts      Options
	depth     uint8 // EtherTypes so far
	broadcast bool  // the destination MAC address is the broadcast address
}

// endpoint is an address as a 128-bit number, and a port. Unlike flow.Addr,
// which is an array, it stays in registers.
type endpoint struct {
	hi, lo uint64
	port   uint16
}

// ipv4Mapped is the upper half of the lower 64 bits of ::ffff:a.b.c.d.
const ipv4Mapped = 0xffff << 32

// setEndpoints writes src and dst into k in canonical order and reports whether
// src became B. It does what flow.Key.Canonical does, as one 144-bit comparison
// and a branchless swap: the direction of a packet is an unpredictable branch.
func setEndpoints(k *flow.Key, src, dst endpoint) (fromB bool) {
	_, borrow := bits.Sub64(uint64(dst.port), uint64(src.port), 0)
	_, borrow = bits.Sub64(dst.lo, src.lo, borrow)
	_, borrow = bits.Sub64(dst.hi, src.hi, borrow)
	mask := -borrow // all ones if dst < src
	hi, lo, port := (src.hi^dst.hi)&mask, (src.lo^dst.lo)&mask, (src.port^dst.port)&uint16(mask)
	binary.BigEndian.PutUint64(k.A[:8], src.hi^hi)
	binary.BigEndian.PutUint64(k.A[8:], src.lo^lo)
	binary.BigEndian.PutUint64(k.B[:8], dst.hi^hi)
	binary.BigEndian.PutUint64(k.B[8:], dst.lo^lo)
	k.PortA, k.PortB = src.port^port, dst.port^port
	return borrow != 0
}

// link decodes a frame of any link type but Ethernet.
func (w *walk) link(link uint16, b []byte, wire int) Reason {
	switch link {
	case linkRaw, linkRaw12, linkRaw14:
		return w.rawIP(b, wire)
	case linkIPv4:
		return w.ipv4(b, wire)
	case linkIPv6:
		return w.ipv6(b, wire)
	case linkSLL:
		return w.sll(b, wire)
	case linkSLL2:
		return w.sll2(b, wire)
	case linkNull, linkLoop:
		return w.loopback(b, wire)
	case linkPPP, linkPPPHDLC, linkCHDLC:
		return w.hdlc(b, wire)
	case linkFrame:
		return w.frameRelay(b, wire)
	case linkNFLOG:
		return w.nflog(b, wire)
	case linkPPPoE:
		return w.pppoe(b, wire)
	case linkWLAN:
		return w.wlan(b, wire, false)
	case linkRadiotap:
		return w.radiotap(b, wire)
	case linkPPI:
		return w.ppi(b, wire)
	case linkPKTAP, linkPKTAPOld:
		return w.pktap(b, wire)
	case linkIPNET:
		return w.ipnet(b, wire)
	case linkBrcmPre:
		return w.switchTag(b, wire, 0, 4)
	case linkBroadcom, linkDSA:
		return w.switchTag(b, wire, 12, 4)
	case linkEDSA:
		return w.switchTag(b, wire, 12, 8)
	}
	return w.rareLink(link, b, wire)
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
