package session

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/keys"
	"weir/tui/ui"
)

// Sums are what an [Aggregator] sums up over the flows of the query.
type Sums[T any] struct {
	*Session
	Request LatestRequest
	Err     error        // of the last request; nil: it succeeded
	gaps    []search.Gap // that Rows lack
	Rows    []T
	Loaded  bool // Rows belong to the current query
}

// NewSums returns sums without rows. [Sums.Sum] requests them.
func NewSums[T any](s *Session) *Sums[T] {
	x := &Sums[T]{Session: s, Request: s.NewLatestRequest()}
	s.WatchQuery(func(search.Query) tea.Cmd {
		x.Forget()
		return nil
	})
	return x
}

// Forget makes Rows those of another query; they stay until others arrive.
func (x *Sums[T]) Forget() { x.Loaded, x.Err, x.gaps = false, nil, nil }

// SumsLoadedMsg delivers the rows.
type SumsLoadedMsg[T any] struct {
	Reply
	rows []T
}

// Sum requests the rows with sum; nil if the store is not an [Aggregator].
func (x *Sums[T]) Sum(sum func(context.Context, Aggregator) ([]T, error)) tea.Cmd {
	store, ok := x.Cfg.Store.(Aggregator)
	if !ok {
		return nil
	}
	return Ask(&x.Request,
		func(ctx context.Context) ([]T, error) { return sum(ctx, store) },
		func(r Reply, rows []T) tea.Msg { return SumsLoadedMsg[T]{r, rows} })
}

// OnLoaded handles the rows. taken says that Rows were replaced.
func (x *Sums[T]) OnLoaded(msg SumsLoadedMsg[T]) (taken bool, next tea.Cmd) {
	current, next := x.Request.Answered(msg.Reply, TotalInterval)
	if !current {
		return false, next
	}
	if x.Err = msg.Err; x.Err != nil {
		return false, nil
	}
	x.Rows, x.Loaded, x.gaps = msg.rows, true, msg.Gaps
	return true, nil
}

// Failure returns the error of the last request as shown to the user, or what damage the sums lack; empty: neither.
func (x *Sums[T]) Failure() string {
	switch {
	case x.Err != nil:
		return "sums failed: " + ui.OneLine(x.Err)
	case len(x.gaps) > 0:
		return search.GapText(x.gaps, x.Cfg.Loc)
	}
	return ""
}

// Empty returns what a screen shows in place of rows.
func (x *Sums[T]) Empty() (ui.Role, string) {
	switch {
	case x.Err != nil:
		return ui.Bad, x.Failure()
	case !x.Loaded:
		return ui.Dim, "summing ..."
	}
	if why := x.Failure(); why != "" {
		return ui.Bad, why
	}
	return ui.Text, "No flow matches " + x.InRange() + ": " + x.Key(keys.Filter) + " edits the filter, " + x.Key(keys.Range) + " changes the range."
}
