package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/ui"
)

// timeline is flows and octets over the range of the query, and a span of it
// that the reader picks.
type timeline struct {
	lane   lane
	err    error
	loaded bool

	asked    int // buckets that were asked for
	buckets  []search.Bucket
	cur      int
	anchor   int // the other end of the span; valid iff brushing
	brushing bool
}

// timelineLoadedMsg: the sums are there.
type timelineLoadedMsg struct {
	reply
	buckets []search.Bucket
}

// timelineMargin is the columns left of the chart, for its scale.
const timelineMargin = 8

func (m *model) askTimeline() tea.Cmd {
	store, ok := m.cfg.Store.(Aggregator)
	if !ok {
		return nil
	}
	t := &m.timeline
	t.asked = max(m.width-timelineMargin-1, 1)
	q, n := m.query, t.asked
	return ask(&t.lane,
		func(ctx context.Context) ([]search.Bucket, error) {
			return store.Buckets(ctx, search.Request{Query: q}, n)
		},
		func(r reply, buckets []search.Bucket) tea.Msg { return timelineLoadedMsg{r, buckets} })
}

func (m *model) onTimeline(msg timelineLoadedMsg) tea.Cmd {
	t := &m.timeline
	current, next := t.lane.answered(msg.reply, totalInterval)
	if !current {
		return next
	}
	if t.err = msg.err; t.err == nil {
		t.take(msg.buckets)
	}
	return nil
}

// take shows other sums. Cursor and brush stay at their times.
func (t *timeline) take(buckets []search.Bucket) {
	old, first := t.buckets, !t.loaded || len(t.buckets) == 0
	t.buckets, t.loaded = buckets, true
	if first {
		t.cur, t.brushing = max(len(buckets)-1, 0), false
		return
	}
	at := func(i int) int { return nearestBucket(buckets, old[min(i, len(old)-1)].Start) }
	if t.cur < len(old)-1 { // at the end it stays at the end
		t.cur = at(t.cur)
	} else {
		t.cur = max(len(buckets)-1, 0)
	}
	t.anchor = at(t.anchor)
}

func nearestBucket(buckets []search.Bucket, at time.Time) int {
	for i, b := range buckets {
		if at.Before(b.Start.Add(b.Width)) {
			return i
		}
	}
	return max(len(buckets)-1, 0)
}

func (t *timeline) move(by int) { t.cur = min(max(t.cur+by, 0), max(len(t.buckets)-1, 0)) }

// brush begins a span at the cursor, or gives it up.
func (t *timeline) brush() {
	t.brushing = !t.brushing && len(t.buckets) > 0
	t.anchor = t.cur
}

// picked is the first and the last bucket of the span.
func (t *timeline) picked() (first, last int) {
	if !t.brushing {
		return t.cur, t.cur
	}
	return min(t.cur, t.anchor), max(t.cur, t.anchor)
}

// takeSpan makes the picked span the range of the query and shows its flows.
func (m *model) takeSpan() tea.Cmd {
	t := &m.timeline
	if len(t.buckets) == 0 {
		return nil
	}
	first, last := t.picked()
	t.brushing = false
	q := m.query
	end := t.buckets[last]
	q.Range = search.Range{From: t.buckets[first].Start, To: end.Start.Add(end.Width)}
	m.place = atFlows
	return m.setQuery(q)
}

// drawTimeline writes two charts, flows above octets, and what the cursor is on.
func (m *model) drawTimeline(p *ui.Pen, height int) {
	t := &m.timeline
	if len(t.buckets) == 0 {
		look, text := m.timelineEmpty()
		for i := range height {
			if i == 1 {
				p.Put(look, " "+ui.Cut(text, m.width-1))
			}
			if i < height-1 {
				p.Newline()
			}
		}
		return
	}
	const others = 3 // the line of the cursor, the axis and its times
	rows := max((height-others)/2, 1)
	m.drawPicked(p)
	p.Newline()
	m.drawChart(p, "flows", rows, func(b *search.Bucket) uint64 { return uint64(b.Flows) })
	m.drawChart(p, "bytes", max(height-others-rows, 1), func(b *search.Bucket) uint64 { return b.Octets })
	m.drawAxis(p)
}

