package meter

import (
	"weir/decode"
	"weir/flow"
)

// noteError stores the ICMP error p in the flow with the quoted key, if that flow is in the
// cache.
func (g *engine) noteError(quoted *flow.Key, p *decode.Packet) {
	h := g.table.hash(quoted)
	slot := g.table.get(quoted, h)
	if slot == none {
		slot = g.reverse.find(g.table, quoted, untaggedHash(g.table, quoted, h))
	}
	if slot == none {
		return
	}
	from := p.Key.A
	if p.FromB {
		from = p.Key.B
	}
	e := g.table.at(slot)
	e.bits |= hasError
	g.errors[slot] = flow.ICMPError{From: from.Netip(), Type: p.ICMP}
	g.markChanged(slot, e)
}
