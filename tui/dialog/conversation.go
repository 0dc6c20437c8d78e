package dialog

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/tui/column"
	"weir/tui/conversation"
	"weir/tui/input"
	"weir/tui/ui"
)

// Conversation shows the records that nodes have of one conversation, a column for
// each in path order, and what changed between them.
type Conversation struct {
	keys ui.ListKeys
	*conversation.Trail
	env input.Env

	columns []conversationColumn // in path order
	left    int                  // first visible column; View limits it to the last one
	lines   ui.Scroll
}

// conversationColumn is a node that has a record of the conversation, or should have.
type conversationColumn struct {
	name string       // safe to draw
	rec  *flow.Record // nil: no record
}

// NewConversation shows a trail.
func NewConversation(t *conversation.Trail, env input.Env) *Conversation {
	d := &Conversation{keys: ui.NewListKeys(), Trail: t, env: env, lines: ui.Scroll{Page: conversationPage}}
	recs := t.Records
	for i := range recs {
		d.columns = append(d.columns, conversationColumn{ui.Safe(t.Station(i)), &recs[i]})
	}
	for _, name := range d.Silent {
		missing := conversationColumn{name: ui.Safe(name)}
		if name == recs[0].Src.Node {
			d.columns = slices.Insert(d.columns, 0, missing)
		} else {
			d.columns = append(d.columns, missing)
		}
	}
	return d
}

// Update implements [ui.Window].
func (d *Conversation) Update(msg tea.Msg) tea.Msg {
	switch k := &d.keys; {
	case d.lines.Update(msg, k.Motion()):
	case ui.Means(msg, k.Cancel, k.Choose):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.Right):
		d.left++
	case ui.Means(msg, k.Left):
		d.left--
	}
	return nil
}

// conversationRow is a field of the records.
type conversationRow struct {
	label string
	text  func(r *flow.Record) string
	news  bool // mark a change from one node to the next
}

// seen returns the start of a record, with its date unless it is today's.
func (d *Conversation) seen(r *flow.Record) string {
	layout, at := "15:04:05.000", r.Start.In(d.env.Loc)
	if at.Format(time.DateOnly) != d.env.Now.In(d.env.Loc).Format(time.DateOnly) {
		layout = "01-02 " + layout
	}
	return at.Format(layout)
}

// interfaces returns the names of the interfaces at which a flow was seen.
func interfaces(r *flow.Record) string {
	if r.ReplyInterface == "" {
		return r.Interface
	}
	return r.Interface + ", " + r.ReplyInterface
}

func (d *Conversation) rows() []conversationRow {
	return []conversationRow{
		{"Seen", d.seen, false},
		{"Interface", func(r *flow.Record) string { return ui.Safe(interfaces(r)) }, false},
		{"Source", func(r *flow.Record) string { return r.Src.Addr.String() }, true},
		{"  port", func(r *flow.Record) string { return portText(r, r.Src.Port) }, true},
		{"Destination", func(r *flow.Record) string { return r.Dst.Addr.String() }, true},
		{"  port", func(r *flow.Record) string { return portText(r, r.Dst.Port) }, true},
		{"Sent packets", func(r *flow.Record) string { return ui.Count(r.Sent.Packets) }, true},
		{"Sent bytes", func(r *flow.Record) string { return ui.Count(r.Sent.Octets) }, true},
		{"Recv packets", func(r *flow.Record) string { return ui.Count(r.Recv.Packets) }, true},
		{"Recv bytes", func(r *flow.Record) string { return ui.Count(r.Recv.Octets) }, true},
		{"TTL out", func(r *flow.Record) string { return ttlText(r.SrcSide.MinTTL) }, false},
		{"TTL back", func(r *flow.Record) string { return ttlText(r.DstSide.MinTTL) }, false},
		{"Flags", func(r *flow.Record) string { return string(column.AppendFlags(nil, r)) }, true},
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

// The size of the window in terminal columns and lines.
const (
	conversationLabel = 12
	conversationCell  = 21
	conversationPage  = 8 // lines scrolled by PgDn
)

// View implements [ui.Window].
func (d *Conversation) View(th *ui.Theme, w, h int) string {
	width := min(w, 4+conversationLabel+conversationCell*max(len(d.columns), 3))
	inner := ui.Inner(width)
	shown := max((inner-conversationLabel)/conversationCell, 1)
	d.left = max(min(d.left, len(d.columns)-shown), 0)

	var lines []string
	for _, a := range d.Answers() {
		for i, l := range ui.Wrap(a.Text, inner-conversationLabel, 3) {
			label := a.Label
			if i > 0 {
				label = ""
			}
			lines = append(lines, th.Paint(ui.Dim, ui.Fill(label, conversationLabel))+th.Paint(a.Look, l))
		}
	}
	table, room := d.table(th, shown), max(h-3, 1) // without borders and the last line
	if len(lines)+len(table) < room {
		lines = append(lines, "")
	}
	lines = append(lines, table...)
	last := "Esc closes"
	if len(d.columns) > shown {
		last = fmt.Sprintf("nodes %d-%d of %d: h l  ", d.left+1, d.left+shown, len(d.columns)) + last
	}
	body := d.lines.View(lines, room)
	switch {
	case d.lines.Over():
		last = fmt.Sprintf("lines %d-%d of %d: j k  ", d.lines.Top()+1, d.lines.Top()+room, len(lines)) + last
	case len(lines) < room:
		body = append(body, "")
	}
	body = append(slices.Clip(body), th.Paint(ui.Dim, last))
	first := &d.Records[0]
	title := "Conversation: " + first.Proto.String() + " " + conversation.SideText(first, first.Src) + " > " + conversation.SideText(first, first.Dst)
	return ui.Box(th, title, body, width, h)
}

// table returns the records as columns, with changes from one to the next marked.
func (d *Conversation) table(th *ui.Theme, shown int) []string {
	columns := d.columns[d.left:min(d.left+shown, len(d.columns))]
	line := ui.Fill("", conversationLabel)
	for _, c := range columns {
		look := ui.Header
		if c.rec == nil {
			look = ui.Bad
		}
		line += th.Paint(look, ui.Fill("  "+c.name, conversationCell-1)) + " "
	}
	lines := []string{line}
	for n, row := range d.rows() {
		line := th.Paint(ui.Dim, ui.Fill(row.label, conversationLabel))
		for i, c := range columns {
			text, look := "", ui.Text
			switch at := d.left + i; {
			case c.rec == nil && n == 0:
				text, look = "! no record", ui.Bad
			case c.rec == nil:
			case row.news && at > 0 && d.columns[at-1].rec != nil && row.text(c.rec) != row.text(d.columns[at-1].rec):
				text, look = "* "+row.text(c.rec), ui.Warn
			default:
				text = "  " + row.text(c.rec)
			}
			line += th.Paint(look, ui.Fill(text, conversationCell-1)) + " "
		}
		lines = append(lines, line)
	}
	return lines
}

// Help implements [ui.Window].
func (d *Conversation) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Conversation", Keys: []key.Binding{
		ui.Said(k.Right, "next node"), ui.Said(k.Left, "previous node"), ui.Said(k.Down, "line down"), ui.Said(k.Up, "line up"), k.PageDown, k.PageUp, k.Cancel,
	}}
}
