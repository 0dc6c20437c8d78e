package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
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
		func(ctx context.Context) ([]search.Bucket, error) { return store.Buckets(ctx, q, n) },
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
func (m *model) drawTimeline(p *pen, height int) {
	t := &m.timeline
	if len(t.buckets) == 0 {
		look, text := m.timelineEmpty()
		for i := range height {
			if i == 1 {
				p.put(look, " "+cut(text, m.width-1))
			}
			if i < height-1 {
				p.newline()
			}
		}
		return
	}
	const others = 3 // the line of the cursor, the axis and its times
	rows := max((height-others)/2, 1)
	m.drawPicked(p)
	p.newline()
	m.drawChart(p, "flows", rows, func(b *search.Bucket) uint64 { return uint64(b.Flows) })
	m.drawChart(p, "bytes", max(height-others-rows, 1), func(b *search.Bucket) uint64 { return b.Octets })
	m.drawAxis(p)
}

func (m *model) timelineEmpty() (role, string) {
	switch t := &m.timeline; {
	case t.err != nil:
		return roleBad, "adding up failed: " + oneLine(t.err)
	case !t.loaded:
		return roleDim, "adding up ..."
	}
	return roleText, "No flow matches " + m.inRange() + ": / edits the filter, r changes the range."
}

// drawPicked writes the picked span and its sums.
func (m *model) drawPicked(p *pen) {
	t := &m.timeline
	first, last := t.picked()
	var sum search.Bucket
	for _, b := range t.buckets[first : last+1] {
		sum.Flows += b.Flows
		sum.Octets += b.Octets
	}
	from, to := t.buckets[first].Start.In(m.cfg.Loc), t.buckets[last].Start.Add(t.buckets[last].Width).In(m.cfg.Loc)
	text := from.Format(m.dayClock(from)) + " to " + to.Format("15:04:05") + " (" + to.Sub(from).Round(time.Second).String() + ")  " +
		countText(sum.Flows) + plural(int(min(sum.Flows, 2)), " flow") + "  " + string(appendSize(nil, sum.Octets)) + " bytes"
	p.space(1)
	p.put(roleAccent, cut(text, m.width-1))
	hint := "   Space begins a span, Enter shows its flows"
	if t.brushing {
		hint = "   h l widen the span, Enter shows its flows"
	}
	if p.x+textWidth(hint) < m.width {
		p.put(roleDim, hint)
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
func (m *model) drawChart(p *pen, name string, rows int, of func(*search.Bucket) uint64) {
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
			scale = string(appendSize(nil, most))
		case 0:
			scale = name
		}
		p.put(roleDim, boxRight(scale, timelineMargin-1)+" ")
		look := roleText
		for i := range t.buckets[:min(len(t.buckets), m.width-timelineMargin)] {
			now := roleText
			if i >= first && i <= last {
				now = roleAccent
			}
			if now != look {
				p.runEnd()
				p.runBegin(now)
				look = now
			}
			p.put(roleText, m.th.chartSign(of(&t.buckets[i]), most, row, rows))
		}
		p.runEnd()
		p.newline()
	}
}

// drawAxis writes where the cursor is and the ends of the range.
func (m *model) drawAxis(p *pen) {
	t := &m.timeline
	first, last := t.picked()
	p.space(timelineMargin)
	p.put(roleBorder, rule(m.th, min(first, m.width-p.x)))
	p.put(roleAccent, repeat("^", min(last-first+1, m.width-p.x)))
	p.put(roleBorder, rule(m.th, min(len(t.buckets)-last-1, m.width-p.x)))
	p.newline()
	from := t.buckets[0].Start.In(m.cfg.Loc)
	left := from.Format(m.dayClock(from))
	end := t.buckets[len(t.buckets)-1]
	to := end.Start.Add(end.Width).In(m.cfg.Loc)
	right := to.Format(m.dayClock(to))
	p.space(timelineMargin)
	p.put(roleDim, cut(left, m.width-p.x))
	p.to(min(timelineMargin+len(t.buckets), m.width) - len(right))
	p.put(roleDim, cut(right, m.width-p.x))
}
