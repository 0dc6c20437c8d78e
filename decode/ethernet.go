package decode

// ethernet reads an Ethernet II or IEEE 802.3 header: destination (6 octets),
// source (6), EtherType or length (2).
func (w *walk) ethernet(b []byte, wire int) Reason {
	if len(b) < 14 {
		return TruncatedLink
	}
	w.broadcast = isBroadcast(b)
	typ := be16(b[12:])
	b, wire = b[14:], wire-14
	switch typ { // the common case, checked first
	case etherIPv4:
		return w.ipv4(b, wire)
	case etherIPv6:
		return w.ipv6(b, wire)
	}
	return w.etherType(typ, b, wire)
}

// isBroadcast reports whether b starts with the broadcast MAC address.
func isBroadcast(b []byte) bool {
	return be32(b) == 0xffffffff && be16(b[4:]) == 0xffff
}

// etherType records VLAN tags, then reads the payload of the EtherType after them.
func (w *walk) etherType(typ uint16, b []byte, wire int) Reason {
	if w.depth++; w.depth > maxDepth {
		return TooDeep
	}
	for isTag(typ) {
		if len(b) < 4 {
			return TruncatedLink
		}
		w.addVLAN(be16(b) & 0x0fff)
		typ = be16(b[2:])
		b, wire = b[4:], wire-4
	}
	switch typ {
	case etherIPv4:
		return w.ipv4(b, wire)
	case etherIPv6:
		return w.ipv6(b, wire)
	case etherMPLS, etherMPLSMC:
		return w.mpls(b, wire)
	case etherPPPoE:
		return w.pppoe(b, wire)
	case etherPPP:
		return w.ppp(b, wire)
	case etherTEB:
		return w.ethernet(b, wire)
	case etherJumbo:
		return w.llc(b, wire)
	}
	if typ <= etherLLCMax {
		return w.llcOfLength(int(typ), b, wire)
	}
	return w.fabric(typ, b, wire)
}

// isTag reports whether typ is the EtherType of a VLAN tag.
func isTag(typ uint16) bool { return typ == etherVLAN || typ == etherQinQ || typ == etherQinQOld }

// notIP returns the reason for a frame with a payload other than IP.
func notIP(typ uint16) Reason {
	switch typ {
	case etherARP, etherRARP:
		return ARP
	case etherLLDP:
		return LLDP
	case etherEAPOL:
		return EAPOL
	case etherSlow:
		return SlowProtocol
	case etherPPPoED:
		return PPPoEDiscovery
	}
	return OtherEtherType
}

// addVLAN records a VLAN id, up to two of them. Id 0 is a priority tag without
// a VLAN (IEEE 802.1Q, table 9-2): it stays 0, so that the frame belongs to the
// same flow as untagged ones.
func (w *walk) addVLAN(id uint16) {
	switch {
	case w.opts.IgnoreVLAN:
	case w.vlan[0] == 0:
		w.vlan[0] = id
	case w.vlan[1] == 0:
		w.vlan[1] = id
	}
}

// llcOfLength reads an IEEE 802.2 header after a length field of value n;
// octets beyond that length are padding.
func (w *walk) llcOfLength(n int, b []byte, wire int) Reason {
	n = min(n, wire)
	return w.llc(b[:min(n, len(b))], n)
}

// llc reads an IEEE 802.2 header: DSAP, SSAP, control. Only SNAP (AA AA 03, OUI,
// EtherType) carries IP.
func (w *walk) llc(b []byte, wire int) Reason {
	switch {
	case len(b) < 3 && wire >= 3:
		return TruncatedLink
	case len(b) < 3 || b[0] != 0xaa || b[1] != 0xaa || b[2] != 0x03:
		return LLC
	case len(b) < 8 && wire >= 8:
		return TruncatedLink
	case len(b) < 8:
		return BadLink
	}
	oui := be32(b[2:]) & 0xffffff
	if oui != 0 && oui != 0x0000f8 { // RFC 1042; IEEE 802.1H bridge tunnel
		return LLC
	}
	if typ := be16(b[6:]); typ > etherLLCMax {
		return w.etherType(typ, b[8:], wire-8)
	}
	return LLC
}
