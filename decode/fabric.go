package decode

import "weir/flow"

// fabric reads the headers that switches add to a frame, in front of it or
// inside, to carry it through their fabric. They are not tunnels: the flow is the
// same, observed on its way.
func (w *walk) fabric(typ uint16, b []byte, wire int) Reason {
	switch typ {
	case etherFabricPath: // tag and TTL (2 octets), then the frame
		return w.innerEthernet(2, b, wire)
	case etherPBB: // priority and service id (4), then the frame
		return w.innerEthernet(4, b, wire)
	case etherTRILL:
		return w.trill(b, wire)
	case etherVNTag: // direction and virtual interfaces (4), EtherType (2)
		return w.innerEtherType(4, b, wire)
	case etherETag: // priority, ports (6), EtherType (2)
		return w.innerEtherType(6, b, wire)
	case etherCMD: // version, length, options (4), EtherType (2)
		return w.innerEtherType(6, b, wire)
	case etherNSH:
		return w.nsh(b, wire)
	case etherMACsec:
		return w.macsec(b, wire)
	case etherArista:
		return w.arista(b, wire)
	case greERSPAN: // some probes send ERSPAN without GRE
		w.enterTunnel(flow.TunnelERSPAN, 0)
		return w.erspan2(b, wire)
	}
	return notIP(typ)
}

// innerEthernet reads an Ethernet frame after a header of n octets.
func (w *walk) innerEthernet(n int, b []byte, wire int) Reason {
	if len(b) < n {
		return TruncatedLink
	}
	return w.ethernet(b[n:], wire-n)
}

// innerEtherType reads an EtherType after a header of n octets, and its payload.
func (w *walk) innerEtherType(n int, b []byte, wire int) Reason {
	if len(b) < n+2 {
		return TruncatedLink
	}
	return w.payload(be16(b[n:]), b[n+2:], wire-n-2)
}

// trill reads a TRILL header (RFC 6325, section 3): version 0 (2 bits),
// reserved (2), multicast (1), options length in 4-octet units (5), hop count
// (6), egress and ingress nickname (2 octets each), options.
func (w *walk) trill(b []byte, wire int) Reason {
	if len(b) < 6 {
		return TruncatedLink
	}
	if b[0]>>6 != 0 {
		return BadLink
	}
	options := int(be16(b)>>6&0x1f) * 4
	return w.innerEthernet(6+options, b, wire)
}

// nsh reads a network service header (RFC 8300, section 2.2): version 0 (2
// bits), flags (2), TTL (6), length in 4-octet units (6), metadata type (1 octet),
// next protocol (1), service path (4), metadata.
func (w *walk) nsh(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	n := int(be16(b)&0x3f) * 4
	if b[0]>>6 != 0 || n < 8 {
		return BadLink
	}
	if len(b) < n {
		return TruncatedLink
	}
	next := b[3]
	b, wire = b[n:], wire-n
	switch next {
	case 1:
		return w.ipv4(b, wire)
	case 2:
		return w.ipv6(b, wire)
	case 3:
		if w.depth++; w.depth > maxDepth {
			return TooDeep
		}
		return w.ethernet(b, wire)
	case 5:
		return w.mpls(b, wire)
	}
	return OtherEtherType
}

// macsec reads a security tag (IEEE 802.1AE, section 9.3): version 0, end
// station, SCI present, broadcast, encrypted, changed, association (1 octet),
// short length (1), packet number (4), optional SCI (8). A frame that is only
// integrity-protected can be read; its integrity check value follows the packet.
func (w *walk) macsec(b []byte, wire int) Reason {
	const version, sci, encrypted, changed = 0x80, 0x20, 0x08, 0x04
	if len(b) < 1 {
		return TruncatedLink
	}
	n := 6
	switch flags := b[0]; {
	case flags&version != 0:
		return BadLink
	case flags&(encrypted|changed) != 0:
		return MACsec
	case flags&sci != 0:
		n += 8
	}
	return w.innerEtherType(n, b, wire)
}

// arista reads the timestamp that Arista switches insert into a frame: subtype 1
// (2 octets), version (2), whose low octet gives the timestamp's format, timestamp.
func (w *walk) arista(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	switch format := b[3]; {
	case be16(b) != 1:
		return OtherEtherType
	case format == 0x10: // seconds and nanoseconds, 32 bits each
		return w.innerEtherType(12, b, wire)
	case format == 0x20: // 16 and 32 bits
		return w.innerEtherType(10, b, wire)
	}
	return OtherEtherType
}

// switchTag reads an Ethernet frame that a switch chip passed to the CPU, with a
// tag of n octets at offset at.
func (w *walk) switchTag(b []byte, wire, at, n int) Reason {
	if len(b) < n+14 {
		return TruncatedLink
	}
	if at == 0 {
		return w.ethernet(b[n:], wire-n)
	}
	w.broadcast = isBroadcast(b)
	return w.etherType(be16(b[12+n:]), b[14+n:], wire-14-n)
}
