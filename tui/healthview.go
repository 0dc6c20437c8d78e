package tui

import (
	"cmp"
	"slices"
	"strings"

	"weir/flow"
	"weir/internal/termsafe"
)

// healthLines is what was counted between wire and store, in at most height
// lines from the one that was scrolled to.
func (m *model) healthLines(height int) []message {
	lines := m.allHealth()
	m.healthTop = min(max(m.healthTop, 0), max(len(lines)-height, 0))
	return lines[m.healthTop:min(m.healthTop+height, len(lines))]
}

func (m *model) allHealth() []message {
	if m.cfg.Health == nil {
		return []message{{roleText, " Nothing is captured here, so nothing is counted."}}
	}
	return append(m.sourceLines(), m.countLines()...)
}

// sourceLines is the sources of packets.
func (m *model) sourceLines() []message {
	h := &m.health
	lines := []message{{roleHeader, " " + boxFill("SOURCE", m.sourceWide()) + boxRight("PACKETS", 14) + boxRight("BYTES", 7) + boxRight("DROPPED", 10) + "  STATE"}}
	for i := range h.Sources {
		lines = append(lines, m.sourceLine(&h.Sources[i]))
		if err := h.Sources[i].Err; err != "" {
			for _, text := range boxWrap(termsafe.Text(err), m.width-4, 3) {
				lines = append(lines, message{roleWarn, "   " + strings.TrimRight(text, " ")})
			}
		}
	}
	if len(h.Sources) == 0 {
		lines = append(lines, message{roleDim, " no source of packets"})
	}
	return append(lines, message{})
}

// countLines is what happened to the flows and to the frames without one.
func (m *model) countLines() []message {
	h := &m.health
	var lines []message
	add := func(look role, text string) { lines = append(lines, message{look, " " + text}) }
	count := func(what string, n uint64, bad bool) {
		look := roleText
		if bad && n > 0 {
			look, what = roleWarn, "! "+what
		}
		add(look, boxFill(what, min(44, m.width-15))+boxRight(countText(n), 14))
	}
	add(roleHeader, "FLOWS")
	count("open now", uint64(max(h.OpenFlows, 0)), false)
	count("begun", h.Created, false)
	count("ended", h.Ended, false)
	count("cut short because the flow table was full", h.Evicted, true)
	add(roleText, "")
	add(roleHeader, "STORE")
	count("records written, updates included", h.Stored, false)
	count("flows that could not be stored", h.Unstored, true)
	if h.StoreErr != "" {
		add(roleBad, "! "+termsafe.Text(h.StoreErr))
	} else {
		add(roleText, "writing as it should")
	}
	add(roleText, "")
	add(roleHeader, "FRAMES WITHOUT A FLOW")
	skipped := slices.Clone(h.Skipped)
	slices.SortFunc(skipped, func(a, b flow.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	for _, c := range skipped {
		count(termsafe.Text(c.Name), c.N, false)
	}
	if len(skipped) == 0 {
		add(roleDim, "none")
	}
	return lines
}

// sourceWide is the columns for the name of a source.
func (m *model) sourceWide() int { return min(max(m.width-50, 12), 40) }

// sourceLine is the state of one source of packets.
func (m *model) sourceLine(s *flow.SourceHealth) message {
	line := message{roleText, ""}
	state := "reading"
	switch {
	case s.Err != "" && !s.Done:
		line.look, state = roleWarn, "! waiting"
	case s.Err != "":
		line.look, state = roleWarn, "! ended"
	case s.KernelDrops > 0:
		line.look, state = roleWarn, "! packets lost"
	case s.Done:
		state = "read to the end"
	}
	line.text = " " + boxFill(termsafe.Text(s.Name), m.sourceWide()) + boxRight(countText(s.Packets), 14) + boxRight(string(appendSize(nil, s.Octets)), 7) +
		boxRight(countText(s.KernelDrops), 10) + "  " + state
	return line
}
