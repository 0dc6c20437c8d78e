// Package decode turns a captured frame into what its packets say about their
// flows: addresses, ports, lengths, TCP control bits.
//
// A [Decoder] is made once and used for every frame, with one [Result] that is
// used again and again:
//
//	d := decode.New(decode.Options{})
//	var r decode.Result
//	d.Decode(frame.Link, frame.Data, frame.WireLen, frame.Interface, &r)
//	for i := range r.N {
//		use(&r.Packets[i])
//	}
//
// Decoding never fails, never panics and never allocates. It goes as deep as
// the captured octets reach; where it has to stop, [Result].Skip holds the
// [Reason], to be counted. Sizes come from the IP header or the wire length,
// never from the number of captured octets.
//
// A frame with a tunnel gives several packets, the outer one first. The key of
// an inner packet names its innermost encapsulation and holds the VLAN tags
// inside of it.
//
// Each protocol is one function that takes the captured octets from its first
// one on, and how many there were on the wire; it calls the next one and
// returns the reason of whoever stopped. What nearly every packet is made of is
// read in one go instead, see readPlain. The package keeps no state between frames:
// fragments are reported as such, not reassembled. It looks at no octet of
// payload except to recognise tunnels.
package decode

import (
	"encoding/binary"
	"math/bits"

	"weir/flow"
)

// Options change what becomes part of a key and how deep a frame is read. The
// zero value is the usual choice.
type Options struct {
	IgnoreVLAN   bool // keys hold no VLAN ids
	IgnoreTunnel bool // keys hold no tunnel; inner packets are still reported
	OuterOnly    bool // tunnels are not looked into
}

// Decoder reads frames. It holds nothing but its options, so that any number
// of goroutines may share one.
type Decoder struct {
	opts Options
}

// New returns a Decoder.
func New(opts Options) *Decoder { return &Decoder{opts: opts} }

// Decode reads frame, which starts with a header of the given link type
// (LINKTYPE_ value) and was wireLen octets long before the snap length cut it,
// into r. iface becomes Key.Interface. Whatever was in r before has no
// influence; nothing of frame is kept.
func (d *Decoder) Decode(link uint16, frame []byte, wireLen int, iface uint16, r *Result) {
	wireLen = max(wireLen, len(frame))
	if p := &r.Packets[0]; link == linkEthernet && mayBePlain(frame) && p.readPlain(frame[etherLen:], wireLen-etherLen) {
		p.Key.Interface = iface
		p.Multicast = p.Multicast || isBroadcast(frame)
		r.N, r.HasQuoted, r.Skip = 1, false, OK
		if p.HasTCP || d.opts.OuterOnly {
			return
		}
		if src, dst, b, size := p.datagram(frame[etherLen:]); mayBeTunnel(src, dst, b) {
			var w walk
			w.r, w.opts, w.iface = r, d.opts, iface
			r.Skip = w.udpTunnel(src, dst, b, size)
		}
		return
	}
	r.N, r.HasQuoted = 0, false
	var w walk // filled field by field: a literal is built apart and copied, 5 ns of 25 (Go 1.26)
	w.r, w.opts, w.iface = r, d.opts, iface
	if link == linkEthernet { // ahead of the others: nearly every source
		r.Skip = w.ethernet(frame, wireLen)
		return
	}
	r.Skip = w.link(link, frame, wireLen)
}

// walk is the way through one frame: what the headers passed so far say about
// the packets to come.
type walk struct {
	r         *Result
	end       [2]endpoint // sender and receiver of the IP header passed last, unless its packet was a plain one
	tunnel    flow.Tunnel
	vlan      flow.VLANs
	iface     uint16
	opts      Options
	hops      uint8 // EtherTypes passed
	broadcast bool  // the link layer sends it to everybody
}

// endpoint is an address as a 128-bit number, and a port. It stays in
// registers, which flow.Addr as an array does not.
type endpoint struct {
	hi, lo uint64
	port   uint16
}

// mapped is the upper half of ::ffff:a.b.c.d's lower 64 bits.
const mapped = 0xffff << 32

// seal writes sender and receiver into k in canonical order and reports whether the
// sender became B. It does what flow.Key.Canonical does as one 144-bit comparison and
// an exchange without a branch: which side sends is a coin toss that no
// predictor wins.
func seal(k *flow.Key, src, dst endpoint) (fromB bool) {
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

// link reads the frame from its link layer on, which is not Ethernet.
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
