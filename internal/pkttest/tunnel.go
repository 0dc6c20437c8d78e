package pkttest

import (
	"encoding/binary"

	"weir/flow"
)

// IPIP, 6in4 and Teredo need no separate layer: they are an IP header directly
// inside another IP header or UDP.

// gre is a GRE header (RFC 2784) with an optional key (RFC 2890).
type gre struct {
	key  optional[uint32]
	next optional[uint16]
}

// GRE adds a GRE header without key.
func (p Packet) GRE() Packet { return p.add(gre{}) }

// GREKey adds a GRE header with a key.
func (p Packet) GREKey(key uint32) Packet { return p.add(gre{key: some(key)}) }

func (l gre) encode(at position, body []byte) []byte {
	const keyPresent, seqPresent = 0x2000, 0x1000
	var flags uint16
	var b []byte
	if l.key.set {
		flags |= keyPresent
		b = binary.BigEndian.AppendUint32(b, l.key.value)
	}
	if _, ok := at.inner.(erspan); ok { // type II always has a sequence number
		flags |= seqPresent
		b = binary.BigEndian.AppendUint32(b, 1)
	}
	head := binary.BigEndian.AppendUint16(nil, flags)
	head = binary.BigEndian.AppendUint16(head, l.next.or(at.next().ether))
	return append(append(head, b...), body...)
}

func (l gre) ids() ids                     { return ids{proto: some(flow.GRE)} }
func (l gre) withEtherType(v uint16) layer { l.next = some(v); return l }

// erspan is an ERSPAN type II header (draft-foschiano-erspan-03).
type erspan struct{ session uint16 }

// ERSPAN adds an ERSPAN type II header, for use between GRE and Eth.
func (p Packet) ERSPAN(session uint16) Packet { return p.add(erspan{session}) }

func (l erspan) encode(_ position, body []byte) []byte {
	const versionII = 1
	b := binary.BigEndian.AppendUint16(nil, versionII<<12)
	b = binary.BigEndian.AppendUint16(b, l.session&0x3ff)
	return append(append(b, 0, 0, 0, 0), body...)
}

func (l erspan) ids() ids { return ids{ether: etherERSPAN2} }

// vxlan is a VXLAN header (RFC 7348).
type vxlan struct{ vni uint32 }

// VXLAN adds a VXLAN header, for use between UDP port 4789 and Eth.
func (p Packet) VXLAN(vni uint32) Packet { return p.add(vxlan{vni}) }

func (l vxlan) encode(_ position, body []byte) []byte {
	b := []byte{0x08, 0, 0, 0} // the VNI is valid
	return append(binary.BigEndian.AppendUint32(b, l.vni<<8), body...)
}

func (l vxlan) ids() ids { return ids{} }

// geneve is a Geneve header (RFC 8926).
type geneve struct {
	vni     uint32
	options []byte
	next    optional[uint16]
}

// Geneve adds a Geneve header, for use between UDP port 6081 and Eth or IP.
func (p Packet) Geneve(vni uint32) Packet { return p.add(geneve{vni: vni}) }

func (l geneve) encode(at position, body []byte) []byte {
	b := []byte{uint8(len(l.options) / 4), 0}
	b = binary.BigEndian.AppendUint16(b, l.next.or(at.next().ether))
	b = binary.BigEndian.AppendUint32(b, l.vni<<8)
	return append(append(b, l.options...), body...)
}

func (l geneve) ids() ids                     { return ids{} }
func (l geneve) withEtherType(v uint16) layer { l.next = some(v); return l }
func (l geneve) withOptions(b []byte) layer   { l.options = b; return l }

// gtpu is a GTP-U header (3GPP TS 29.281).
type gtpu struct{ teid uint32 }

// GTPU adds a GTP-U header of a G-PDU, for use between UDP port 2152 and IP.
func (p Packet) GTPU(teid uint32) Packet { return p.add(gtpu{teid}) }

func (l gtpu) encode(_ position, body []byte) []byte {
	const version1, gpdu = 0x30, 0xff
	b := []byte{version1, gpdu}
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	return append(binary.BigEndian.AppendUint32(b, l.teid), body...)
}

func (l gtpu) ids() ids { return ids{} }

// etherIP is an EtherIP header (RFC 3378).
type etherIP struct{}

// EtherIP adds an EtherIP header, for use between IP and Eth.
func (p Packet) EtherIP() Packet { return p.add(etherIP{}) }

func (l etherIP) encode(_ position, body []byte) []byte { return append([]byte{0x30, 0}, body...) }

func (l etherIP) ids() ids { return ids{proto: some[flow.Proto](97)} }
