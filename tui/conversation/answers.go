package conversation

import (
	"net/netip"
	"slices"
	"strings"

	"weir/flow"
	"weir/tui/column"
	"weir/tui/ui"
)

// Answer is a finding about a conversation.
type Answer struct {
	Label, Text string // both are safe to draw
	Look        ui.Role
}

// Answers returns the result of the conversation and where it stopped, what NATs
// changed, whether the counts agree, and how the records were matched.
func (t *Trail) Answers() []Answer {
	out := []Answer{t.through()}
	out = append(out, t.translations()...)
	out = append(out, t.counts()...)
	found := ui.Count(len(t.Records)) + ui.Plural(len(t.Records), " record") + ", " + t.how
	out = append(out, Answer{"Matched", found, ui.Dim})
	for i := 1; i < len(t.Records); i++ {
		if t.Records[i].Node == t.Records[i-1].Node && t.Records[i].Interface == t.Records[i-1].Interface {
			out = append(out, Answer{"Note", ui.Safe(t.Records[i].Node) + " has two records at one interface: possibly two conversations", ui.Warn})
		}
	}
	return out
}

// Station returns the observation point of record i: the node, with its interface if
// that node has several records.
func (t *Trail) Station(i int) string {
	r := &t.Records[i]
	for j := range t.Records {
		if j != i && t.Records[j].Node == r.Node && r.Interface != "" {
			return r.Node + " " + r.Interface
		}
	}
	return r.Node
}

// through returns the result of the conversation, and where it was last seen if it did
// not get through.
func (t *Trail) through() Answer {
	first, last := &t.Records[0], &t.Records[len(t.Records)-1]
	verdict := first.VerdictWords()
	if verdict == "" {
		verdict = "no verdict"
	}
	look, _ := column.Looks(first)
	if look == ui.Text {
		look = ui.Good
	}
	at := func(i int) string { return ui.Safe(t.Station(i)) }
	end := len(t.Records) - 1
	switch {
	case look != ui.Good && slices.Contains(t.Silent, last.Dst.Node):
		text := verdict + ". Last seen at " + at(end) + "; no record at " + ui.Safe(last.Dst.Node) + ", which owns the destination: probably lost between the two"
		others := slices.DeleteFunc(slices.Clone(t.Silent), func(name string) bool { return name == last.Dst.Node })
		return Answer{"Result", text + noRecordAt(others), ui.Bad}
	case len(t.Silent) > 0:
		return Answer{"Result", verdict + noRecordAt(t.Silent), ui.Warn}
	case look == ui.Good:
		return Answer{"Result", verdict + t.everywhere(), ui.Good}
	case first.Recv.Packets > 0:
		return Answer{"Result", verdict + ". A reply arrived" + t.everywhere(), look}
	}
	for i := end; i > 0; i-- {
		if t.Records[i].Recv.Packets > 0 {
			return Answer{"Result", verdict + ". Reply seen at " + at(i) + ", lost before " + at(i-1), look}
		}
	}
	return Answer{"Result", verdict + ". Last seen at " + at(end) + "; no reply seen", look}
}

// noRecordAt returns which nodes have no record that should have one; empty: none.
func noRecordAt(silent []string) string {
	text := "; no record at " + ui.Safe(strings.Join(silent, " and "))
	switch len(silent) {
	case 0:
		return ""
	case 1:
		return text + ", although it owns an endpoint"
	}
	return text + ", although they own endpoints"
}

// everywhere returns at which nodes the conversation was seen.
func (t *Trail) everywhere() string {
	if len(t.Records) == 1 {
		return "; only " + ui.Safe(t.Records[0].Node) + " has a record"
	}
	return ", seen from " + ui.Safe(t.Station(0)) + " to " + ui.Safe(t.Station(len(t.Records)-1))
}

// translations returns what each NAT on the path changed.
func (t *Trail) translations() []Answer {
	var out []Answer
	for i := 1; i < len(t.Records); i++ {
		if changes := translated(&t.Records[i-1], &t.Records[i]); changes != "" {
			out = append(out, Answer{"NAT", changes + ", between " + ui.Safe(t.Station(i-1)) + " and " + ui.Safe(t.Station(i)), ui.Warn})
		}
	}
	switch {
	case len(out) > 0:
		return out
	case len(t.Records) == 1:
		return []Answer{{"NAT", "unknown: only one record", ui.Text}}
	}
	return []Answer{{"NAT", "none: same addresses and ports everywhere", ui.Text}}
}

// translated returns what a NAT between two records changed; empty: nothing.
func translated(a, b *flow.Record) string {
	var changes []string
	change := func(what string, x, y flow.Endpoint) {
		if x.Addr != y.Addr || x.Port != y.Port {
			changes = append(changes, what+" "+SideText(a, x)+" to "+SideText(b, y))
		}
	}
	change("source", a.Src, b.Src)
	change("destination", a.Dst, b.Dst)
	return strings.Join(changes, ", ")
}

// SideText returns an endpoint as address and port, or as an address for protocols
// without ports.
func SideText(r *flow.Record, e flow.Endpoint) string {
	if !r.Proto.HasPorts() {
		return e.Addr.String()
	}
	return netip.AddrPortFrom(e.Addr, e.Port).String()
}

// counts compares the counters of each record with those of the previous one on the path.
func (t *Trail) counts() []Answer {
	var out []Answer
	for i := 1; i < len(t.Records); i++ {
		a, b := &t.Records[i-1], &t.Records[i]
		var parts []string
		differ := func(way string, sent, arrived flow.Counters) {
			switch {
			case sent == arrived:
			case sent.Packets > arrived.Packets:
				parts = append(parts, ui.Count(sent.Packets-arrived.Packets)+" of "+ui.Count(sent.Packets)+" packets did not arrive "+way)
			case sent.Packets < arrived.Packets:
				parts = append(parts, ui.Count(arrived.Packets-sent.Packets)+" more packets "+way+" than at the node before")
			default:
				parts = append(parts, ui.Count(sent.Octets)+" bytes became "+ui.Count(arrived.Octets)+" "+way)
			}
		}
		differ("on the way out", a.Sent, b.Sent)
		differ("on the way back", b.Recv, a.Recv)
		if len(parts) == 0 {
			continue
		}
		text := strings.Join(parts, ", ") + ", between " + ui.Safe(t.Station(i-1)) + " and " + ui.Safe(t.Station(i))
		if a.Open() && !column.Over(a.Verdict) || b.Open() && !column.Over(b.Verdict) {
			text += "; still open"
		}
		out = append(out, Answer{"Counts", text, ui.Warn})
	}
	if len(out) == 0 && len(t.Records) > 1 {
		return []Answer{{"Counts", "packets and bytes agree everywhere", ui.Text}}
	}
	return out
}
