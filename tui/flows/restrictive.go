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

// mostRestrictive is the part of a search that finds nothing without which most flows
// match.
type mostRestrictive struct {
	known bool   // it was looked for
	what  string // the part, safe to draw; empty: no part alone keeps all flows away
	n     int64  // flows that match without it, up to restrictiveMax
}

// mostRestrictiveFoundMsg: it was looked for.
type mostRestrictiveFoundMsg struct {
	session.Reply
	mostRestrictive
}

const (
	// restrictiveMax is how many flows are counted to find the mostRestrictive.
	restrictiveMax = 10_000
	// restrictiveTerms is how many terms a filter may have to be looked through:
	// each costs a count.
	restrictiveTerms = 8
)

// without is a search that lacks a part.
type without struct {
	what  string
	query search.Query
}

// parts is the searches that lack one term of q's filter, or its choice of nodes.
func parts(q search.Query) []without {
	terms := search.Conjuncts(q.Filter)
	if len(terms) > restrictiveTerms {
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

// findMostRestrictive looks for the part of the search that excludes most.
func (f *Result) findMostRestrictive() tea.Cmd {
	parts, store := parts(f.Shown), f.Cfg.Store
	return session.Ask(&f.restrictiveRequest,
		func(ctx context.Context) (mostRestrictive, error) {
			found := mostRestrictive{known: true}
			for _, p := range parts {
				n, err := store.Count(ctx, search.Request{Query: p.query}, restrictiveMax)
				if err != nil {
					return mostRestrictive{}, err
				}
				if n > found.n {
					found.what, found.n = p.what, n
				}
			}
			return found, nil
		},
		func(r session.Reply, c mostRestrictive) tea.Msg { return mostRestrictiveFoundMsg{r, c} })
}

func (f *Result) onMostRestrictive(msg mostRestrictiveFoundMsg) tea.Cmd {
	current, next := f.restrictiveRequest.Answered(msg.Reply, session.TotalInterval)
	if current && msg.Err == nil {
		f.mostRestrictive = msg.mostRestrictive
	}
	return next
}

// text is what to know of it.
func (c *mostRestrictive) text() string {
	switch {
	case !c.known:
		return ""
	case c.what == "":
		return "No single part of it keeps all flows away."
	case c.n > restrictiveMax:
		return "Without " + c.what + " more than " + ui.Count(int64(restrictiveMax)) + " flows match."
	case c.n == 1:
		return "Without " + c.what + " one flow matches."
	}
	return "Without " + c.what + " " + ui.Count(c.n) + " flows match."
}
