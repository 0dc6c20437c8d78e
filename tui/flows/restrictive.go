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

// mostRestrictive is the term of a search without results whose removal yields the
// most flows.
type mostRestrictive struct {
	known bool   // the search for it is done
	what  string // the term, safe to draw; empty: no single term excludes everything
	n     int64  // flows that match without it; counted up to restrictiveMax
}

// mostRestrictiveFoundMsg delivers the most restrictive term.
type mostRestrictiveFoundMsg struct {
	session.Reply
	mostRestrictive
}

const (
	// restrictiveMax is up to how many flows are counted without a term.
	restrictiveMax = 10_000
	// restrictiveTerms is the maximum number of terms that are tried, since each costs
	// a count.
	restrictiveTerms = 8
)

// without is a search with one term removed.
type without struct {
	what  string
	query search.Query
}

// parts returns the searches with one term of q's filter, or its nodes, removed.
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
		out = append(out, without{"the selected nodes", less})
	}
	return out
}

// findMostRestrictive searches for the most restrictive term.
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

// text returns the message for the user.
func (c *mostRestrictive) text() string {
	switch {
	case !c.known:
		return ""
	case c.what == "":
		return "No single term excludes everything; remove two or more."
	case c.n > restrictiveMax:
		return "Without " + c.what + ", more than " + ui.Count(int64(restrictiveMax)) + " flows match."
	case c.n == 1:
		return "Without " + c.what + ", one flow matches."
	}
	return "Without " + c.what + ", " + ui.Count(c.n) + " flows match."
}
