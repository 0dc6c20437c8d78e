package tui

import (
	"path/filepath"
	"strconv"
	"strings"

	"weir/internal/termsafe"
	"weir/tui/flows"
	"weir/tui/input"
	"weir/tui/ui"
)

// segment is a part of the header, with texts from long to short.
type segment struct {
	look  ui.Role
	texts []string
	at    int // index of the text in use
}

func (s *segment) text() string { return s.texts[s.at] }

// The segments of the header, from left to right.
const (
	segName = iota
	segNodes
	segRange
	segOrder
	segState
	segLost
	segOffset
	numSegments
)

// shrinkOrder is the order in which segments are shortened when the line is too long.
var shrinkOrder = [...]int{
	segState, segName, segOrder, segState, segLost, segNodes, segRange, segNodes, segRange, segState, segName, segNodes, segState, segLost,
}

// drawHeader writes host, nodes, time range, order, state, losses and time zone. The
// segments are shortened until the line fits.
func (m *model) drawHeader(p *ui.Pen) {
	segs := [numSegments]segment{
		segName:   m.nameSegment(),
		segNodes:  m.nodesSegment(),
		segRange:  {texts: input.RangeTexts(m.Query.Range, m.Cfg.Loc)},
		segOrder:  m.orderSegment(),
		segState:  m.stateSegment(),
		segLost:   m.lostSegment(),
		segOffset: {look: ui.Dim, texts: []string{m.flows.Offsets}},
	}
	gap := 3
	total := func() int {
		sum := 1
		for i := range segs {
			if w := ui.Width(segs[i].text()); w > 0 {
				sum += w + gap
			}
		}
		return sum
	}
	for _, i := range shrinkOrder {
		if total() <= m.width {
			break
		}
		gap = 2
		if total() > m.width && segs[i].at < len(segs[i].texts)-1 {
			segs[i].at++
		}
	}
	p.Space(1)
	for i := range segs {
		text := segs[i].text()
		if text == "" {
			continue
		}
		if i == segOffset {
			p.To(m.width - ui.Width(text) - 1)
		} else if p.X > 1 {
			p.Space(gap)
		}
		p.Put(segs[i].look, ui.Cut(text, m.width-p.X))
	}
}

func (m *model) nameSegment() segment {
	if m.Cfg.Host == "" {
		return segment{ui.Accent, []string{"weir"}, 0}
	}
	return segment{ui.Accent, []string{"weir " + termsafe.Text(m.Cfg.Host), "weir"}, 0}
}

func (m *model) nodesSegment() segment {
	names := m.Query.Nodes
	if len(names) == 0 {
		if len(m.Nodes) == 0 {
			return segment{ui.Text, []string{"nodes all"}, 0}
		}
		return segment{ui.Text, []string{"nodes all (" + ui.Count(len(m.Nodes)) + ")", "nodes all"}, 0}
	}
	all := termsafe.Text(strings.Join(names, ","))
	rest := ""
	if len(names) > 1 {
		rest = " +" + strconv.Itoa(len(names)-1)
	}
	first := termsafe.Text(names[0])
	return segment{ui.Accent, []string{
		"nodes " + ui.Cut(all, 40), "nodes " + ui.Cut(first, 16) + rest, ui.Cut(first, 10) + rest, ui.Cut(first, 5) + rest,
	}, 0}
}

// orderSegment says which flows come first, unless the state segment says by what the view is sorted.
func (m *model) orderSegment() segment {
	if m.flows.State == flows.Still {
		return segment{texts: []string{""}}
	}
	words := m.Query.Order.String()
	return segment{ui.Text, []string{words + " first", words}, 0}
}

// readerSegment says which process the view follows, or which store it reads.
func (m *model) readerSegment() segment {
	if m.CountsKnown() && m.Health.Writer != "" {
		return segment{ui.Accent, []string{"FOLLOWING " + termsafe.Text(m.Health.Writer), "FOLLOWING"}, 0}
	}
	name, _, _ := strings.Cut(m.Cfg.Reading, ";")
	return segment{ui.Text, []string{"READING " + termsafe.Text(m.Cfg.Reading), "READING " + termsafe.Text(name), "READING"}, 0}
}

