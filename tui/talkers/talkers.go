package talkers

import (
	"context"
	"net/netip"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/column"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// talkersMax is how many sums are requested.
const talkersMax = 500

// Sums are the flows of the query grouped and summed, in an order.
type Sums struct {
	*session.Sums[search.Talkers]
	Rows    []search.Talker // of the answer
	By      search.Grouping
	Order   search.SumColumn
	Reverse bool
	Groups  int64       // how many there are; Rows has at most talkersMax
	Total   search.Sums // of all groups
}

// NewSums returns the sums of the session's query. [Sums.Ask] requests them.
func NewSums(s *session.Session) *Sums {
	return &Sums{Sums: session.NewSums[search.Talkers](s), By: Groupings[0].By}
}

// LoadedMsg delivers the sums: one answer.
type LoadedMsg = session.SumsLoadedMsg[search.Talkers]

// Grouping is a grouping with a name.
type Grouping struct {
	Word string
	By   search.Grouping
}

// Groupings are those with a name, in the order of the screen.
var Groupings = [...]Grouping{
	{"source", search.Grouping{search.BySrc}}, {"destination", search.Grouping{search.ByDst}}, {"pair", search.Grouping{search.ByPair}},
	{"port", search.Grouping{search.ByPort}}, {"node", search.Grouping{search.ByNode}}, {"verdict", search.Grouping{search.ByVerdict}},
	{"interface", search.Grouping{search.ByInterface}},
}

// Parse returns the grouping that a text names: a word of [Groupings], or fields as `weir query --by` takes them.
func Parse(text string) (search.Grouping, error) {
	for _, g := range Groupings {
		if text == g.Word {
			return g.By, nil
		}
	}
	return search.ParseGrouping(text)
}

// place returns the number of the grouping in Groupings, or -1.
func (t *Sums) place() int {
	return slices.IndexFunc(Groupings[:], func(g Grouping) bool { return slices.Equal(g.By, t.By) })
}

// Word returns the name of the grouping, or of its fields.
func (t *Sums) Word() string {
	if i := t.place(); i >= 0 {
		return Groupings[i].Word
	}
	return t.By.String()
}

// Ask requests the sums of the query; nil if the store is not an [session.Aggregator].
func (t *Sums) Ask() tea.Cmd {
	q := search.TopRequest{Request: search.Request{Query: t.Query}, By: t.By, Order: t.Order, Reverse: t.Reverse, N: talkersMax}
	return t.Sum(func(ctx context.Context, store session.Aggregator) ([]search.Talkers, error) {
		answer, err := store.Top(ctx, q)
		return []search.Talkers{answer}, err
	})
}

// OnLoaded handles the sums. taken says that Rows were replaced.
func (t *Sums) OnLoaded(msg LoadedMsg) (taken bool, next tea.Cmd) {
	if taken, next = t.Sums.OnLoaded(msg); taken {
		answer := &t.Sums.Rows[0]
		t.Rows, t.Groups, t.Total = answer.Rows, answer.Groups, answer.Total
	}
	return taken, next
}

// Name returns the key of a sum, safe to draw.
func (t *Sums) Name(row *search.Talker) string { return termsafe.Text(row.Key(t.By)) }

// Screen shows the sums, and narrows the filter to one of them.
type Screen struct {
	*Sums
	List          ui.List
	Hosts         Hosts
	Col           search.SumColumn // the selected column
	width, height int
	shown         bool
	columns       []sumColumn // of the last frame
	keyWide       int
	top           int // first visible row of the last frame
}

// Hosts knows the names of hosts.
type Hosts interface {
	// Host returns the name of a host, safe to draw; empty: it is not known, or addresses are wanted.
	Host(netip.Addr) string
	// AskHosts looks up those that were not looked up yet.
	AskHosts([]netip.Addr) tea.Cmd
}

// New returns the screen of the talkers. hosts may be nil.
func New(s *session.Session, hosts Hosts) *Screen {
	return &Screen{Sums: NewSums(s), Hosts: hosts}
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
		if t.shown {
			return t.askHosts()
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
		t.selectColumn(-1)
	case keys.Right:
		t.selectColumn(+1)
	case keys.FirstColumn:
		t.selectColumn(-len(sumColumns))
	case keys.LastColumn:
		t.selectColumn(len(sumColumns))
	case keys.Sort:
		return t.sort(t.Col)
	case keys.Reverse:
		t.Reverse = !t.Reverse
		return t.Restart(t.By)
	case keys.Aggregate:
		return t.Restart(Groupings[(t.place()+1)%len(Groupings)].By)
	case keys.Details:
		return t.narrow(true, keys.Flows)
	case keys.Include, keys.Exclude:
		return t.narrow(c == keys.Include, keys.Talkers)
	case keys.Close:
		t.Post(keys.Flows)
	}
	return nil
}

// selectColumn selects the column that many places to the right.
func (t *Screen) selectColumn(by int) {
	at := slices.IndexFunc(sumColumns[:], func(c sumColumn) bool { return c.sum == t.Col })
	t.Col = sumColumns[min(max(at+by, 0), len(sumColumns)-1)].sum
}

// sort orders the sums by a column; by bytes, if they already are.
func (t *Screen) sort(by search.SumColumn) tea.Cmd {
	if by == t.Order {
		by = search.SumBytes
	}
	t.Order, t.Reverse = by, false
	return t.Restart(t.By)
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
	return tea.Batch(next, t.askHosts())
}

// askHosts looks up the hosts in sight.
func (t *Screen) askHosts() tea.Cmd {
	if t.Hosts == nil {
		return nil
	}
	var all []netip.Addr
	for i := t.top; i < min(t.top+max(t.height, 1), len(t.Rows)); i++ {
		for _, v := range t.Rows[i].Values {
			for _, a := range [...]netip.Addr{v.Addr, v.Peer} {
				if a.IsValid() {
					all = append(all, a)
				}
			}
		}
	}
	return t.Hosts.AskHosts(all)
}

// Restart drops the sums and requests those of a grouping.
func (t *Screen) Restart(by search.Grouping) tea.Cmd {
	t.restart(by)
	return t.Ask()
}

func (t *Screen) restart(by search.Grouping) {
	t.By, t.Rows = by, nil
	t.Forget()
	t.List.Reset(0)
}

// ByColumn sets the grouping that suits a column of the flow table.
func (t *Screen) ByColumn(c column.Column) {
	by := search.Grouping{search.ByPair}
	switch c {
	case column.SrcIP, column.SrcNode:
		by = search.Grouping{search.BySrc}
	case column.DstIP, column.DstNode:
		by = search.Grouping{search.ByDst}
	case column.SrcPort, column.DstPort, column.Proto:
		by = search.Grouping{search.ByPort}
	default:
		if own, err := search.ParseGrouping(column.All[c].Name); err == nil {
			by = own
		}
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

// click changes the grouping or the order, selects a talker, or shows its flows if it is selected
// already.
func (t *Screen) click(x, row int) tea.Cmd {
	switch row {
	case 0:
		left := 1
		for _, g := range Groupings {
			if wide := len(g.Word) + 2; x >= left && x < left+wide {
				return t.Restart(g.By)
			}
			left += len(g.Word) + 2
		}
		return nil
	case 1:
		if c, ok := t.columnAt(x); ok {
			t.Col = c
			return t.sort(c)
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
	switch {
	case n == 0 || !t.Loaded:
		return ""
	case int64(n) < t.Groups:
		return "first " + ui.Count(n) + " of " + ui.Count(t.Groups) + " by " + t.Order.String()
	case t.place() < 0:
		return ui.Count(n) + ui.Plural(n, " group")
	}
	return ui.Count(n) + " " + ui.Plural(n, t.Word())
}

// Keys returns what commands do on this screen.
func (t *Screen) Keys() keys.Help {
	return keys.Help{
		Title: "Talkers", Others: true,
		Hints: []keys.Hint{
			keys.Hinted(keys.Details, "its flows"), keys.Hinted(keys.Include, "include"), keys.Hinted(keys.Exclude, "exclude"), keys.Hinted(keys.Aggregate, "group"), keys.Hinted(keys.Sort, "sort"), keys.Hinted(keys.Filter, "filter"),
			keys.Hinted(keys.Range, "range"), keys.Hinted(keys.Flows, "flows"),
		},
		Words: map[keys.Command]string{
			keys.Down: "next", keys.Up: "previous", keys.PageDown: "one page down", keys.Top: "first", keys.Bottom: "last",
			keys.Left: "column to the left", keys.Right: "column to the right", keys.FirstColumn: "first column", keys.LastColumn: "last column",
			keys.Sort: "sort by this column; again: by bytes", keys.Reverse: "reverse the order",
			keys.Details: "its flows", keys.Include: "add it to the filter, stay here", keys.Exclude: "exclude it, stay here",
			keys.Aggregate: "next grouping", keys.Mark: "", keys.Close: "back to the flows", keys.Quit: "back to the flows",
		},
	}
}
