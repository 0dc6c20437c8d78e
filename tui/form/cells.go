package form

import (
	"strings"

	"weir/flow"
	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// formCells returns the empty fields of the form.
func formCells(env input.Env) [numCells]formCell {
	zone := ui.Offset(env.Now.In(env.Loc))
	return [numCells]formCell{
		cellRange: {label: "Time range", row: 0, field: newRangeField(0),
			hint: "Left/Right pick a time range. ^u: all time."},
		cellFrom: {label: "From, to", row: 1, field: input.NewTextField("the first flow"),
			hint: "Flows that started at or after this time, " + zone + ": 2026-11-23 14:05:00, 14:05 or -3h; empty: no start."},
		cellTo: {row: 1, col: 1, field: input.NewTextField("now"),
			hint: "Flows that started before this time, " + zone + ": 2026-11-23 14:05:00, 14:05 or -3h; empty: no end."},
		cellNodes: {label: "Reported by", row: 2, field: input.NewTextField("any node"),
			hint: "Nodes or groups that observed the flow: edge-1,dc-2. A leading ! excludes them, with * as a wildcard."},

		cellSnode: {label: "Node", row: 3, term: search.FieldSnode, field: input.NewTextField(""), hint: nodeHint("source")},
		cellDnode: {row: 3, col: 1, term: search.FieldDnode, field: input.NewTextField(""), hint: nodeHint("destination")},
		cellSrc:   {label: "IP", row: 4, term: search.FieldSrc, field: input.NewTextField(""), hint: addrHint("Source")},
		cellDst:   {row: 4, col: 1, term: search.FieldDst, field: input.NewTextField(""), hint: addrHint("Destination")},
		cellSport: {label: "Port", row: 5, term: search.FieldSport, field: newNumberField("="), hint: portHint("Source")},
		cellDport: {row: 5, col: 1, term: search.FieldDport, field: newNumberField("="), hint: portHint("Destination")},

		cellProto: {label: "Protocol", row: 6, term: search.FieldProto, field: input.NewTextField("any"),
			hint: "Protocols by name or number: tcp or tcp,udp or 47; a leading ! excludes: !icmp"},
		cellVerdict: {label: "Verdict", row: 6, col: 1, term: search.FieldVerdict, field: newVerdictField(),
			hint: "Left/Right or a letter picks a result: r for refused. Space excludes it."},
		cellFlags: {label: "TCP flags", row: 7, term: search.FieldFlags, field: &flagField{},
			hint: "Left/Right pick a flag, Space cycles: [x] set, [!] not set, [ ] either. Several [x] mean all of them."},

		cellBytes: {label: "Bytes", row: 8, term: search.FieldBytes, field: newNumberField(">="),
			hint: countHint("Bytes of both directions")},
		cellDuration: {label: "Duration", row: 8, col: 1, term: search.FieldDuration, field: newNumberField(">="),
			hint: "First to last packet: 200ms, 1.5s, 2m, 3h or 1s-10s. Space or = != < <= > >= set the operator."},
		cellSent: {label: "Sent bytes", row: 9, term: search.FieldSent, field: newNumberField(">="),
			hint: countHint("Bytes sent by the source")},
		cellRecv: {label: "Received", row: 9, col: 1, term: search.FieldRecv, field: newNumberField(">="),
			hint: countHint("Bytes received by the source")},
		cellEnd: {label: "Ended", row: 10, term: search.FieldEnd, field: input.NewOpField(">=", "<"),
			hint: "End time, " + zone + ": 2026-11-23 14:05:00, 14:05 or -3h. Space, < or >= set the operator. Open flows have none."},

		cellPayload: {label: "Payload", row: 10, col: 1, term: search.FieldPayload, field: newNumberField(">="),
			hint: countHint("Bytes of both directions without headers")},
		cellRetrans: {label: "Retransmits", row: 11, term: search.FieldRetrans, field: newNumberField(">="),
			hint: countHint("TCP segments sent again, of both directions")},
		cellRTT: {label: "RTT", row: 11, col: 1, term: search.FieldRTT, field: newNumberField(">="), hint: rttHint("of the TCP handshake")},
		cellOutOfOrder: {label: "Reordered", row: 12, term: search.FieldOutOfOrder, field: newNumberField(">="),
			hint: countHint("TCP segments out of order, of both directions")},
		cellRTTMin: {label: "RTT min", row: 12, col: 1, term: search.FieldRTTMin, field: newNumberField(">="), hint: rttHint("over the whole flow, the smallest")},
		cellZeroWindow: {label: "Zero window", row: 13, term: search.FieldZeroWindow, field: newNumberField(">="),
			hint: countHint("TCP segments with receive window 0, of both directions")},
		cellRTTMean: {label: "RTT mean", row: 13, col: 1, term: search.FieldRTTMean, field: newNumberField(">="), hint: rttHint("over the whole flow, the mean")},

		cellLimit: {label: "Limit", row: 14, field: input.NewTextField(ui.Count(search.DefaultLimit)),
			hint: "Flows to show, from 1 to " + ui.Count(search.MaxLimit) + "; empty means " + ui.Count(search.DefaultLimit) + "."},
		cellOrder: {label: "Order", row: 14, col: 1, hint: "Which flows come first; the limit keeps the first ones.",
			field: &input.ChoiceField{Codes: []string{"newest", "oldest"}, Words: []string{"newest", "oldest"}}},
	}
}

// newNumberField returns a field with all operators, starting with first.
func newNumberField(first string) *input.OpField {
	ops := []string{"=", "!=", "<", "<=", ">", ">="}
	for ops[0] != first {
		ops = append(ops[1:], ops[0])
	}
	return input.NewOpField(ops...)
}

func newVerdictField() *input.ChoiceField {
	c := &input.ChoiceField{Codes: []string{""}, Words: []string{"any"}, Nots: true}
	for _, v := range flow.Verdicts() {
		if v != flow.NoVerdict {
			c.Codes = append(c.Codes, v.String())
			c.Words = append(c.Words, v.String())
		}
	}
	return c
}

func nodeHint(side string) string {
	return "Owner of the " + side + ` address: edge-1,dc-*; * is a wildcard, a leading ! excludes, "" means no owner.`
}

func addrHint(side string) string {
	return side + " address, CIDR, range or a list: 10.0.0.0/8,192.0.2.1-192.0.2.9; a leading ! excludes."
}

func portHint(side string) string {
	return side + " port: 443, https, 80,443 or 6000-6063. Space or = != < <= > >= set the operator."
}

func countHint(what string) string {
	return strings.Join([]string{what + ":", "1500, 10K, 4MiB or 1K-64K.", "Space or = != < <= > >= set the operator."}, " ")
}

func rttHint(what string) string {
	return "Round trip " + what + ": 500us, 20ms, 1.5s or 10ms-1s. Space or = != < <= > >= set the operator."
}
