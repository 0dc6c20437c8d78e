package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/column"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// talkersMax is how many of the largest sums are shown.
const talkersMax = 500

// talkerSums is the sums of the flows that have something in common, the largest
// first.
type talkerSums struct {
	*session.Session
	lane   session.Lane
	err    error
	loaded bool

	by   search.By
	rows []search.Talker
}

func newTalkerSums(s *session.Session) *talkerSums { return &talkerSums{Session: s, lane: s.NewLane()} }

// talkersLoadedMsg: the sums are there.
type talkersLoadedMsg struct {
	session.Reply
	rows []search.Talker
}

// talkerWords names the groupings.
var talkerWords = [...]string{
	search.BySrc: "source", search.ByDst: "destination", search.ByPair: "pair", search.ByPort: "port", search.ByNode: "node",
}

// ask asks for the sums of the query.
func (t *talkerSums) ask() tea.Cmd {
	store, ok := t.Cfg.Store.(Aggregator)
	if !ok {
		return nil
	}
	q, by := t.Query, t.by
	return session.Ask(&t.lane,
		func(ctx context.Context) ([]search.Talker, error) {
			return store.Top(ctx, search.Request{Query: q}, by, talkersMax)
		},
		func(r session.Reply, rows []search.Talker) tea.Msg { return talkersLoadedMsg{r, rows} })
}

// onLoaded takes the sums. taken says that they are others now.
func (t *talkerSums) onLoaded(msg talkersLoadedMsg) (taken bool, next tea.Cmd) {
	current, next := t.lane.Answered(msg.Reply, session.TotalInterval)
	if !current {
		return false, next
	}
	if t.err = msg.Err; t.err != nil {
		return false, nil
	}
	t.rows, t.loaded = msg.rows, true
	return true, nil
}

// name is what the flows of a talker have in common, safe to draw.
func (t *talkerSums) name(row *search.Talker) string { return termsafe.Text(row.Key(t.by)) }

// talkersScreen shows the sums, and narrows the search to one of them.
type talkersScreen struct {
	*talkerSums
	cur, top      int
	width, height int
	shown         bool
	rowsShown     int
}

func newTalkersScreen(s *session.Session) *talkersScreen {
	return &talkersScreen{talkerSums: newTalkerSums(s), rowsShown: 1}
}

func (t *talkersScreen) SetSize(w, h int) { t.width, t.height = w, h }

func (t *talkersScreen) Show() tea.Cmd {
	t.shown = true
	return t.ask()
}

func (t *talkersScreen) Hide() { t.shown = false }

func (t *talkersScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case keys.Command:
		return t.do(msg)
	case talkersLoadedMsg:
		return t.take(msg)
	case session.PulsedMsg:
		t.lane.Behind = t.lane.Behind || msg.Changed
		if t.shown && t.lane.Due(msg.At) {
			return t.ask()
		}
	case ui.ClickMsg:
		return t.click(msg.X, msg.Y)
	case ui.WheelMsg:
		t.move(msg.Rows)
	}
	return nil
}

// do does what a command means for the talkers.
func (t *talkersScreen) do(c keys.Command) tea.Cmd {
	if rows, ok := c.Rows(max(t.rowsShown-1, 1)); ok {
		t.move(rows)
		return nil
	}
	switch c {
	case keys.Top:
		t.move(-len(t.rows))
	case keys.Bottom:
		t.move(len(t.rows))
	case keys.Left:
		return t.groupBy(t.by - min(t.by, 1))
	case keys.Right:
		return t.groupBy(min(t.by+1, search.By(len(talkerWords)-1)))
	case keys.FirstColumn:
		return t.groupBy(0)
	case keys.LastColumn:
		return t.groupBy(search.By(len(talkerWords) - 1))
	case keys.Aggregate:
		return t.groupBy((t.by + 1) % search.By(len(talkerWords)))
	case keys.Details:
		return t.narrow(true, keys.Flows)
	case keys.Include, keys.Exclude:
		return t.narrow(c == keys.Include, keys.Talkers)
	case keys.Close:
		t.Post(keys.Flows)
	}
	return nil
}

// take shows other sums. The cursor stays on its talker, wherever that is now.
func (t *talkersScreen) take(msg talkersLoadedMsg) tea.Cmd {
	var key string
	if t.cur < len(t.rows) && t.cur > 0 { // on the first row it stays on the first
		key = t.rows[t.cur].Key(t.by)
	}
	taken, next := t.onLoaded(msg)
	if !taken {
		return next
	}
	for i := range t.rows {
		if key != "" && t.rows[i].Key(t.by) == key {
			t.top += i - t.cur
			t.cur = i
			break
		}
	}
	t.move(0)
	return next
}

func (t *talkersScreen) move(by int) {
	t.cur = min(max(t.cur+by, 0), max(len(t.rows)-1, 0))
}

// groupBy adds up by something else.
func (t *talkersScreen) groupBy(by search.By) tea.Cmd {
	if by == t.by && t.loaded {
		return nil
	}
	t.by, t.rows, t.loaded, t.cur, t.top = by, nil, false, 0, 0
	return t.ask()
}

