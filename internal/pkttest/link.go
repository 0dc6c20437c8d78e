package pkttest

import (
	"encoding/binary"
	"fmt"
	"net"

	"weir/flow"
)

// LINKTYPE_ numbers (tcpdump.org registry).
const (
	linkNull     = 0
	linkEthernet = 1
	linkPPP      = 9
	linkRaw      = 101
	linkSLL      = 113
	linkSLL2     = 276
)

// EtherTypes (IEEE 802 registry).
const (
	etherIPv4    = 0x0800
	etherVLAN    = 0x8100 // 802.1Q
	etherQinQ    = 0x88a8 // 802.1ad
	etherMPLS    = 0x8847
	etherPPPoE   = 0x8864 // session stage
	etherIPv6    = 0x86dd
	etherBridged = 0x6558 // an Ethernet frame inside a tunnel
	etherERSPAN2 = 0x88be
)

// etherTyped is a header with an EtherType field.
type etherTyped interface {
	withEtherType(v uint16) layer
}

// EtherType overrides the EtherType of the innermost header that has one:
// Ethernet, VLAN, SLL, GRE or Geneve.
func (p Packet) EtherType(v uint16) Packet {
	return set(p, "EtherType", func(l etherTyped) layer { return l.withEtherType(v) })
}

// ethernet is an Ethernet II header.
type ethernet struct {
	dst, src [6]byte
	next     optional[uint16]
}

// Eth starts a packet with an Ethernet header between two locally administered
// addresses, 02:00:00:00:00:01 and :02.
func Eth() Packet { return Packet{}.Eth() }

// Eth adds an Ethernet header, as carried by tunnels.
func (p Packet) Eth() Packet {
	return p.add(ethernet{src: [6]byte{0x02, 5: 1}, dst: [6]byte{0x02, 5: 2}})
}

// MAC sets the addresses of the innermost Ethernet header.
func (p Packet) MAC(src, dst string) Packet {
	return set(p, "MAC", func(l ethernet) layer {
		l.src, l.dst = mustMAC(src), mustMAC(dst)
		return l
	})
}

func mustMAC(s string) [6]byte {
	mac, err := net.ParseMAC(s)
	if err != nil || len(mac) != 6 {
		panic(fmt.Sprintf("pkttest: invalid Ethernet address %q", s))
	}
	return [6]byte(mac)
}

func (l ethernet) encode(at position, body []byte) []byte {
	b := append(l.dst[:], l.src[:]...)
	b = binary.BigEndian.AppendUint16(b, l.next.or(at.next().ether))
	return append(b, body...)
}

func (l ethernet) ids() ids                     { return ids{ether: etherBridged, proto: some[flow.Proto](143)} }
func (l ethernet) linkType() uint16             { return linkEthernet }
func (l ethernet) withEtherType(v uint16) layer { l.next = some(v); return l }

// vlan is an 802.1Q or 802.1ad tag.
type vlan struct {
	ether uint16
	tci   uint16
	next  optional[uint16]
}

// VLAN adds an 802.1Q tag. Two of them are stacked tags as used before 802.1ad.
func (p Packet) VLAN(id uint16) Packet { return p.add(vlan{ether: etherVLAN, tci: id}) }

// QinQ adds an 802.1ad service tag. It is usually followed by VLAN.
func (p Packet) QinQ(id uint16) Packet { return p.add(vlan{ether: etherQinQ, tci: id}) }

func (l vlan) encode(at position, body []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, l.tci)
	b = binary.BigEndian.AppendUint16(b, l.next.or(at.next().ether))
	return append(b, body...)
}

func (l vlan) ids() ids                     { return ids{ether: l.ether} }
func (l vlan) withEtherType(v uint16) layer { l.next = some(v); return l }

// mpls is one label stack entry (RFC 3032).
type mpls struct{ label uint32 }

// MPLS adds a label; the innermost one gets the bottom-of-stack bit.
func (p Packet) MPLS(label uint32) Packet { return p.add(mpls{label}) }

func (l mpls) encode(at position, body []byte) []byte {
	entry := l.label<<12 | 64
	if _, more := at.inner.(mpls); !more {
		entry |= 1 << 8
	}
	return append(binary.BigEndian.AppendUint32(nil, entry), body...)
}

func (l mpls) ids() ids { return ids{ether: etherMPLS, proto: some[flow.Proto](137)} }

// ppp is a PPP header, with address and control fields or within PPPoE.
type ppp struct {
	pppoe   bool
	session uint16
}

// PPP starts a packet with a PPP header (RFC 1662).
func PPP() Packet { return Packet{}.add(ppp{}) }

// PPPoE adds a PPPoE session header and the PPP protocol field (RFC 2516).
func (p Packet) PPPoE(session uint16) Packet { return p.add(ppp{true, session}) }

func (l ppp) encode(at position, body []byte) []byte {
	b := []byte{0xff, 0x03}
	if l.pppoe {
		b = []byte{0x11, 0x00}
		b = binary.BigEndian.AppendUint16(b, l.session)
		b = binary.BigEndian.AppendUint16(b, uint16(len(body)+2))
	}
	protocol := map[uint16]uint16{etherIPv4: 0x0021, etherIPv6: 0x0057, etherMPLS: 0x0281}[at.next().ether]
	return append(binary.BigEndian.AppendUint16(b, protocol), body...)
}

func (l ppp) ids() ids         { return ids{ether: etherPPPoE} }
func (l ppp) linkType() uint16 { return linkPPP }

// cooked is the Linux cooked-capture header.
type cooked struct {
	version int
	next    optional[uint16]
}

// SLL starts a packet with a Linux cooked header, version 1.
func SLL() Packet { return Packet{}.add(cooked{version: 1}) }

// SLL2 starts a packet with a Linux cooked header, version 2, with interface
// index 1.
func SLL2() Packet { return Packet{}.add(cooked{version: 2}) }

func (l cooked) encode(at position, body []byte) []byte {
	const toUs, arphrdEther, macLen = 0, 1, 6
	next := l.next.or(at.next().ether)
	mac := [8]byte{0x02, 5: 1}
	var b []byte
	if l.version == 1 {
		b = append(b, 0, toUs, 0, arphrdEther, 0, macLen)
		b = append(b, mac[:]...)
		b = binary.BigEndian.AppendUint16(b, next)
	} else {
		b = binary.BigEndian.AppendUint16(b, next)
		b = append(b, 0, 0, 0, 0, 0, 1, 0, arphrdEther, toUs, macLen)
		b = append(b, mac[:]...)
	}
	return append(b, body...)
}

func (l cooked) ids() ids                     { return ids{} }
func (l cooked) withEtherType(v uint16) layer { l.next = some(v); return l }

func (l cooked) linkType() uint16 {
	if l.version == 1 {
		return linkSLL
	}
	return linkSLL2
}

// Raw starts a packet without a link layer.
func Raw() Packet { return Packet{} }

// loopback is the BSD header: the address family in the sender's byte order.
type loopback struct{}

// Null starts a packet with a BSD loopback header, little endian.
func Null() Packet { return Packet{}.add(loopback{}) }

func (l loopback) encode(at position, body []byte) []byte {
	family := uint32(2)
	if at.next().ether == etherIPv6 {
		family = 30 // Darwin's; BSDs have 24 and 28 too
	}
	return append(binary.LittleEndian.AppendUint32(nil, family), body...)
}

func (l loopback) ids() ids         { return ids{} }
func (l loopback) linkType() uint16 { return linkNull }
