package db

import (
	"math"
	"sort"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// selection is a query compiled for one snapshot.
type selection struct {
	span                // of start times
	clip   span         // the time range: flows must have been active in it
	nodes  []int64      // ids of reporting nodes; nil: all
	filter block.Filter // in addition to the spans, nodes included; nil: none
	order  search.Order
	by     *block.Order // nil: by start
}

// selectStarted returns the selection of all flows that started in a span.
func selectStarted(sp span) selection { return selection{span: sp, clip: allTime} }

// span is a range of times in stored form, both ends included.
type span struct{ lo, hi int64 }

func spanOf(r search.Range, now time.Time) span {
	s := span{math.MinInt64, math.MaxInt64}
	from, to := r.Bounds(now)
	if !from.IsZero() {
		s.lo = block.Nanos(from)
	}
	if !to.IsZero() {
		s.hi = block.Nanos(to) - 1
	}
	return s
}

func (s span) empty() bool { return s.lo > s.hi }

// whole returns s.
func (s span) whole() span { return s }

// intersect returns the overlap of two spans.
func (s span) intersect(t span) span { return span{max(s.lo, t.lo), min(s.hi, t.hi)} }

// overlaps reports whether some starts of a zone can lie in s.
func (s span) overlaps(z block.Zone) bool { return z.Max >= s.lo && s.hi >= z.Min }

// contains reports whether all starts of a zone lie in s.
func (s span) contains(z block.Zone) bool { return s.lo <= z.Min && z.Max <= s.hi }

// compile resolves q with the names of the snapshot.
func compile(q search.Query, names *dictionary, now time.Time) (selection, error) {
	sel := selection{clip: spanOf(q.Range, now), order: q.Order}
	sel.span = startsOf(q.Filter).intersect(span{math.MinInt64, sel.clip.hi})
	var terms []block.Filter
	if len(q.Nodes) > 0 {
		ids, err := names.nodeIDs(q.Nodes)
		if err != nil {
			return sel, err
		}
		sel.nodes = ids
		terms = append(terms, block.ByNode(sel.nodes))
	}
	if q.Filter != nil {
		f, err := block.Compile(q.Filter, names.match)
		if err != nil {
			return sel, err
		}
		terms = append(terms, f)
	}
	sel.filter = block.And(terms...)
	if !q.Order.ByStart() {
		by, err := block.CompileOrder(q.Order)
		if err != nil {
			return sel, err
		}
		sel.by = by
	}
	return sel, nil
}

// startsOf returns a span in which the flows that match a filter start.
func startsOf(filter search.Expr) span {
	sp := allTime
	for _, term := range search.Conjuncts(filter) {
		x, ok := term.(search.Numbers)
		if !ok || x.Field != search.FieldStart || len(x.Ranges) != 1 {
			continue
		}
		if lo := x.Ranges[0].Lo; lo > 0 { // 0 includes times before 1970
			sp.lo = max(sp.lo, lo)
		}
		sp.hi = min(sp.hi, x.Ranges[0].Hi)
	}
	return sp
}

// matchesNothing reports whether no row can match.
func (s *selection) matchesNothing() bool {
	return s.empty() || s.clip.empty() || s.nodes != nil && len(s.nodes) == 0
}

// candidates returns the blocks that can hold flows of the selection that start in sp.
func (s *selection) candidates(blocks []*block.Header, sp span) []*block.Header {
	var out []*block.Header
	for _, b := range blocks {
		if sp.overlaps(b.Zone(block.ColStart)) && latestEnd(b) >= s.clip.lo && (s.filter == nil || s.filter.Zones(b) != block.NoRow) {
			out = append(out, b)
		}
	}
	return out
}

// latestEnd returns a time after which no flow of a block was active: later than its latest end by less than
// the time between its first and last start.
func latestEnd(b block.Zoned) int64 {
	start, duration := b.Zone(block.ColStart), b.Zone(block.ColDuration)
	end := start.Max + duration.Max
	if duration.Min < 0 || end < start.Max || b.Zone(block.ColEndReason).Min <= int64(flow.StillOpen) {
		return math.MaxInt64 // durations from or to an unknown time have wrapped around, or flows are open
	}
	return end
}

// matchingRows returns the rows of a batch that match the selection and start in sp.
func (s *selection) matchingRows(b block.Batch, sp span) (block.Bitmap, error) {
	rows, err := rowsStartedIn(b, sp)
	if err == nil {
		err = s.keepActive(b, rows)
	}
	if err != nil || s.filter == nil || s.filter.Zones(b) == block.EveryRow || rows.Empty() {
		return rows, err
	}
	return rows, s.filter.Narrow(b, rows)
}

// keepActive removes the rows of flows that ended before the time range.
func (s *selection) keepActive(b block.Batch, rows block.Bitmap) error {
	starts := b.Zone(block.ColStart)
	if s.clip.lo <= starts.Min || rows.Empty() {
		return nil
	}
	duration, err := b.Cells(block.ColDuration)
	if err != nil {
		return err
	}
	reasons := b.Zone(block.ColEndReason)
	if least := s.clip.lo - starts.Max; least > 0 && starts.Max >= 0 && reasons.Min > int64(flow.StillOpen) && b.Zone(block.ColDuration).Min >= 0 {
		// All started before the range. Few have lasted long enough, and only of these the start is read.
		if duration.Keep(rows, block.Interval{Lo: least, Hi: math.MaxInt64}); rows.Empty() {
			return nil
		}
	}
	start, err := b.Cells(block.ColStart)
	if err != nil {
		return err
	}
	reason, err := b.Cells(block.ColEndReason)
	if err != nil {
		return err
	}
	rows.Keep(func(i int) bool {
		at := start.At(i)
		return at >= s.clip.lo || at+duration.At(i) >= s.clip.lo || reason.At(i) == int64(flow.StillOpen)
	})
	return nil
}

// rowsStartedIn returns the rows that start in sp. The rows of a block are sorted by start.
func rowsStartedIn(b block.Batch, sp span) (block.Bitmap, error) {
	n := b.Rows()
	if sp.contains(b.Zone(block.ColStart)) {
		return block.RowRange(n, 0, n), nil
	}
	start, err := b.Cells(block.ColStart)
	if err != nil {
		return nil, err
	}
	if _, stored := b.(*block.Reader); !stored {
		rows := block.RowRange(n, 0, n)
		start.Keep(rows, block.Interval{Lo: sp.lo, Hi: sp.hi})
		return rows, nil
	}
	lo := sort.Search(n, func(i int) bool { return start.At(i) >= sp.lo })
	hi := sort.Search(n, func(i int) bool { return start.At(i) > sp.hi })
	return block.RowRange(n, lo, max(lo, hi)), nil
}