// byColumn chooses the grouping for a column of the flows, before the screen is shown.
func (t *talkersScreen) byColumn(c column.Column) {
	by := search.ByPair
	switch c {
	case column.SrcIP, column.SrcNode:
		by = search.BySrc
	case column.DstIP, column.DstNode:
		by = search.ByDst
	case column.SrcPort, column.DstPort, column.Proto:
		by = search.ByPort
	case column.Node:
		by = search.ByNode
	}
	t.by, t.rows, t.loaded, t.cur, t.top = by, nil, false, 0, 0
}

// narrow restricts the filter to the talker under the cursor, or to the others,
// and goes on at a screen.
func (t *talkersScreen) narrow(include bool, to keys.Command) tea.Cmd {
	if t.cur >= len(t.rows) {
		return nil
	}
	term := t.rows[t.cur].Term(t.by)
	if !include {
		term = search.Not{X: term}
	}
	if to != keys.Talkers {
		t.Post(to)
	}
	return t.AddTerm(term)
}

// click changes the grouping, selects a talker, and shows the flows of one that
// is selected already.
func (t *talkersScreen) click(x, row int) tea.Cmd {
	if row == 0 {
		left := 1
		for by, word := range talkerWords {
			if x >= left && x < left+len(word)+2 {
				return t.groupBy(search.By(by))
			}
			left += len(word) + 2
		}
		return nil
	}
	i := t.top + row - 2
	switch {
	case row < 2 || i >= len(t.rows):
	case i == t.cur:
		return t.do(keys.Details)
	default:
		t.cur = i
	}
	return nil
}

func (t *talkersScreen) Amount() string {
	n := len(t.rows)
	if n == 0 {
		return ""
	}
	most := ""
	if n == talkersMax {
		most = " with the most bytes"
	}
	return ui.Count(n) + " " + ui.Plural(n, talkerWords[t.by]) + most
}

func (t *talkersScreen) Keys() keys.Help {
	return keys.Help{
		Title: "Talkers", Others: true,
		Hints: []keys.Hint{
			keys.Hinted(keys.Details, "flows"), keys.Hinted(keys.Include, "only"), keys.Hinted(keys.Exclude, "without"), keys.Hinted(keys.Aggregate, "by"), keys.Hinted(keys.Filter, "filter"),
			keys.Hinted(keys.Range, "range"), keys.Hinted(keys.Flows, "flows"),
		},
		Words: map[keys.Command]string{
			keys.Down: "next one", keys.Up: "one before", keys.PageDown: "one page down", keys.Top: "first one", keys.Bottom: "last one",
			keys.Left: "grouping to the left", keys.Right: "grouping to the right", keys.FirstColumn: "by source", keys.LastColumn: "by node",
			keys.Details: "flows of this one", keys.Include: "add it to the filter, and stay here", keys.Exclude: "leave it out, and stay here",
			keys.Aggregate: "add up by the next grouping", keys.Mark: "", keys.Quit: "back to the flows",
		},
	}
}

// Draw writes the groupings, and the sums by one of them.
func (t *talkersScreen) Draw(p *ui.Pen) {
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
		need = max(need, ui.Width(t.name(&t.rows[i])))
	}
	keyWide := min(max(t.width-numbers-20, need), t.width-numbers-3, 82)
	barWide := max(t.width-1-keyWide-numbers-2, 0)
	p.Put(ui.Header, " "+ui.Fill(talkerHeads[t.by], keyWide)+ui.Right("FLOWS", 12)+ui.Right("PACKETS", 12)+ui.Right("BYTES"+ui.SortSign(p.Theme, true), 8))
	t.rowsShown = max(t.height-2, 1)
	t.top = min(t.top, t.cur, max(len(t.rows)-t.rowsShown, 0))
	t.top = max(t.top, t.cur-t.rowsShown+1, 0)
	for i := t.top; i < t.top+t.rowsShown; i++ {
		p.Newline()
		if i < len(t.rows) {
			t.drawRow(p, i, keyWide, barWide)
		} else if i == 0 {
			p.Put(t.empty())
		}
	}
}

var talkerHeads = [...]string{
	search.BySrc: "SRC IP", search.ByDst: "DST IP", search.ByPair: "SRC IP > DST IP", search.ByPort: "DST PORT", search.ByNode: "NODE",
}

func (t *talkersScreen) drawRow(p *ui.Pen, i, keyWide, barWide int) {
	row := &t.rows[i]
	if i == t.cur {
		p.Begin(ui.Selected)
		defer p.End()
	}
	var size [8]byte
	p.Put(ui.Text, " "+ui.Fill(t.name(row), keyWide)+ui.Right(ui.Count(row.Flows), 12)+ui.Right(ui.Count(row.Packets), 12)+
		ui.Right(string(ui.AppendSize(size[:0], row.Octets)), 8)+"  ")
	p.Put(ui.Accent, ui.Bar(p.Theme, row.Octets, t.rows[0].Octets, barWide))
	if i == t.cur {
		p.To(t.width)
	}
}

func (t *talkersScreen) empty() (ui.Role, string) {
	switch {
	case t.err != nil:
		return ui.Bad, " " + ui.Cut("adding up failed: "+ui.OneLine(t.err), t.width-1)
	case !t.loaded:
		return ui.Dim, " adding up ..."
	}
	return ui.Text, " " + ui.Cut("No flow matches "+t.InRange()+": / edits the filter, r changes the range.", t.width-1)
}
