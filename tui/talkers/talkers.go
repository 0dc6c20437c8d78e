package talkers

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/column"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// talkersMax is how many sums are requested, largest first.
const talkersMax = 500

// Sums are the flows of the query grouped by By and summed, largest first.
type Sums struct {
	*session.Sums[search.Talker]
	By search.By
}

// NewSums returns the sums of the session's query. [Sums.Ask] requests them.
func NewSums(s *session.Session) *Sums {
	return &Sums{Sums: session.NewSums[search.Talker](s)}
}

// LoadedMsg delivers the sums.
type LoadedMsg = session.SumsLoadedMsg[search.Talker]

// Words are the names of the groupings.
var Words = [...]string{
	search.BySrc: "source", search.ByDst: "destination", search.ByPair: "pair", search.ByPort: "port", search.ByNode: "node",
}

// Ask requests the sums of the query; nil if the store is not an [session.Aggregator].
func (t *Sums) Ask() tea.Cmd {
	q, by := t.Query, t.By
	return t.Sum(func(ctx context.Context, store session.Aggregator) ([]search.Talker, error) {
		return store.Top(ctx, search.Request{Query: q}, by, talkersMax)
	})
}

// Name returns the key of a sum, safe to draw.
func (t *Sums) Name(row *search.Talker) string { return termsafe.Text(row.Key(t.By)) }

// Screen shows the sums, and narrows the filter to one of them.
type Screen struct {
	*Sums
	List          ui.List
	width, height int
	shown         bool
}

// New returns the screen of the talkers.
func New(s *session.Session) *Screen {
	return &Screen{Sums: NewSums(s)}
}

// SetSize sets the size of the next frames in terminal columns and lines.
func (t *Screen) SetSize(w, h int) { t.width, t.height = w, h }

// Refresh requests the sums of the current query.
func (t *Screen) Refresh() tea.Cmd {
	t.shown = true
	return t.Ask()
}

// Hide is called when another screen becomes visible.
func (t *Screen) Hide() { t.shown = false }

// Update handles commands, the mouse, ticks, and replies of the store.
func (t *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case keys.Command:
		return t.do(msg)
	case LoadedMsg:
		return t.take(msg)
	case session.TickMsg:
		t.Request.Stale = t.Request.Stale || msg.Changed
		if t.shown && t.Request.Due(msg.At) {
			return t.Ask()
		}
	case ui.ClickMsg:
		return t.click(msg.X, msg.Y)
	case ui.WheelMsg:
		t.List.Move(msg.Rows)
	}
	return nil
}

// do runs a command.
func (t *Screen) do(c keys.Command) tea.Cmd {
	if rows, ok := c.Rows(max(t.List.InSight()-1, 1)); ok {
		t.List.Move(rows)
		return nil
	}
	switch c {
	case keys.Top:
		t.List.Go(0)
	case keys.Bottom:
		t.List.Go(len(t.Rows))
	case keys.Left:
		return t.groupBy(t.By - min(t.By, 1))
	case keys.Right:
		return t.groupBy(min(t.By+1, search.By(len(Words)-1)))
	case keys.FirstColumn:
		return t.groupBy(0)
	case keys.LastColumn:
		return t.groupBy(search.By(len(Words) - 1))
	case keys.Aggregate:
		return t.groupBy((t.By + 1) % search.By(len(Words)))
	case keys.Details:
		return t.narrow(true, keys.Flows)
	case keys.Include, keys.Exclude:
		return t.narrow(c == keys.Include, keys.Talkers)
	case keys.Close:
		t.Post(keys.Flows)
	}
	return nil
}

// take replaces the sums. The cursor follows its talker, unless it is on the first
// row, where it stays.
func (t *Screen) take(msg LoadedMsg) tea.Cmd {
	var key string
	if cur := t.List.Cursor(); cur < len(t.Rows) && cur > 0 {
		key = t.Rows[cur].Key(t.By)
	}
	taken, next := t.OnLoaded(msg)
	if !taken {
		return next
	}
	if at := slices.IndexFunc(t.Rows, func(row search.Talker) bool { return key != "" && row.Key(t.By) == key }); at >= 0 {
		t.List.SetLen(max(t.List.Len(), len(t.Rows))) // the old place may be beyond the end
		t.List.Carry(at)
	}
	t.List.SetLen(len(t.Rows))
	return next
}

// restart drops the sums before those of another grouping arrive.
func (t *Screen) restart(by search.By) {
	t.By, t.Rows = by, nil
	t.Forget()
	t.List.Reset(0)
}

// groupBy changes the grouping.
func (t *Screen) groupBy(by search.By) tea.Cmd {
	if by == t.By && t.Loaded {
		return nil
	}
	t.restart(by)
	return t.Ask()
}

// ByColumn sets the grouping that suits a column of the flow table.
func (t *Screen) ByColumn(c column.Column) {
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
	t.restart(by)
}

