package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// history is the latest searches, the oldest first: whole queries, each as the
// line of text that [search.ParseQuery] reads.
type history []string

// add returns the history with a search at its end; of equal ones the last is kept.
func (h history) add(text string) history {
	if text == "" {
		return h
	}
	h = append(slices.DeleteFunc(slices.Clone(h), func(old string) bool { return old == text }), text)
	return h[max(0, len(h)-input.HistoryMax):]
}

// filters are the filters of the searches that have one. What no longer parses
// is left out.
func (h history) filters(now time.Time, loc *time.Location) (texts history) {
	for _, text := range h {
		if q, err := search.ParseQuery(text, now, loc); err == nil && q.Filter != nil {
			texts = texts.add(search.Text(q.Filter))
		}
	}
	return texts
}

// rememberFilter adds a filter to those of the filter line.
func (s *session) rememberFilter(text string) { s.filters = s.filters.add(strings.TrimSpace(text)) }

// historyKeptMsg: a search was added to the history that outlives the screen, or not.
type historyKeptMsg struct{ err error }

// remember adds a search to the history.
func (s *session) remember(q search.Query) tea.Cmd {
	text := q.Text()
	if text == "" || len(s.past) > 0 && s.past[len(s.past)-1] == text {
		return nil
	}
	s.past = s.past.add(text)
	keep := s.cfg.Remember
	if keep == nil {
		return nil
	}
	return guarded(func() tea.Msg { return historyKeptMsg{keep(text)} })
}

func (s *session) onHistoryKept(msg historyKeptMsg) {
	if msg.err != nil {
		s.say(ui.Bad, "this search is remembered until you quit only: "+ui.OneLine(msg.err))
	}
}
