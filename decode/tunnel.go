package decode

import "weir/flow"

// enter notes that what follows travels in a tunnel: with its own VLAN tags,
// if any, and under the tunnel's name.
func (w *walk) enter(kind flow.TunnelKind, id uint32) {
	w.vlan, w.broadcast = flow.VLANs{}, false
	if !w.opts.IgnoreTunnel {
		w.tunnel = flow.Tunnel{Kind: kind, ID: id}
	}
}

// ipTunnel looks into a packet whose IP protocol is an encapsulation. Its own
// key is sealed.
func (w *walk) ipTunnel(proto flow.Proto, b []byte, size int) Reason {
	if w.opts.OuterOnly {
		return OK
	}
	switch proto {
	case flow.IPIP:
		w.enter(flow.TunnelIPIP, 0)
		return w.ipv4(b, size)
	case flow.IPv6:
		w.enter(flow.Tunnel6in4, 0)
		return w.ipv6(b, size)
	case protoEtherIP:
		return w.etherIP(b, size)
	case protoEthernet:
		w.enter(flow.TunnelEtherIP, 0)
		return w.ethernet(b, size)
	case protoMPLS:
		w.enter(flow.TunnelMPLS, 0)
		return w.mpls(b, size)
	}
	return w.gre(b, size)
}

// etherIP reads the EtherIP header (RFC 3378), version 3 and twelve zero bits.
func (w *walk) etherIP(b []byte, size int) Reason {
	if len(b) < 2 {
		return cutTunnel(2, size)
	}
	if be16(b) != 0x3000 {
		return BadTunnel
	}
	w.enter(flow.TunnelEtherIP, 0)
	return w.ethernet(b[2:], size-2)
}

// payload reads what a tunnel header with an EtherType announces. Unlike in an
// Ethernet header, a small value is no length.
func (w *walk) payload(typ uint16, b []byte, size int) Reason {
	if typ <= etherLLCMax {
		return OtherEtherType
	}
	return w.etherType(typ, b, size)
}

// cutTunnel is the reason for a tunnel header of n octets that is not there as
// a whole: the snap length cut it, or its packet of size octets has no room for it.
func cutTunnel(n, size int) Reason {
	if size < n {
		return BadTunnel
	}
	return TruncatedTunnel
}
