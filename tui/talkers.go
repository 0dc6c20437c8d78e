package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/column"
	"weir/tui/ui"
)

// talkers is the sums of the flows that have something in common, the largest
// first.
type talkers struct {
	lane   lane
	err    error
	loaded bool

	by     search.By
	rows   []search.Talker
	cur    int
	top    int // first visible row
	height int // rows that were visible when last drawn
}

// talkersLoadedMsg: the sums are there.
type talkersLoadedMsg struct {
	reply
	rows []search.Talker
}

// talkerWords names the groupings.
var talkerWords = [...]string{
	search.BySrc: "source", search.ByDst: "destination", search.ByPair: "pair", search.ByPort: "port", search.ByNode: "node",
}

func (m *model) askTalkers() tea.Cmd {
	store, ok := m.cfg.Store.(Aggregator)
	if !ok {
		return nil
	}
	q, by := m.query, m.talkers.by
	return ask(&m.talkers.lane,
		func(ctx context.Context) ([]search.Talker, error) {
			return store.Top(ctx, search.Request{Query: q}, by, talkersMax)
		},
		func(r reply, rows []search.Talker) tea.Msg { return talkersLoadedMsg{r, rows} })
}

func (m *model) onTalkers(msg talkersLoadedMsg) tea.Cmd {
	t := &m.talkers
	current, next := t.lane.answered(msg.reply, totalInterval)
	if !current {
		return next
	}
	if t.err = msg.err; t.err == nil {
		t.take(msg.rows)
	}
	return nil
}

// take shows other sums. The cursor stays on its talker, wherever that is now.
func (t *talkers) take(rows []search.Talker) {
	var key string
	if t.cur < len(t.rows) && t.cur > 0 { // on the first row it stays on the first
		key = t.rows[t.cur].Key(t.by)
	}
	t.rows, t.loaded = rows, true
	for i := range rows {
		if key != "" && rows[i].Key(t.by) == key {
			t.top += i - t.cur
			t.cur = i
			break
		}
	}
	t.move(0)
}

func (t *talkers) move(by int) {
	t.cur = min(max(t.cur+by, 0), max(len(t.rows)-1, 0))
}

// groupBy adds up by something else.
func (m *model) groupBy(by search.By) tea.Cmd {
	t := &m.talkers
	if by == t.by && t.loaded {
		return nil
	}
	t.by, t.rows, t.loaded, t.cur, t.top = by, nil, false, 0, 0
	return m.askTalkers()
}

// aggregate shows the sums by the selected column; again, by the next grouping.
func (m *model) aggregate() tea.Cmd {
	if _, ok := m.cfg.Store.(Aggregator); !ok {
		return m.goTo(atTalkers)
	}
	if m.place == atTalkers {
		return m.groupBy((m.talkers.by + 1) % search.By(len(talkerWords)))
	}
	m.place = atTalkers
	by := search.ByPair
	switch m.table.col {
	case column.SrcIP, column.SrcNode:
		by = search.BySrc
	case column.DstIP, column.DstNode:
		by = search.ByDst
	case column.SrcPort, column.DstPort, column.Proto:
		by = search.ByPort
	case column.Node:
		by = search.ByNode
	}
	m.talkers.loaded = false
	return m.groupBy(by)
}

// takeTalker narrows the filter to the talker under the cursor, or to the
// others, and goes on at a place.
func (m *model) takeTalker(include bool, to place) tea.Cmd {
	t := &m.talkers
	if t.cur >= len(t.rows) {
		return nil
	}
	term := t.rows[t.cur].Term(t.by)
	if !include {
		term = search.Not{X: term}
	}
	m.place = to
	return m.addTerm(term)
}

// drawTalkers writes the sums in height lines.
func (m *model) drawTalkers(p *ui.Pen, height int) {
	t := &m.talkers
	p.Space(1)
	for by, word := range talkerWords {
		if search.By(by) == t.by {
			p.Begin(ui.Selected)
			p.Put(ui.Text, " "+word+" ")
			p.End()
		} else {
			p.Put(ui.Dim, " "+word+" ")
		}
	}
	p.Newline()
	const numbers = 12 + 12 + 8 // FLOWS, PACKETS, BYTES
	need := 18
	for i := range t.rows {
		need = max(need, ui.Width(m.talkerName(&t.rows[i])))
	}
	keyWide := min(max(m.width-numbers-20, need), m.width-numbers-3, 82)
	barWide := max(m.width-1-keyWide-numbers-2, 0)
	p.Put(ui.Header, " "+ui.Fill(talkerHeads[t.by], keyWide)+ui.Right("FLOWS", 12)+ui.Right("PACKETS", 12)+ui.Right("BYTES"+ui.SortSign(m.th, true), 8))
	t.height = max(height-2, 1)
	t.top = min(t.top, t.cur, max(len(t.rows)-t.height, 0))
	t.top = max(t.top, t.cur-t.height+1, 0)
	for i := t.top; i < t.top+t.height; i++ {
		p.Newline()
		if i < len(t.rows) {
			m.drawTalker(p, i, keyWide, barWide)
		} else if i == 0 {
			p.Put(m.talkersEmpty())
		}
	}
}

var talkerHeads = [...]string{
	search.BySrc: "SRC IP", search.ByDst: "DST IP", search.ByPair: "SRC IP > DST IP", search.ByPort: "DST PORT", search.ByNode: "NODE",
}

func (m *model) drawTalker(p *ui.Pen, i, keyWide, barWide int) {
	t := &m.talkers
	row := &t.rows[i]
	if i == t.cur {
		p.Begin(ui.Selected)
		defer p.End()
	}
	var size [8]byte
	p.Put(ui.Text, " "+ui.Fill(m.talkerName(row), keyWide)+ui.Right(ui.Count(row.Flows), 12)+ui.Right(ui.Count(row.Packets), 12)+
		ui.Right(string(ui.AppendSize(size[:0], row.Octets)), 8)+"  ")
	p.Put(ui.Accent, ui.Bar(m.th, row.Octets, t.rows[0].Octets, barWide))
	if i == t.cur {
		p.To(m.width)
	}
}

// talkerName is what the flows of a talker have in common, safe to draw.
func (m *model) talkerName(row *search.Talker) string { return termsafe.Text(row.Key(m.talkers.by)) }

func (m *model) talkersEmpty() (ui.Role, string) {
	switch t := &m.talkers; {
	case t.err != nil:
		return ui.Bad, " " + ui.Cut("adding up failed: "+ui.OneLine(t.err), m.width-1)
	case !t.loaded:
		return ui.Dim, " adding up ..."
	}
	return ui.Text, " " + ui.Cut("No flow matches "+m.inRange()+": / edits the filter, r changes the range.", m.width-1)
}
