package tui

import (
	"cmp"
	"slices"
	"strings"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/ui"
)

// healthLines is what was counted between wire and store, in at most height
// lines from the one that was scrolled to.
func (m *model) healthLines(height int) []ui.Message {
	lines := m.allHealth()
	m.healthTop = min(max(m.healthTop, 0), max(len(lines)-height, 0))
	return lines[m.healthTop:min(m.healthTop+height, len(lines))]
}

func (m *model) allHealth() []ui.Message {
	if m.cfg.Health == nil {
		return []ui.Message{{Look: ui.Text, Text: " Nothing is captured here, so nothing is counted."}}
	}
	return append(m.sourceLines(), m.countLines()...)
}

// sourceLines is the sources of packets.
func (m *model) sourceLines() []ui.Message {
	h := &m.health
	lines := []ui.Message{{Look: ui.Header, Text: " " + ui.Fill("SOURCE", m.sourceWide()) + ui.Right("PACKETS", 14) + ui.Right("BYTES", 7) + ui.Right("DROPPED", 10) + "  STATE"}}
	for i := range h.Sources {
		lines = append(lines, m.sourceLine(&h.Sources[i]))
		if err := h.Sources[i].Err; err != "" {
			for _, text := range ui.Wrap(termsafe.Text(err), m.width-4, 3) {
				lines = append(lines, ui.Message{Look: ui.Warn, Text: "   " + strings.TrimRight(text, " ")})
			}
		}
	}
	if len(h.Sources) == 0 {
		lines = append(lines, ui.Message{Look: ui.Dim, Text: " no source of packets"})
	}
	return append(lines, ui.Message{})
}

// countLines is what happened to the flows and to the frames without one.
func (m *model) countLines() []ui.Message {
	h := &m.health
	var lines []ui.Message
	add := func(look ui.Role, text string) { lines = append(lines, ui.Message{Look: look, Text: " " + text}) }
	count := func(what string, n uint64, bad bool) {
		look := ui.Text
		if bad && n > 0 {
			look, what = ui.Warn, "! "+what
		}
		add(look, ui.Fill(what, min(44, m.width-15))+ui.Right(ui.Count(n), 14))
	}
	add(ui.Header, "FLOWS")
	count("open now", uint64(max(h.OpenFlows, 0)), false)
	count("begun", h.Created, false)
	count("ended", h.Ended, false)
	count("cut short because the flow table was full", h.Evicted, true)
	add(ui.Text, "")
	add(ui.Header, "STORE")
	count("records written, updates included", h.Stored, false)
	count("flows that could not be stored", h.Unstored, true)
	if h.StoreErr != "" {
		add(ui.Bad, "! "+termsafe.Text(h.StoreErr))
	} else {
		add(ui.Text, "writing as it should")
	}
	add(ui.Text, "")
	add(ui.Header, "FRAMES WITHOUT A FLOW")
	skipped := slices.Clone(h.Skipped)
	slices.SortFunc(skipped, func(a, b flow.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	for _, c := range skipped {
		count(termsafe.Text(c.Name), c.N, false)
	}
	if len(skipped) == 0 {
		add(ui.Dim, "none")
	}
	return lines
}

// sourceWide is the columns for the name of a source.
func (m *model) sourceWide() int { return min(max(m.width-50, 12), 40) }

// sourceLine is the state of one source of packets.
func (m *model) sourceLine(s *flow.SourceHealth) ui.Message {
	line := ui.Message{Look: ui.Text, Text: ""}
	state := "reading"
	switch {
	case s.Err != "" && !s.Done:
		line.Look, state = ui.Warn, "! waiting"
	case s.Err != "":
		line.Look, state = ui.Warn, "! ended"
	case s.KernelDrops > 0:
		line.Look, state = ui.Warn, "! packets lost"
	case s.Done:
		state = "read to the end"
	}
	line.Text = " " + ui.Fill(termsafe.Text(s.Name), m.sourceWide()) + ui.Right(ui.Count(s.Packets), 14) + ui.Right(string(ui.AppendSize(nil, s.Octets)), 7) +
		ui.Right(ui.Count(s.KernelDrops), 10) + "  " + state
	return line
}