func (m *model) timelineEmpty() (ui.Role, string) {
	switch t := &m.timeline; {
	case t.err != nil:
		return ui.Bad, "adding up failed: " + ui.OneLine(t.err)
	case !t.loaded:
		return ui.Dim, "adding up ..."
	}
	return ui.Text, "No flow matches " + m.inRange() + ": / edits the filter, r changes the range."
}

// drawPicked writes the picked span and its sums.
func (m *model) drawPicked(p *ui.Pen) {
	t := &m.timeline
	first, last := t.picked()
	var sum search.Bucket
	for _, b := range t.buckets[first : last+1] {
		sum.Flows += b.Flows
		sum.Octets += b.Octets
	}
	from, to := t.buckets[first].Start.In(m.cfg.Loc), t.buckets[last].Start.Add(t.buckets[last].Width).In(m.cfg.Loc)
	text := from.Format(m.dayClock(from)) + " to " + to.Format("15:04:05") + " (" + to.Sub(from).Round(time.Second).String() + ")  " +
		ui.Count(sum.Flows) + ui.Plural(int(min(sum.Flows, 2)), " flow") + "  " + string(ui.AppendSize(nil, sum.Octets)) + " bytes"
	p.Space(1)
	p.Put(ui.Accent, ui.Cut(text, m.width-1))
	hint := "   Space begins a span, Enter shows its flows"
	if t.brushing {
		hint = "   h l widen the span, Enter shows its flows"
	}
	if p.X+ui.Width(hint) < m.width {
		p.Put(ui.Dim, hint)
	}
}

// dayClock is the format of a date and time; this year's goes without saying.
func (m *model) dayClock(t time.Time) string {
	if t.Year() == m.now().Year() {
		return "01-02 15:04:05"
	}
	return time.DateTime
}

// drawChart writes bars, rows lines high, of a number of each bucket.
func (m *model) drawChart(p *ui.Pen, name string, rows int, of func(*search.Bucket) uint64) {
	t := &m.timeline
	var most uint64
	for i := range t.buckets {
		most = max(most, of(&t.buckets[i]))
	}
	first, last := t.picked()
	for row := rows - 1; row >= 0; row-- {
		scale := ""
		switch row {
		case rows - 1:
			scale = string(ui.AppendSize(nil, most))
		case 0:
			scale = name
		}
		p.Put(ui.Dim, ui.Right(scale, timelineMargin-1)+" ")
		look := ui.Text
		for i := range t.buckets[:min(len(t.buckets), m.width-timelineMargin)] {
			now := ui.Text
			if i >= first && i <= last {
				now = ui.Accent
			}
			if now != look {
				p.RunEnd()
				p.RunBegin(now)
				look = now
			}
			p.Put(ui.Text, m.th.ChartSign(of(&t.buckets[i]), most, row, rows))
		}
		p.RunEnd()
		p.Newline()
	}
}

// drawAxis writes where the cursor is and the ends of the range.
func (m *model) drawAxis(p *ui.Pen) {
	t := &m.timeline
	first, last := t.picked()
	p.Space(timelineMargin)
	p.Put(ui.Border, ui.Rule(m.th, min(first, m.width-p.X)))
	p.Put(ui.Accent, ui.Repeat("^", min(last-first+1, m.width-p.X)))
	p.Put(ui.Border, ui.Rule(m.th, min(len(t.buckets)-last-1, m.width-p.X)))
	p.Newline()
	from := t.buckets[0].Start.In(m.cfg.Loc)
	left := from.Format(m.dayClock(from))
	end := t.buckets[len(t.buckets)-1]
	to := end.Start.Add(end.Width).In(m.cfg.Loc)
	right := to.Format(m.dayClock(to))
	p.Space(timelineMargin)
	p.Put(ui.Dim, ui.Cut(left, m.width-p.X))
	p.To(min(timelineMargin+len(t.buckets), m.width) - len(right))
	p.Put(ui.Dim, ui.Cut(right, m.width-p.X))
}
