package meter

import (
	"weir/decode"
	"weir/flow"
)

// mark notes on the flow with key quoted what the ICMP error p says about it.
// A flow that is not in the table is none of ours any more.
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
