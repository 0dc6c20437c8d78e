package flows

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/session"
	"weir/tui/ui"
)

// culprit is the part of a search that finds nothing without which most flows
// match.
type culprit struct {
	known bool   // it was looked for
	what  string // the part, safe to draw; empty: no part alone keeps all flows away
	n     int64  // flows that match without it, up to culpritMax
}

// culpritFoundMsg: it was looked for.
type culpritFoundMsg struct {
	session.Reply
	culprit
}

const (
	// culpritMax is how many flows are counted to find the culprit.
	culpritMax = 10_000
	// culpritTerms is how many terms a filter may have to be looked through:
	// each costs a count.
	culpritTerms = 8
)

// without is a search that lacks a part.
type without struct {
	what  string
	query search.Query
}

// parts is the searches that lack one term of q's filter, or its choice of nodes.
func parts(q search.Query) []without {
	terms := search.Conjuncts(q.Filter)
	if len(terms) > culpritTerms {
		return nil
	}
	var out []without
	for i := range terms {
		less := q
		less.Filter = search.Join(slices.Delete(slices.Clone(terms), i, i+1))
		out = append(out, without{termsafe.Text(search.Text(terms[i])), less})
	}
	if len(q.Nodes) > 0 {
		less := q
		less.Nodes = nil
		out = append(out, without{"the choice of nodes", less})
	}
	return out
}

// findCulprit looks for the part of the search that excludes most.
func (f *Result) findCulprit() tea.Cmd {
	parts, store := parts(f.Shown), f.Cfg.Store
	return session.Ask(&f.blame,
		func(ctx context.Context) (culprit, error) {
			found := culprit{known: true}
			for _, p := range parts {
				n, err := store.Count(ctx, search.Request{Query: p.query}, culpritMax)
				if err != nil {
					return culprit{}, err
				}
				if n > found.n {
					found.what, found.n = p.what, n
				}
			}
			return found, nil
		},
		func(r session.Reply, c culprit) tea.Msg { return culpritFoundMsg{r, c} })
}

func (f *Result) onCulprit(msg culpritFoundMsg) tea.Cmd {
	current, next := f.blame.Answered(msg.Reply, session.TotalInterval)
	if current && msg.Err == nil {
		f.culprit = msg.culprit
	}
	return next
}

// text is what to know of it.
func (c *culprit) text() string {
	switch {
	case !c.known:
		return ""
	case c.what == "":
		return "No single part of it keeps all flows away."
	case c.n > culpritMax:
		return "Without " + c.what + " more than " + ui.Count(int64(culpritMax)) + " flows match."
	case c.n == 1:
		return "Without " + c.what + " one flow matches."
	}
	return "Without " + c.what + " " + ui.Count(c.n) + " flows match."
}
