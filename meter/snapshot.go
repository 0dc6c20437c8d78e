package meter

import (
	"time"

	"weir/flow"
)

// snapshot writes the current record of e, the flow in slot, to r.
func (g *engine) snapshot(r *flow.Record, slot uint32, e *entry, why flow.EndReason) {
	src := e.src()
	k := &e.key
	*r = flow.Record{} // then field by field: a literal is built on the stack and copied
	r.ID = g.table.cold(slot).id
	r.Node, r.Interface = g.cfg.Node, g.nameOf(k.Interface)
	if replies := g.table.cold(slot).replies; replies != k.Interface {
		r.ReplyInterface = g.nameOf(replies)
	}
	r.Start, r.Last = time.Unix(0, e.start).UTC(), time.Unix(0, e.last).UTC()
	r.EndReason = why
	r.Proto, r.VLAN, r.Tunnel = k.Proto, k.VLAN, k.Tunnel
	r.Sent, r.Recv = g.counters(slot, e, src), g.counters(slot, e, 1-src)
	r.SrcSide, r.DstSide = g.sideOf(slot, e, src), g.sideOf(slot, e, 1-src)
	r.Verdict, r.Direction = e.verdict(), e.dir
	r.SYNRetries = uint16(e.retries)
	addrs, ports := [2]*flow.Addr{&k.A, &k.B}, [2]uint16{k.PortA, k.PortB}
	g.endpoint(&r.Src, addrs[src], ports[src], k.Proto)
	g.endpoint(&r.Dst, addrs[1-src], ports[1-src], k.Proto)
	if k.Proto.IsICMP() {
		r.ICMP = e.icmp
		if k.ICMPClass != 0 {
			r.ICMPID = k.PortA // the key holds the identifier in place of the ports
		}
	}
	if e.bits.has(hasServerRTT) {
		r.ServerRTT = time.Duration(g.table.cold(slot).handshake[0].ns())
	}
	if e.bits.has(hasClientRTT) {
		r.ClientRTT = time.Duration(g.table.cold(slot).handshake[1].ns())
	}
	if e.bits.has(hasError) {
		r.Error = g.errors[slot]
	}
}

// nameOf returns the name of interface i. Names are cached.
func (g *engine) nameOf(i uint16) string {
	for int(i) >= len(g.names) {
		g.names = append(g.names, g.interfaceName(uint16(len(g.names))))
	}
	return g.names[i]
}

// counters returns the totals that side i of e, the flow in slot, sent.
func (g *engine) counters(slot uint32, e *entry, i int) flow.Counters {
	c := flow.Counters{Packets: uint64(e.side[i].Packets), Octets: uint64(e.side[i].octets)}
	if x := g.extraOf(slot, e); x != nil {
		c.Packets += x.excess[i].packets
		c.Octets += x.excess[i].octets
	}
	return c
}

// endpoint fills in an empty endpoint of a record.
func (g *engine) endpoint(to *flow.Endpoint, addr *flow.Addr, port uint16, proto flow.Proto) {
	to.Addr = addr.Netip()
	to.Node = g.cfg.Resolve(to.Addr)
	if proto.HasPorts() {
		to.Port = port
	}
}

// sideOf returns the per-direction fields of side i of e, the flow in slot.
func (g *engine) sideOf(slot uint32, e *entry, i int) flow.Side {
	s, c := &e.side[i], g.table.cold(slot)
	out := e.handshakeOf(i)
	if out.ISN.Seen {
		out.ISN.Value = c.isn[i]
	}
	out.MinTTL, out.Payload = s.minTTL, uint64(s.payload)
	if s.hasIPID {
		out.IPID = flow.Seq32{Value: uint32(c.ipid[i]), Seen: true}
	}
	if e.key.Proto == flow.TCP {
		out.RTTMin, out.RTTMean = c.rtt[i].times()
	}
	if x := g.extraOf(slot, e); x != nil {
		out.Payload += x.excess[i].payload
		h := &x.health[i]
		out.Retransmitted, out.OutOfOrder, out.ZeroWindows = h.retransmitted, h.outOfOrder, h.zeroWindows
	}
	return out
}

// handshakeOf returns the fields of side i that show its part of the handshake and the close, but for the
// value of its initial sequence number.
func (e *entry) handshakeOf(i int) (s flow.Side) {
	s.Flags = e.side[i].flags
	s.ISN.Seen = e.tcp[i].has(sentSyn)
	return s
}
