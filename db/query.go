package db

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strings"
	"time"

	"weir/flow"
	"weir/search"
)

// selection is a query ready for SQL, within one snapshot.
type selection struct {
	span
	nodes  []int64   // ids of reporting nodes; nil: all
	filter condition // on top of span and nodes; empty: none
	order  search.Order
}

// span is a range of start times in stored form, both ends included.
type span struct{ lo, hi int64 }

func spanOf(r search.Range, now time.Time) span {
	s := span{math.MinInt64, math.MaxInt64}
	from, to := r.Bounds(now)
	if !from.IsZero() {
		s.lo = nanos(from)
	}
	if !to.IsZero() {
		s.hi = nanos(to) - 1
	}
	return s
}

func (s span) unbounded() bool { return s.lo == math.MinInt64 && s.hi == math.MaxInt64 }

func (s span) empty() bool { return s.lo > s.hi }

// where is the condition that a flow starts in s.
func (s span) where() condition { return cond("start_ns BETWEEN ? AND ?", s.lo, s.hi) }

// compile resolves q against the names of the snapshot.
func compile(q search.Query, names *dictionary, now time.Time) (selection, error) {
	sel := selection{span: spanOf(q.Range, now), order: q.Order}
	if len(q.Nodes) > 0 {
		sel.nodes = names.exact(q.Nodes)
	}
	if q.Filter == nil {
		return sel, nil
	}
	var err error
	sel.filter, err = translate(q.Filter, names)
	return sel, err
}

// nothing reports whether no row can match.
func (s *selection) nothing() bool {
	return s.empty() || (s.nodes != nil && len(s.nodes) == 0) || s.filter.sql == never.sql
}

// source is what a query reads flows through, with the condition that goes with
// it. It names the index, because SQLite chooses by statistics: there are none
// here, and in a table that only grows they would be out of date.
type source struct {
	table string
	where condition
}

const (
	byID   = "flows NOT INDEXED"
	byTime = "flows INDEXED BY flows_start"
	byNode = "flows INDEXED BY flows_node_start"
)

// index is the source that walks a selection's span in the order of time,
// nodes included if there is one. With several nodes it walks all of them.
func (s *selection) index(sp span) source {
	if len(s.nodes) == 1 {
		return source{byNode, allOf(cond("node_id = ?", s.nodes[0]), sp.where())}
	}
	return source{byTime, sp.where()}
}

// rest is what the rows of index must fulfil besides.
func (s *selection) rest() []condition {
	var terms []condition
	if len(s.nodes) > 1 {
		terms = append(terms, idIn("node_id", s.nodes))
	}
	if s.filter.sql != "" {
		terms = append(terms, s.filter)
	}
	return terms
}

// direction is how ORDER BY says an order.
func direction(o search.Order) string {
	if o == search.Oldest {
		return "ASC"
	}
	return "DESC"
}

// behind is the condition that a flow comes after the cursor, and the span
// narrowed to where it can.
func behind(sp span, o search.Order, after search.Cursor) (span, condition) {
	if after.IsZero() {
		return sp, always
	}
	at := nanos(after.Start)
	if o == search.Oldest {
		sp.lo = max(sp.lo, at)
		return sp, cond("(start_ns > ? OR id > ?)", at, after.ID)
	}
	sp.hi = min(sp.hi, at)
	return sp, cond("(start_ns < ? OR id < ?)", at, after.ID)
}

// fetch appends to rows the first limit flows, in order, of those whose ids
// the sources give. The ids are materialized first: all of the searching happens in
// the statement's first step, the only one that the driver interrupts when
// its context ends.
func (sn *snapshot) fetch(rows []flow.Record, o search.Order, limit int, sources ...source) ([]flow.Record, error) {
	dir := direction(o)
	orderBy := " ORDER BY start_ns " + dir + ", id " + dir
	var parts []string
	var args []any
	for _, src := range sources {
		parts = append(parts, "SELECT * FROM (SELECT start_ns, id FROM "+src.table+" WHERE "+src.where.sql+orderBy+" LIMIT ?)")
		args = append(append(args, src.where.args...), int64(limit))
	}
	query := "WITH hit(start_ns, id) AS MATERIALIZED (" + strings.Join(parts, " UNION ALL ") + orderBy + " LIMIT ?)" +
		" SELECT f." + strings.Join(flowColumns[:], ", f.") +
		" FROM hit CROSS JOIN flows AS f ON f.id = hit.id ORDER BY hit.start_ns " + dir + ", hit.id " + dir
	args = append(args, int64(limit))
	err := sn.each(query, args, func(row []driver.Value) error {
		rows = append(rows, flow.Record{})
		return scanFlow(row, sn.names, &rows[len(rows)-1])
	})
	if err != nil {
		return nil, fmt.Errorf("read flows: %w", err)
	}
	return rows, nil
}