// narrow restricts the filter to the talker under the cursor, or to the others, and
// shows a screen.
func (t *Screen) narrow(include bool, to keys.Command) tea.Cmd {
	cur := t.List.Cursor()
	if !t.Loaded || cur >= len(t.Rows) {
		return nil
	}
	term := t.Rows[cur].Term(t.By)
	if !include {
		term = search.Not{X: term}
	}
	if to != keys.Talkers {
		t.Post(to)
	}
	return t.AddTerm(term)
}

// click changes the grouping, selects a talker, or shows its flows if it is selected
// already.
func (t *Screen) click(x, row int) tea.Cmd {
	if row == 0 {
		left := 1
		for by, word := range Words {
			if x >= left && x < left+len(word)+2 {
				return t.groupBy(search.By(by))
			}
			left += len(word) + 2
		}
		return nil
	}
	switch i, ok := t.List.At(row - 2); {
	case !ok:
	case i == t.List.Cursor():
		return t.do(keys.Details)
	default:
		t.List.Go(i)
	}
	return nil
}

// Amount returns how many sums are shown; empty: none.
func (t *Screen) Amount() string {
	n := len(t.Rows)
	if n == 0 || !t.Loaded {
		return ""
	}
	most := ""
	if n == talkersMax {
		most = " with the most bytes"
	}
	return ui.Count(n) + " " + ui.Plural(n, Words[t.By]) + most
}

// Keys returns what commands do on this screen.
func (t *Screen) Keys() keys.Help {
	return keys.Help{
		Title: "Talkers", Others: true,
		Hints: []keys.Hint{
			keys.Hinted(keys.Details, "its flows"), keys.Hinted(keys.Include, "include"), keys.Hinted(keys.Exclude, "exclude"), keys.Hinted(keys.Aggregate, "group"), keys.Hinted(keys.Filter, "filter"),
			keys.Hinted(keys.Range, "range"), keys.Hinted(keys.Flows, "flows"),
		},
		Words: map[keys.Command]string{
			keys.Down: "next", keys.Up: "previous", keys.PageDown: "one page down", keys.Top: "first", keys.Bottom: "last",
			keys.Left: "grouping to the left", keys.Right: "grouping to the right", keys.FirstColumn: "by source", keys.LastColumn: "by node",
			keys.Details: "its flows", keys.Include: "add it to the filter, stay here", keys.Exclude: "exclude it, stay here",
			keys.Aggregate: "next grouping", keys.Mark: "", keys.Close: "back to the flows", keys.Quit: "back to the flows",
		},
	}
}

// Draw writes the groupings, and the sums of the current one.
func (t *Screen) Draw(p *ui.Pen) {
	p.Space(1)
	for by, word := range Words {
		if search.By(by) == t.By {
			p.Begin(ui.Selected)
			p.Put(ui.Text, " "+word+" ")
			p.End()
		} else {
			p.Put(ui.Dim, " "+word+" ")
		}
	}
	if why := t.Failure(); why != "" && t.Loaded {
		p.Space(2)
		p.Put(ui.Bad, ui.Cut(why, t.width-p.X))
	}
	p.Newline()
	const numbers = 12 + 12 + 8 // FLOWS, PACKETS, BYTES
	need := 18
	for i := range t.Rows {
		need = max(need, ui.Width(t.Name(&t.Rows[i])))
	}
	keyWide := min(max(t.width-numbers-20, need), t.width-numbers-3, 82)
	barWide := max(t.width-1-keyWide-numbers-2, 0)
	p.Put(ui.Header, " "+ui.Fill(talkerHeads[t.By], keyWide)+ui.Right("FLOWS", 12)+ui.Right("PACKETS", 12)+ui.Right("BYTES"+ui.SortSign(p.Theme, true), 8))
	rows := max(t.height-2, 1)
	from, to := t.List.View(rows)
	if !t.Loaded {
		to = from
	}
	for i := from; i < from+rows; i++ {
		p.Newline()
		if i < to {
			t.drawRow(p, i, keyWide, barWide)
		} else if i == from && to == from {
			look, text := t.Empty()
			p.Put(look, " "+ui.Cut(text, t.width-1))
		}
	}
}

var talkerHeads = [...]string{
	search.BySrc: "SRC IP", search.ByDst: "DST IP", search.ByPair: "SRC IP > DST IP", search.ByPort: "DST PORT", search.ByNode: "NODE",
}

func (t *Screen) drawRow(p *ui.Pen, i, keyWide, barWide int) {
	row := &t.Rows[i]
	if i == t.List.Cursor() {
		p.Begin(ui.Selected)
		defer p.End()
	}
	var size [8]byte
	p.Put(ui.Text, " "+ui.Fill(t.Name(row), keyWide)+ui.Right(ui.Count(row.Flows), 12)+ui.Right(ui.Count(row.Packets), 12)+
		ui.Right(string(ui.AppendSize(size[:0], row.Octets)), 8)+"  ")
	p.Put(ui.Accent, ui.Bar(p.Theme, row.Octets, t.Rows[0].Octets, barWide))
	if i == t.List.Cursor() {
		p.To(t.width)
	}
}
