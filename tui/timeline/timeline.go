package timeline

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// Sums are flows and bytes over the time range of the query.
type Sums struct {
	*session.Sums[search.Bucket]
	asked int // number of buckets in the last request
}

// NewSums returns the sums of the session's query. [Sums.Ask] requests them.
func NewSums(s *session.Session) *Sums {
	return &Sums{Sums: session.NewSums[search.Bucket](s)}
}

// LoadedMsg delivers the sums.
type LoadedMsg = session.SumsLoadedMsg[search.Bucket]

// Ask requests the sums in n buckets; nil if the store is not an [session.Aggregator].
func (t *Sums) Ask(n int) tea.Cmd {
	t.asked = max(n, 1)
	q, n := t.Query, t.asked
	return t.Sum(func(ctx context.Context, store session.Aggregator) ([]search.Bucket, error) {
		return store.Buckets(ctx, search.Request{Query: q}, n)
	})
}

// Screen shows flows and bytes over time, and makes a selected span the time range.
type Screen struct {
	*Sums
	moved         bool // the time range of the query has changed since Rows were loaded
	cur           int
	anchor        int // other end of the span; valid iff brushing or dragging
	brushing      bool
	dragging      bool // the mouse button was pressed on the chart
	width, height int
	shown         bool
}

// New returns the screen of the timeline.
func New(s *session.Session) *Screen {
	t := &Screen{Sums: NewSums(s)}
	s.WatchQuery(func(old search.Query) tea.Cmd {
		t.moved = t.moved || old.Range != s.Query.Range
		return nil
	})
	return t
}

// Margin is the width of the scale left of the chart, in terminal columns.
const Margin = 8

// SetSize sets the size of the next frames in terminal columns and lines.
func (t *Screen) SetSize(w, h int) { t.width, t.height = w, h }

// Refresh requests the sums of the current query.
func (t *Screen) Refresh() tea.Cmd {
	t.shown = true
	return t.Ask(t.fit())
}

// Hide is called when another screen becomes visible.
func (t *Screen) Hide() { t.shown = false }

// fit returns how many buckets fit the chart.
func (t *Screen) fit() int { return max(t.width-Margin-1, 1) }

// Update handles commands, the mouse, ticks, and replies of the store.
func (t *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case keys.Command:
		return t.do(msg)
	case LoadedMsg:
		return t.take(msg)
	case tea.WindowSizeMsg:
		if t.shown && t.asked != t.fit() {
			return t.Ask(t.fit())
		}
	case session.TickMsg:
		t.Request.Stale = t.Request.Stale || msg.Changed
		if t.shown && t.Request.Due(msg.At) {
			return t.Ask(t.fit())
		}
	case ui.ClickMsg:
		x := msg.X - Margin
		if t.dragging = x >= 0 && x < len(t.Rows); t.dragging {
			t.brushing, t.cur, t.anchor = false, x, x
		}
	case ui.DragMsg:
		t.drag(msg.X - Margin)
	case ui.WheelMsg:
		t.move(msg.Rows / ui.WheelRows)
	}
	return nil
}

// do runs a command.
func (t *Screen) do(c keys.Command) tea.Cmd {
	switch c {
	case keys.Left:
		t.move(-1)
	case keys.Right:
		t.move(+1)
	case keys.FirstColumn:
		t.move(-len(t.Rows))
	case keys.LastColumn:
		t.move(len(t.Rows))
	case keys.Mark:
		t.brush()
	case keys.Details:
		return t.takeSpan()
	case keys.Close:
		if t.brushing {
			t.brushing = false
			return nil
		}
		t.Post(keys.Flows)
	}
	return nil
}

// take replaces the sums. Cursor and span stay at their times.
func (t *Screen) take(msg LoadedMsg) tea.Cmd {
	old, first := t.Rows, t.moved || len(t.Rows) == 0
	taken, next := t.OnLoaded(msg)
	if !taken {
		return next
	}
	t.moved = false
	last := max(len(t.Rows)-1, 0)
	if first {
		t.cur, t.brushing = last, false
		return next
	}
	at := func(i int) int { return nearestBucket(t.Rows, old[min(i, len(old)-1)].Start) }
	if t.cur < len(old)-1 { // on the last bucket it stays on the last one
		t.cur = at(t.cur)
	} else {
		t.cur = last
	}
	t.anchor = at(t.anchor)
	return next
}

func nearestBucket(buckets []search.Bucket, at time.Time) int {
	for i, b := range buckets {
		if at.Before(b.Start.Add(b.Width)) {
			return i
		}
	}
	return max(len(buckets)-1, 0)
}

func (t *Screen) move(by int) { t.cur = min(max(t.cur+by, 0), max(len(t.Rows)-1, 0)) }

// brush starts a span at the cursor, or cancels it.
func (t *Screen) brush() {
	t.brushing = !t.brushing && len(t.Rows) > 0
	t.anchor = t.cur
}

// picked returns the first and the last bucket of the span.
func (t *Screen) picked() (first, last int) {
	if !t.brushing {
		return t.cur, t.cur
	}
	return min(t.cur, t.anchor), max(t.cur, t.anchor)
}

// drag extends the span to the bucket at column x of the chart.
func (t *Screen) drag(x int) {
	if !t.dragging || len(t.Rows) == 0 {
		return
	}
	t.cur = min(max(x, 0), len(t.Rows)-1)
	t.brushing = t.brushing || t.cur != t.anchor
}

// takeSpan makes the selected span the time range of the query and shows its flows.
func (t *Screen) takeSpan() tea.Cmd {
	if !t.Loaded || len(t.Rows) == 0 {
		return nil
	}
	first, last := t.picked()
	t.brushing = false
	q := t.Query
	end := t.Rows[last]
	q.Range = search.Range{From: t.Rows[first].Start, To: end.Start.Add(end.Width)}
	t.Post(keys.Flows)
	return t.SetQuery(q)
}

// Amount returns "": the footer shows the number of flows.
func (t *Screen) Amount() string { return "" }

// Keys returns what commands do on this screen.
func (t *Screen) Keys() keys.Help {
	return keys.Help{
		Title: "Timeline", Others: true,
		Hints: []keys.Hint{
			keys.Hinted(keys.Mark, "span"), keys.Hinted(keys.Details, "flows"), keys.Hinted(keys.Left, "earlier"), keys.Hinted(keys.Right, "later"), keys.Hinted(keys.Filter, "filter"), keys.Hinted(keys.Range, "range"),
		},
		Words: map[keys.Command]string{
			keys.Down: "", keys.Up: "", keys.PageDown: "", keys.PageUp: "", keys.HalfDown: "", keys.HalfUp: "", keys.Top: "", keys.Bottom: "",
			keys.Left: "earlier", keys.Right: "later", keys.FirstColumn: "start of the range", keys.LastColumn: "end of the range",
			keys.Details: "show the flows of the time span", keys.Mark: "start or cancel a time span", keys.Include: "", keys.Exclude: "",
			keys.Aggregate: "group by the selected column of the flows", keys.Close: "cancel the time span, else back to the flows", keys.Quit: "back to the flows",
		},
	}
}
