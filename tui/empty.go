package tui

import (
	"strings"
	"time"

	"weir/internal/termsafe"
	"weir/search"
)

// notice is what the reader must know whatever the table shows: why flows are
// missing, first of all.
func (m *model) notice() message {
	switch {
	case m.feed.err != nil:
		return message{roleBad, "search failed: " + oneLine(m.feed.err)}
	case m.health.StoreErr != "":
		return message{roleBad, "flows are not being stored: " + termsafe.Text(m.health.StoreErr)}
	case m.cfg.Notice != "":
		return message{roleWarn, termsafe.Text(m.cfg.Notice)}
	}
	for i := range m.health.Sources {
		if s := &m.health.Sources[i]; s.Err != "" {
			state := " is not captured for now: "
			if s.Done {
				state = " ended: "
			}
			return message{roleWarn, termsafe.Text(s.Name) + state + termsafe.Text(s.Err)}
		}
	}
	return message{}
}

// emptyLines says why there are no flows and what to do, in lines of at most w
// columns.
func (m *model) emptyLines(w int) []message {
	var lines []message
	add := func(look role, text string) {
		for _, line := range boxWrap(text, w, 4) {
			lines = append(lines, message{look, strings.TrimRight(line, " ")})
		}
	}
	n := m.notice()
	switch {
	case m.feed.loading:
		add(roleDim, "searching ..."+m.feed.progress.text(m.now()))
		return lines
	case m.feed.err != nil:
		add(n.look, n.text)
		add(roleDim, "It is tried again every second. The filter and the range are kept.")
		return lines
	case m.query.Filter != nil || len(m.query.Nodes) > 0:
		m.emptyFilter(add)
	default:
		m.emptyStore(add)
	}
	if n.text != "" {
		lines = append(lines, message{})
		add(n.look, n.text)
	}
	return lines
}

// emptyFilter says which filter and which range find nothing.
func (m *model) emptyFilter(add func(look role, text string)) {
	add(roleHeader, "No flow matches "+m.inRange()+".")
	if len(m.query.Nodes) > 0 {
		add(roleText, "Reported by: "+termsafe.Text(strings.Join(m.query.Nodes, ", ")))
	}
	terms := search.Conjuncts(m.query.Filter)
	if len(terms) > 0 {
		add(roleText, "Filter: "+termsafe.Text(m.line.text))
	}
	if text := m.culprit.text(); text != "" {
		add(roleText, text)
	}
	if len(terms) > 0 {
		add(roleDim, "Backspace drops the last term: "+termsafe.Text(search.Text(terms[len(terms)-1])))
	}
	add(roleDim, "/ edits the filter, r changes the range, n the nodes.")
}

// emptyStore says that there are no flows at all in the range.
func (m *model) emptyStore(add func(look role, text string)) {
	var last time.Time
	for i := range m.nodes {
		if m.nodes[i].LastSeen.After(last) {
			last = m.nodes[i].LastSeen
		}
	}
	if !last.IsZero() {
		add(roleHeader, "No flow began "+m.inRange()+".")
		add(roleText, "The last packet was seen "+last.In(m.cfg.Loc).Format("2006-01-02 15:04:05")+" "+offsetText(last.In(m.cfg.Loc))+".")
		add(roleDim, "r shows a longer range.")
	} else {
		add(roleHeader, "No flows yet.")
	}
	switch {
	case m.cfg.Capturing != "":
		add(roleText, "Watching "+termsafe.Text(m.cfg.Capturing)+". A flow appears here with its first packet.")
	case m.cfg.Notice == "":
		add(roleText, "Nothing is being captured here; flows appear when something writes them to the store.")
	}
}

// inRange is the range of time as the end of a sentence.
func (m *model) inRange() string {
	text := rangeTexts(m.query.Range, m.cfg.Loc)[0]
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
