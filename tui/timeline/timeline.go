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

// Sums is flows and octets over the range of the query.
type Sums struct {
	*session.Session
	Request session.LatestRequest
	Err     error // of the last question; nil: it was answered
	loaded  bool  // the buckets are those of the present query
	moved   bool  // its range is another one than theirs
	asked   int   // buckets that were asked for
	Buckets []search.Bucket
}

func NewSums(s *session.Session) *Sums {
	t := &Sums{Session: s, Request: s.NewLatestRequest()}
	s.WatchQuery(func(old search.Query) tea.Cmd {
		t.loaded, t.Err = false, nil
		t.moved = t.moved || old.Range != s.Query.Range
		return nil
	})
	return t
}

// LoadedMsg: the sums are there.
type LoadedMsg struct {
	session.Reply
	buckets []search.Bucket
}

// Ask asks for the sums in n buckets.
func (t *Sums) Ask(n int) tea.Cmd {
	store, ok := t.Cfg.Store.(session.Aggregator)
	if !ok {
		return nil
	}
	t.asked = max(n, 1)
	q, n := t.Query, t.asked
	return session.Ask(&t.Request,
		func(ctx context.Context) ([]search.Bucket, error) {
			return store.Buckets(ctx, search.Request{Query: q}, n)
		},
		func(r session.Reply, buckets []search.Bucket) tea.Msg { return LoadedMsg{r, buckets} })
}

// OnLoaded takes the sums. taken says that they are others now.
func (t *Sums) OnLoaded(msg LoadedMsg) (taken bool, next tea.Cmd) {
	current, next := t.Request.Answered(msg.Reply, session.TotalInterval)
	if !current {
		return false, next
	}
	if t.Err = msg.Err; t.Err != nil {
		return false, nil
	}
	t.Buckets, t.loaded, t.moved = msg.buckets, true, false
	return true, nil
}

// Screen shows flows and octets over time, and makes a span of it the range.
type Screen struct {
	*Sums
	cur           int
	anchor        int // the other end of the span; valid iff brushing
	brushing      bool
	dragging      bool // the button went down on the chart
	width, height int
	shown         bool
}

func New(s *session.Session) *Screen {
	return &Screen{Sums: NewSums(s)}
}

// Margin is the columns left of the chart, for its scale.
const Margin = 8

func (t *Screen) SetSize(w, h int) { t.width, t.height = w, h }

func (t *Screen) Refresh() tea.Cmd {
	t.shown = true
	return t.Ask(t.fit())
}

func (t *Screen) Hide() { t.shown = false }

// fit is how many buckets the chart has room for.
func (t *Screen) fit() int { return max(t.width-Margin-1, 1) }

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
		if t.dragging = x >= 0 && x < len(t.Buckets); t.dragging {
			t.brushing, t.cur, t.anchor = false, x, x
		}
	case ui.DragMsg:
		t.drag(msg.X - Margin)
	case ui.WheelMsg:
		t.move(msg.Rows / ui.WheelRows)
	}
	return nil
}

// do does what a command means for the timeline.
func (t *Screen) do(c keys.Command) tea.Cmd {
	switch c {
	case keys.Left:
		t.move(-1)
	case keys.Right:
		t.move(+1)
	case keys.FirstColumn:
		t.move(-len(t.Buckets))
	case keys.LastColumn:
		t.move(len(t.Buckets))
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

// take shows other sums. Cursor and brush stay at their times.
func (t *Screen) take(msg LoadedMsg) tea.Cmd {
	old, first := t.Buckets, t.moved || len(t.Buckets) == 0
	taken, next := t.OnLoaded(msg)
	if !taken {
		return next
	}
	last := max(len(t.Buckets)-1, 0)
	if first {
		t.cur, t.brushing = last, false
		return next
	}
	at := func(i int) int { return nearestBucket(t.Buckets, old[min(i, len(old)-1)].Start) }
	if t.cur < len(old)-1 { // at the end it stays at the end
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

func (t *Screen) move(by int) { t.cur = min(max(t.cur+by, 0), max(len(t.Buckets)-1, 0)) }

// brush begins a span at the cursor, or gives it up.
func (t *Screen) brush() {
	t.brushing = !t.brushing && len(t.Buckets) > 0
	t.anchor = t.cur
}

// Picked is the first and the last bucket of the span.
func (t *Screen) Picked() (first, last int) {
	if !t.brushing {
		return t.cur, t.cur
	}
	return min(t.cur, t.anchor), max(t.cur, t.anchor)
}

// drag widens the span to the bucket at column x of the chart.
func (t *Screen) drag(x int) {
	if !t.dragging || len(t.Buckets) == 0 {
		return
	}
	t.cur = min(max(x, 0), len(t.Buckets)-1)
	t.brushing = t.brushing || t.cur != t.anchor
}

// takeSpan makes the picked span the range of the query and shows its flows.
func (t *Screen) takeSpan() tea.Cmd {
	if !t.loaded || len(t.Buckets) == 0 {
		return nil
	}
	first, last := t.Picked()
	t.brushing = false
	q := t.Query
	end := t.Buckets[last]
	q.Range = search.Range{From: t.Buckets[first].Start, To: end.Start.Add(end.Width)}
	t.Post(keys.Flows)
	return t.SetQuery(q)
}

func (t *Screen) Amount() string { return "" }

func (t *Screen) Keys() keys.Help {
	return keys.Help{
		Title: "Timeline", Others: true,
		Hints: []keys.Hint{
			keys.Hinted(keys.Mark, "span"), keys.Hinted(keys.Details, "flows"), keys.Hinted(keys.Left, "earlier"), keys.Hinted(keys.Right, "later"), keys.Hinted(keys.Filter, "filter"), keys.Hinted(keys.Range, "range"),
		},
		Words: map[keys.Command]string{
			keys.Down: "", keys.Up: "", keys.PageDown: "", keys.PageUp: "", keys.HalfDown: "", keys.HalfUp: "", keys.Top: "", keys.Bottom: "",
			keys.Left: "earlier", keys.Right: "later", keys.FirstColumn: "begin of the range", keys.LastColumn: "end of the range",
			keys.Details: "make the span the range, and show its flows", keys.Mark: "begin a span, or give it up", keys.Include: "", keys.Exclude: "",
			keys.Aggregate: "add up by the selected column of the flows", keys.Quit: "back to the flows",
		},
	}
}
