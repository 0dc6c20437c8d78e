package meter

import (
	"time"

	"weir/flow"
)

// snapshot makes the record of e as it is now.
func (g *engine) snapshot(slot uint32, why flow.EndReason) flow.Record {
	e := g.table.at(slot)
	src := e.src()
	k := &e.key
	r := flow.Record{
		ID:         e.id,
		Node:       g.cfg.Node,
		Interface:  g.interfaceName(k.Interface),
		Start:      time.Unix(0, e.start).UTC(),
		Last:       time.Unix(0, e.last).UTC(),
		EndReason:  why,
		Proto:      k.Proto,
		Sent:       e.side[src].Counters,
		Recv:       e.side[1-src].Counters,
		SrcSide:    e.sideOf(src),
		DstSide:    e.sideOf(1 - src),
		Verdict:    e.verdict(),
		Direction:  e.dir,
		SYNRetries: e.retries,
		VLAN:       k.VLAN,
		Tunnel:     k.Tunnel,
	}
	r.Src, r.Dst = g.endpoint(k.A, k.PortA, k.Proto), g.endpoint(k.B, k.PortB, k.Proto)
	if src == 1 {
		r.Src, r.Dst = r.Dst, r.Src
	}
	if k.Proto.IsICMP() {
		r.ICMP = e.icmp
		if k.ICMPClass != 0 {
			r.ICMPID = k.PortA // the key holds the identifier in place of the ports
		}
	}
	if e.bits.has(hasServerRTT) {
		r.ServerRTT = time.Duration(e.rtt[0])
	}
	if e.bits.has(hasClientRTT) {
		r.ClientRTT = time.Duration(e.rtt[1])
	}
	if e.bits.has(hasError) {
		r.Error = g.errors[slot]
	}
	return r
}

func (g *engine) endpoint(addr flow.Addr, port uint16, proto flow.Proto) flow.Endpoint {
	ip := addr.Netip()
	if !proto.HasPorts() {
		port = 0
	}
	return flow.Endpoint{Node: g.cfg.Resolve(ip), Addr: ip, Port: port}
}

// sideOf is what is kept of the packets that side i sent.
func (e *entry) sideOf(i int) flow.Side {
	s := &e.side[i]
	out := flow.Side{Flags: s.flags, MinTTL: s.minTTL}
	if e.tcp[i].has(sentSyn) {
		out.ISN = flow.Seq32{Value: s.isn, Seen: true}
	}
	if e.bits.has(hasIPIDA << i) {
		out.IPID = flow.Seq32{Value: uint32(s.ipid), Seen: true}
	}
	return out
}
