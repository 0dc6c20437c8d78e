package session

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// History is the latest searches, oldest first. Each is a whole query as text that
// [search.ParseQuery] reads.
type History []string

// add returns the history with a search appended and earlier equal ones removed.
func (h History) add(text string) History {
	if text == "" {
		return h
	}
	h = append(slices.DeleteFunc(slices.Clone(h), func(old string) bool { return old == text }), text)
	return h[max(0, len(h)-input.HistoryMax):]
}

// filters returns the filters of the searches. Searches without a filter, or with
// one that no longer parses, are skipped.
func (h History) filters(now time.Time, loc *time.Location) (texts History) {
	for _, text := range h {
		if q, err := search.ParseQuery(text, now, loc); err == nil && q.Filter != nil {
			texts = texts.add(search.Text(q.Filter))
		}
	}
	return texts
}

// RememberFilter adds a filter to the history of the filter line.
func (s *Session) RememberFilter(text string) { s.Filters = s.Filters.add(strings.TrimSpace(text)) }

// historyKeptMsg reports that a search was saved, or the error.
type historyKeptMsg struct{ err error }

// Remember adds a search to the history.
func (s *Session) Remember(q search.Query) tea.Cmd {
	text := q.Text()
	if text == "" || len(s.Past) > 0 && s.Past[len(s.Past)-1] == text {
		return nil
	}
	s.Past = s.Past.add(text)
	keep := s.Cfg.Remember
	if keep == nil {
		return nil
	}
	return Guarded(func() tea.Msg { return historyKeptMsg{keep(text)} })
}

func (s *Session) onHistoryKept(msg historyKeptMsg) {
	if msg.err != nil {
		s.Say(ui.Bad, "search not saved: "+ui.OneLine(msg.err))
	}
}
