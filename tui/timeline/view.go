package timeline

import (
	"time"

	"weir/search"
	"weir/tui/keys"
	"weir/tui/ui"
)

// Draw writes two charts, flows above bytes, and the sums of the selected span.
func (t *Screen) Draw(p *ui.Pen) {
	height := t.height
	if !t.Loaded || len(t.Rows) == 0 {
		look, text := t.Empty()
		for i := range height {
			if i == 1 {
				p.Put(look, " "+ui.Cut(text, t.width-1))
			}
			if i < height-1 {
				p.Newline()
			}
		}
		return
	}
	const others = 3 // the selected span, the axis and its times
	rows := max((height-others)/2, 1)
	t.drawPicked(p)
	p.Newline()
	t.drawChart(p, "flows", rows, func(b *search.Bucket) uint64 { return uint64(b.Flows) })
	t.drawChart(p, "bytes", max(height-others-rows, 1), func(b *search.Bucket) uint64 { return b.Octets })
	t.drawAxis(p)
}

// drawPicked writes the selected span and its sums.
func (t *Screen) drawPicked(p *ui.Pen) {
	first, last := t.picked()
	sum := t.Total(first, last)
	from, to := t.Rows[first].Start.In(t.Cfg.Loc), t.Rows[last].Start.Add(t.Rows[last].Width).In(t.Cfg.Loc)
	text := from.Format(t.dayClock(from)) + " to " + to.Format("15:04:05") + " (" + to.Sub(from).Round(time.Second).String() + ")  " +
		ui.Count(sum.Flows) + ui.Plural(int(min(sum.Flows, 2)), " flow") + "  " + string(ui.AppendSize(nil, sum.Octets)) + " bytes  " + ui.Count(sum.Started) + " started"
	p.Space(1)
	p.Put(ui.Accent, ui.Cut(text, t.width-1))
	if why := t.Failure(); why != "" {
		p.Space(2)
		p.Put(ui.Bad, ui.Cut(why, t.width-p.X))
		return
	}
	hint := "   " + t.Key(keys.Mark) + " starts a span, " + t.Key(keys.Details) + " shows its flows"
	if t.brushing {
		hint = "   " + t.Key(keys.Left) + " " + t.Key(keys.Right) + " extend the span, " + t.Key(keys.Details) + " shows its flows"
	}
	if p.X+ui.Width(hint) < t.width {
		p.Put(ui.Dim, hint)
	}
}

// spreadWords says what the charts show.
const spreadWords = "active flows, bytes spread over their time"

// Total returns the sums of the span from one bucket to another: flows that were active in it.
func (t *Sums) Total(first, last int) search.Bucket {
	sum := t.Rows[first]
	for _, b := range t.Rows[first+1 : last+1] {
		sum.Flows += b.Started // others were active in the bucket before
		sum.Started += b.Started
		sum.Octets += b.Octets
		sum.Packets += b.Packets
	}
	return sum
}

// dayClock returns the format of a date and time, without the year if it is the current one.
func (t *Screen) dayClock(at time.Time) string {
	if at.Year() == t.Now().Year() {
		return "01-02 15:04:05"
	}
	return time.DateTime
}

// drawChart writes a bar for each bucket, rows lines high.
func (t *Screen) drawChart(p *ui.Pen, name string, rows int, of func(*search.Bucket) uint64) {
	var most uint64
	for i := range t.Rows {
		most = max(most, of(&t.Rows[i]))
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
		p.Put(ui.Dim, ui.Right(scale, Margin-1)+" ")
		look := ui.Text
		for i := range t.Rows[:min(len(t.Rows), t.width-Margin)] {
			now := ui.Text
			if i >= first && i <= last {
				now = ui.Accent
			}
			if now != look {
				p.End()
				p.Begin(now)
				look = now
			}
			p.Put(ui.Text, p.Theme.ChartSign(of(&t.Rows[i]), most, row, rows))
		}
		p.End()
		p.Newline()
	}
}

// drawAxis marks the selected span and writes the ends of the time range.
func (t *Screen) drawAxis(p *ui.Pen) {
	first, last := t.picked()
	p.Space(Margin)
	p.Put(ui.Border, ui.Rule(p.Theme, min(first, t.width-p.X)))
	p.Put(ui.Accent, ui.Repeat("^", min(last-first+1, t.width-p.X)))
	p.Put(ui.Border, ui.Rule(p.Theme, min(len(t.Rows)-last-1, t.width-p.X)))
	p.Newline()
	from := t.Rows[0].Start.In(t.Cfg.Loc)
	left := from.Format(t.dayClock(from))
	end := t.Rows[len(t.Rows)-1]
	to := end.Start.Add(end.Width).In(t.Cfg.Loc)
	right := to.Format(t.dayClock(to))
	p.Space(Margin)
	p.Put(ui.Dim, ui.Cut(left, t.width-p.X))
	at := min(Margin+len(t.Rows), t.width) - len(right)
	if room := at - p.X; room >= ui.Width(spreadWords)+4 {
		p.Space((room - ui.Width(spreadWords)) / 2)
		p.Put(ui.Dim, spreadWords)
	}
	p.To(at)
	p.Put(ui.Dim, ui.Cut(right, t.width-p.X))
}
