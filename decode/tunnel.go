package decode

import "weir/flow"

// enterTunnel records that the packets that follow are in a tunnel: their keys
// have that tunnel and no VLAN tags from outside it.
func (w *walk) enterTunnel(kind flow.TunnelKind, id uint32) {
	w.vlan, w.broadcast = flow.VLANs{}, false
	if !w.opts.IgnoreTunnel {
		w.tunnel = flow.Tunnel{Kind: kind, ID: id}
	}
}

// ipTunnel decodes the payload of a packet whose IP protocol is an encapsulation.
// The packet's own key is complete.
func (w *walk) ipTunnel(proto flow.Proto, b []byte, size int) Reason {
	if w.opts.OuterOnly {
		return OK
	}
	switch proto {
	case flow.IPIP:
		w.enterTunnel(flow.TunnelIPIP, 0)
		return w.ipv4(b, size)
	case flow.IPv6:
		w.enterTunnel(flow.Tunnel6in4, 0)
		return w.ipv6(b, size)
	case protoEtherIP:
		return w.etherIP(b, size)
	case protoEthernet:
		w.enterTunnel(flow.TunnelEtherIP, 0)
		return w.ethernet(b, size)
	case protoMPLS:
		w.enterTunnel(flow.TunnelMPLS, 0)
		return w.mpls(b, size)
	}
	return w.gre(b, size)
}

// etherIP reads an EtherIP header (RFC 3378): version 3 and twelve zero bits.
func (w *walk) etherIP(b []byte, size int) Reason {
	if len(b) < 2 {
		return shortTunnel(2, size)
	}
	if be16(b) != 0x3000 {
		return BadTunnel
	}
	w.enterTunnel(flow.TunnelEtherIP, 0)
	return w.ethernet(b[2:], size-2)
}

// payload reads the payload of a tunnel header with an EtherType. Unlike in an
// Ethernet header, a small value is not a length.
func (w *walk) payload(typ uint16, b []byte, size int) Reason {
	if typ <= etherLLCMax {
		return OtherEtherType
	}
	return w.etherType(typ, b, size)
}

// shortTunnel returns the reason for an incomplete tunnel header of n octets: it
// does not fit in its packet of size octets, or the snap length truncated it.
func shortTunnel(n, size int) Reason {
	if size < n {
		return BadTunnel
	}
	return TruncatedTunnel
}
