package tui

import (
	"strings"
	"time"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// notice is what the reader must know whatever the table shows: why flows are
// missing, first of all.
func (m *model) notice() ui.Message {
	switch {
	case m.feed.err != nil:
		return ui.Message{Look: ui.Bad, Text: "search failed: " + ui.OneLine(m.feed.err)}
	case m.health.StoreErr != "":
		return ui.Message{Look: ui.Bad, Text: "flows are not being stored: " + termsafe.Text(m.health.StoreErr)}
	case m.cfg.Notice != "":
		return ui.Message{Look: ui.Warn, Text: termsafe.Text(m.cfg.Notice)}
	}
	for i := range m.health.Sources {
		if s := &m.health.Sources[i]; s.Err != "" {
			state := " is not captured for now: "
			if s.Done {
				state = " ended: "
			}
			return ui.Message{Look: ui.Warn, Text: termsafe.Text(s.Name) + state + termsafe.Text(s.Err)}
		}
	}
	return ui.Message{}
}

// emptyLines says why there are no flows and what to do, in lines of at most w
// columns.
func (m *model) emptyLines(w int) []ui.Message {
	var lines []ui.Message
	add := func(look ui.Role, text string) {
		for _, line := range ui.Wrap(text, w, 4) {
			lines = append(lines, ui.Message{Look: look, Text: strings.TrimRight(line, " ")})
		}
	}
	n := m.notice()
	switch {
	case m.feed.loading:
		add(ui.Dim, "searching ..."+m.feed.progress.text(m.now()))
		return lines
	case m.feed.err != nil:
		add(n.Look, n.Text)
		add(ui.Dim, "It is tried again every second. The filter and the range are kept.")
		return lines
	case m.query.Filter != nil || len(m.query.Nodes) > 0:
		m.emptyFilter(add)
	default:
		m.emptyStore(add)
	}
	if n.Text != "" {
		lines = append(lines, ui.Message{})
		add(n.Look, n.Text)
	}
	return lines
}

// emptyFilter says which filter and which range find nothing.
func (m *model) emptyFilter(add func(look ui.Role, text string)) {
	add(ui.Header, "No flow matches "+m.inRange()+".")
	if len(m.query.Nodes) > 0 {
		add(ui.Text, "Reported by: "+termsafe.Text(strings.Join(m.query.Nodes, ", ")))
	}
	terms := search.Conjuncts(m.query.Filter)
	if len(terms) > 0 {
		add(ui.Text, "Filter: "+termsafe.Text(m.line.text))
	}
	if text := m.culprit.text(); text != "" {
		add(ui.Text, text)
	}
	if len(terms) > 0 {
		add(ui.Dim, "Backspace drops the last term: "+termsafe.Text(search.Text(terms[len(terms)-1])))
	}
	add(ui.Dim, "/ edits the filter, r changes the range, n the nodes.")
}

// emptyStore says that there are no flows at all in the range.
func (m *model) emptyStore(add func(look ui.Role, text string)) {
	var last time.Time
	for i := range m.Nodes {
		if m.Nodes[i].LastSeen.After(last) {
			last = m.Nodes[i].LastSeen
		}
	}
	if !last.IsZero() {
		add(ui.Header, "No flow began "+m.inRange()+".")
		add(ui.Text, "The last packet was seen "+last.In(m.cfg.Loc).Format("2006-01-02 15:04:05")+" "+ui.Offset(last.In(m.cfg.Loc))+".")
		add(ui.Dim, "r shows a longer range.")
	} else {
		add(ui.Header, "No flows yet.")
	}
	switch {
	case m.cfg.Capturing != "":
		add(ui.Text, "Watching "+termsafe.Text(m.cfg.Capturing)+". A flow appears here with its first packet.")
	case m.cfg.Notice == "":
		add(ui.Text, "Nothing is being captured here; flows appear when something writes them to the store.")
	}
}

// inRange is the range of time as the end of a sentence.
func (m *model) inRange() string {
	text := input.RangeTexts(m.query.Range, m.cfg.Loc)[0]
	switch r := m.query.Range; {
	case r.Last > 0:
		return "in the " + text
	case r.From.IsZero() && r.To.IsZero():
		return "in all time"
	case !r.From.IsZero() && !r.To.IsZero():
		return "from " + text
	}
	return text
}
