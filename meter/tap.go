package meter

import (
	"weir/decode"
	"weir/flow"
)

// answersElsewhere reports whether p, of packet time t, replies to e, a flow at another interface
// of the source, all of whose packets went in the other direction: both belong to one tap or bond.
//
// A router sees both directions at each of its interfaces, so its replies find the flow of their own
// interface and don't get here. For a capture that began in between, the reply must also
// follow soon and, in TCP, acknowledge what the flow sent.
func answersElsewhere(e *entry, p *decode.Packet, t int64) bool {
	if t < e.start || t-e.last > int64(tapWait) {
		return false
	}
	if p.Key.Proto != flow.TCP {
		return true
	}
	asked := 1 - sender(p)
	if !p.HasTCP || !p.Flags.Has(flow.ACK) || !e.tcp[asked].has(hasNext) {
		return false
	}
	return e.side[asked].next-p.Ack <= tapUnacked
}