// stateSegment says whether the view follows, and how many new flows it does not show.
func (m *model) stateSegment() segment {
	news := ""
	if m.flows.News > 0 {
		news = " +" + ui.Count(m.flows.News) + " new"
		if m.flows.News > flows.NewMax {
			news = " +" + ui.Count(flows.NewMax) + " new and more"
		}
	}
	short := strings.TrimSuffix(strings.TrimSuffix(news, " and more"), " new")
	switch m.flows.State {
	case flows.Paused:
		return segment{ui.Warn, []string{"PAUSED" + news, "PAUSED" + short}, 0}
	case flows.Still:
		texts := m.flows.Order(m.theme)
		all := []string{texts[0] + news}
		for _, text := range texts {
			all = append(all, text+short)
		}
		return segment{ui.Warn, all, 0}
	}
	if _, to := m.Query.Range.Bounds(m.Now()); !to.IsZero() && to.Before(m.Now()) {
		return segment{ui.Text, []string{"HISTORY"}, 0}
	}
	if m.Cfg.Reading != "" {
		return m.readerSegment()
	}
	if n := len(m.Health.Sources); n > 0 && m.AllDone() {
		what := ui.Count(n) + " sources done"
		if n == 1 {
			what = ui.Cut(termsafe.Text(filepath.Base(m.Health.Sources[0].Name)), 24) + ": done"
		}
		return segment{ui.Text, []string{what + ", " + ui.Count(m.Health.Created) + ui.Plural(m.Health.Created, " flow"), what, "DONE"}, 0}
	}
	if m.NotCapturing() {
		sign := "○"
		if m.theme.ASCII {
			sign = "-"
		}
		return segment{ui.Warn, []string{sign + " NOT CAPTURING", sign + " NO CAPTURE", sign + " OFF"}, 0}
	}
	if m.Health.StoreErr != "" {
		return segment{ui.Bad, []string{"! NOT STORING"}, 0}
	}
	dot := "● LIVE"
	if m.theme.ASCII {
		dot = "* LIVE"
	}
	r, ok := m.Rate.Last()
	if !ok || len(m.Health.Sources) == 0 {
		return segment{ui.Accent, []string{dot}, 0}
	}
	per := ui.Count(int64(r + 0.5))
	return segment{ui.Accent, []string{
		strings.TrimSpace(dot + " " + per + " flows/s " + sparkline(m.theme, m.Rate.Samples)), dot + " " + per + " flows/s", dot + " " + per + "/s", dot,
	}, 0}
}

// lostSegment says how many packets and flows were lost, how many flows were ended early because the
// flow table was full, and how often an interface was not captured.
func (m *model) lostSegment() segment {
	if !m.CountsKnown() {
		return segment{ui.Dim, []string{"lost -"}, 0}
	}
	h := &m.Health
	lost, evicted, outages := h.Lost(), h.Evicted, h.Outages()
	long, short := "lost "+ui.Count(lost), "lost "+ui.Count(lost)
	if evicted > 0 {
		long, short = long+" ended early "+ui.Count(evicted), short+" early "+ui.Count(evicted)
	}
	if outages > 0 {
		long, short = long+" gaps "+ui.Count(outages), short+" gaps "+ui.Count(outages)
	}
	switch {
	case evicted > 0 || outages > 0:
		return segment{ui.Warn, []string{long, short, "lost " + ui.Count(lost+evicted)}, 0}
	case lost > 0:
		return segment{ui.Warn, []string{long}, 0}
	}
	return segment{ui.Dim, []string{long}, 0}
}

// sparkline returns the samples as bars of seven heights; empty if all are 0, and in
// ASCII, which has no such bars.
func sparkline(th *ui.Theme, samples []float64) string {
	top := 0.0
	for _, v := range samples {
		top = max(top, v)
	}
	if top == 0 || th.ASCII {
		return ""
	}
	bars := []rune("▁▂▃▄▅▆▇")
	line := make([]rune, len(samples))
	for i, v := range samples {
		line[i] = bars[min(int(v/top*float64(len(bars))), len(bars)-1)]
	}
	return string(line)
}
