package flows

import (
	"time"

	"weir/flow"
	"weir/tui/ui"
)

// healthColumns returns payload and TCP health of both sides: round trips that were
// measured, and counts that are not 0.
func healthColumns(r *flow.Record) (cols []sideColumn) {
	src, dst := &r.SrcSide, &r.DstSide
	count := func(head string, a, b uint64) {
		if a > 0 || b > 0 {
			cols = append(cols, sideColumn{head, ui.Count(a), ui.Count(b), true})
		}
	}
	if !r.Uncounted {
		cols = append(cols, sideColumn{"PAYLOAD", ui.Count(src.Payload), ui.Count(dst.Payload), true})
	}
	if r.HasHealth() {
		count("RETRANS", src.Retransmitted.Packets, dst.Retransmitted.Packets)
		count("RETRANS BYTES", src.Retransmitted.Octets, dst.Retransmitted.Octets)
		count("OUT OF ORDER", src.OutOfOrder, dst.OutOfOrder)
		count("ZERO WINDOWS", src.ZeroWindows, dst.ZeroWindows)
	}
	if r.RTTMin() > 0 {
		cols = append(cols, sideColumn{"RTT MIN", rttShort(src.RTTMin), rttShort(dst.RTTMin), true})
	}
	if r.RTTMean() > 0 {
		cols = append(cols, sideColumn{"RTT MEAN", rttShort(src.RTTMean), rttShort(dst.RTTMean), true})
	}
	return cols
}

func rttShort(rtt time.Duration) string {
	if rtt == 0 {
		return "-"
	}
	return rttText(rtt)
}

// healthItems returns the same of one side in words.
func healthItems(s *flow.Side, r *flow.Record) (items []string) {
	if !r.Uncounted {
		items = append(items, "payload "+ui.Count(s.Payload)+ui.Plural(s.Payload, " byte"))
	}
	if n := s.Retransmitted; r.HasHealth() && n.Packets > 0 {
		items = append(items, "retransmitted "+ui.Count(n.Packets)+ui.Plural(n.Packets, " segment")+", "+ui.Count(n.Octets)+ui.Plural(n.Octets, " byte"))
	}
	if s.RTTMin > 0 {
		items = append(items, "round trip at least "+rttText(s.RTTMin))
	}
	if s.RTTMean > 0 {
		items = append(items, "round trip on average "+rttText(s.RTTMean))
	}
	return items
}
