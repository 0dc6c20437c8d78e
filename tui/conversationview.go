package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/flow"
)

// conversationDialog shows every node's record of one conversation side by
// side, from the source to the destination, and what changed on the way.
type conversationDialog struct {
	keys   listKeys
	recs   []flow.Record
	how    string
	silent []string
	env    dialogEnv
	left   int // first visible record
}

func newConversationDialog(recs []flow.Record, how string, reporters []string, env dialogEnv, keys listKeys) *conversationDialog {
	recs = slices.Clone(recs)
	alongTheWay(recs)
	return &conversationDialog{keys: keys, recs: recs, how: how, silent: silent(recs, reporters), env: env}
}

func (d *conversationDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, stay
	}
	switch {
	case key.Matches(press, d.keys.cancel), key.Matches(press, d.keys.choose):
		return nil, canceled
	case key.Matches(press, d.keys.down, d.keys.pageDown):
		d.left = min(d.left+1, len(d.recs)-1)
	case key.Matches(press, d.keys.up, d.keys.pageUp):
		d.left = max(d.left-1, 0)
	}
	return nil, stay
}

// conversationRow is a field of the records.
type conversationRow struct {
	label string
	text  func(r *flow.Record) string
	news  bool // a change from one node to the next is worth a mark
}

func (d *conversationDialog) rows() []conversationRow {
	counters := func(c *flow.Counters) string { return countText(c.Packets) + " pk " + countText(c.Octets) + " B" }
	return []conversationRow{
		{"Seen", func(r *flow.Record) string { return r.Start.In(d.env.loc).Format("15:04:05.000") }, false},
		{"Interface", func(r *flow.Record) string { return drawable(r.Interface) }, false},
		{"Source", func(r *flow.Record) string { return r.Src.Addr.String() }, true},
		{"  port", func(r *flow.Record) string { return portText(r, r.Src.Port) }, true},
		{"Destination", func(r *flow.Record) string { return r.Dst.Addr.String() }, true},
		{"  port", func(r *flow.Record) string { return portText(r, r.Dst.Port) }, true},
		{"Sent", func(r *flow.Record) string { return counters(&r.Sent) }, true},
		{"Received", func(r *flow.Record) string { return counters(&r.Recv) }, true},
		{"TTL there", func(r *flow.Record) string { return ttlText(r.SrcSide.MinTTL) }, false},
		{"TTL back", func(r *flow.Record) string { return ttlText(r.DstSide.MinTTL) }, false},
		{"Flags", func(r *flow.Record) string { return string(appendFlags(nil, r)) }, true},
		{"Verdict", func(r *flow.Record) string { return r.Verdict.Words() }, true},
	}
}

func portText(r *flow.Record, port uint16) string {
	if !r.Proto.HasPorts() {
		return ""
	}
	return strconv.Itoa(int(port))
}

func ttlText(ttl uint8) string {
	if ttl == 0 {
		return "not seen"
	}
	return strconv.Itoa(int(ttl))
}

// The view, in columns.
const (
	conversationLabel = 12
	conversationCell  = 21
)

func (d *conversationDialog) view(th *theme, w, h int) string {
	width := min(w, 4+conversationLabel+conversationCell*max(len(d.recs), 3))
	inner := boxInner(width)
	shown := max((inner-conversationLabel)/conversationCell, 1)
	d.left = max(min(d.left, len(d.recs)-shown), 0)
	recs := d.recs[d.left:min(d.left+shown, len(d.recs))]

	line := boxFill("", conversationLabel)
	for i := range recs {
		line += boxFill(drawable(recs[i].Node), conversationCell)
	}
	lines := []string{th.paint(roleHeader, line)}
	for _, row := range d.rows() {
		line := th.paint(roleDim, boxFill(row.label, conversationLabel))
		for i := range recs {
			text, look := row.text(&recs[i]), roleText
			if at := d.left + i; row.news && at > 0 && text != row.text(&d.recs[at-1]) {
				look, text = roleWarn, "* "+text
			} else {
				text = "  " + text
			}
			line += th.paint(look, boxFill(text, conversationCell-1)) + " "
		}
		lines = append(lines, line)
	}
	lines = append(lines, "")
	for _, f := range d.findings() {
		for _, l := range boxWrap(f.text, inner, 2) {
			lines = append(lines, th.paint(f.look, l))
		}
	}
	last := "Esc closes"
	if len(d.recs) > shown {
		last = fmt.Sprintf("Nodes %d to %d of %d: j k  Esc closes", d.left+1, d.left+len(recs), len(d.recs))
	}
	lines = append(lines, th.paint(roleDim, last))
	return drawBox(th, "One conversation", boxSqueeze(lines, 1, h-2), width, h)
}

// findings is what the records say together.
func (d *conversationDialog) findings() []message {
	out := []message{{roleDim, countText(len(d.recs)) + plural(len(d.recs), " record") + ", found by " + d.how + "."}}
	for i := 1; i < len(d.recs); i++ {
		if text := translated(&d.recs[i-1], &d.recs[i]); text != "" {
			out = append(out, message{roleWarn, text})
		}
	}
	if lost := d.disagreement(); lost != "" {
		out = append(out, message{roleWarn, lost})
	} else if len(d.recs) > 1 {
		out = append(out, message{roleGood, "Packets and bytes agree everywhere."})
	}
	if len(d.silent) > 0 {
		out = append(out, message{roleBad, "No record at " + drawable(strings.Join(d.silent, ", ")) + ", which owns an end of it and reports other flows."})
	} else if len(d.recs) == 1 {
		out = append(out, message{roleText, "No other node has a record of it."})
	}
	for i := 1; i < len(d.recs); i++ {
		if d.recs[i].Node == d.recs[i-1].Node && d.recs[i].Interface == d.recs[i-1].Interface {
			out = append(out, message{roleWarn, drawable(d.recs[i].Node) + " has two records at one interface: these may be two conversations."})
		}
	}
	return out
}

// translated says what a NAT between two nodes changed; empty: nothing.
func translated(a, b *flow.Record) string {
	var changes []string
	change := func(what string, x, y flow.Endpoint) {
		if x.Addr != y.Addr || x.Port != y.Port {
			changes = append(changes, what+" "+sideText(a, x)+" to "+sideText(b, y))
		}
	}
	change("source", a.Src, b.Src)
	change("destination", a.Dst, b.Dst)
	if len(changes) == 0 {
		return ""
	}
	return "NAT between " + drawable(a.Node) + " and " + drawable(b.Node) + ": " + strings.Join(changes, ", ") + "."
}

func sideText(r *flow.Record, e flow.Endpoint) string {
	if !r.Proto.HasPorts() {
		return e.Addr.String()
	}
	return netip.AddrPortFrom(e.Addr, e.Port).String()
}

// disagreement says which nodes counted other packets than the one before;
// empty: none.
func (d *conversationDialog) disagreement() string {
	var parts []string
	for i := 1; i < len(d.recs); i++ {
		a, b := &d.recs[i-1], &d.recs[i]
		if a.Sent == b.Sent && a.Recv == b.Recv {
			continue
		}
		why := ""
		if a.Open() || b.Open() {
			why = ", and it is not over"
		}
		parts = append(parts, drawable(a.Node)+" and "+drawable(b.Node)+" counted differently"+why)
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}
