package search

import (
	"slices"
	"strings"
	"time"
)

// Text returns the query in one line that [ParseQuery] parses to the same query:
// time range, nodes, order and limit, then the filter. Defaults are omitted.
//
//	since:2h node:edge-1 order:oldest limit:5000 proto:tcp dport:443
func (q Query) Text() string {
	var parts []string
	if q.Range.Last > 0 {
		parts = append(parts, "since:"+durationText(int64(q.Range.Last)))
	} else {
		if !q.Range.From.IsZero() {
			parts = append(parts, "since:"+q.Range.From.Format(time.RFC3339Nano))
		}
		if !q.Range.To.IsZero() {
			parts = append(parts, "until:"+q.Range.To.Format(time.RFC3339Nano))
		}
	}
	if len(q.Nodes) > 0 {
		parts = append(parts, Names{FieldNode, q.Nodes}.String())
	}
	if q.Order != Newest {
		parts = append(parts, "order:"+q.Order.String())
	}
	switch {
	case q.Limit < 0:
		parts = append(parts, "limit:all")
	case q.Limit > 0:
		parts = append(parts, "limit:"+decimal(int64(q.Limit)))
	}
	if _, alternatives := q.Filter.(Or); alternatives && len(parts) > 0 {
		parts = append(parts, operand(q.Filter))
	} else if q.Filter != nil {
		parts = append(parts, q.Filter.String())
	}
	return strings.Join(parts, " ")
}

// ParseQuery parses a whole query: a filter whose terms may include since, until,
// order, limit and the reporting nodes. A relative time range stays relative.
// Parts that text does not set are as in the zero Query. Errors are of type
// [*Error].
func ParseQuery(text string, now time.Time, loc *time.Location) (Query, error) {
	q, err := Query{}.With(text, now, loc)
	if err != nil {
		return q, err
	}
	terms := Conjuncts(q.Filter)
	for i, t := range terms {
		if names, ok := t.(Names); ok && names.Field == FieldNode && !names.wild() {
			q.Nodes = names.Patterns
			q.Filter = Join(slices.Delete(slices.Clone(terms), i, i+1))
			break
		}
	}
	return q, nil
}

// wild reports whether any of the names is a pattern.
func (x Names) wild() bool {
	return slices.ContainsFunc(x.Patterns, func(p string) bool { return strings.Contains(p, "*") })
}

// With returns q with the filter in text, and with the time range, order and limit
// if text sets them. So "since:12h tcp" in a filter line changes the range of the
// view. A text that selects by start time and sets no range is about all time.
// Errors are of type [*Error].
func (q Query) With(text string, now time.Time, loc *time.Location) (Query, error) {
	p := parser{scanner: scanner{text: text}, now: now, loc: loc}
	x, err := p.parse()
	if err != nil {
		return q, err
	}
	var filter []Expr
	var span rangeBuilder
	byStart := false
	for _, t := range Conjuncts(x) {
		switch t := t.(type) {
		case resultOption:
			t.set(&q)
			continue
		case rangeTerm:
			if span.add(t) {
				continue
			}
		case Numbers:
			byStart = byStart || t.Field == FieldStart
		}
		if t, err = p.resolve(t); err != nil {
			return q, err
		}
		filter = append(filter, t)
	}
	switch {
	case span.set:
		if q.Range, err = span.build(&p); err != nil {
			return q, err
		}
	case byStart:
		q.Range = Range{}
	}
	q.Filter = Join(filter)
	return q, nil
}

// rangeBuilder builds a time range from the terms of a query.
type rangeBuilder struct {
	set      bool // at least one bound
	last     time.Duration
	from, to time.Time
	until    rangeTerm // the term that set to
}

// add reports whether t is a bound of the range that was not set before, and
// sets it.
func (s *rangeBuilder) add(t rangeTerm) bool {
	switch {
	case t.until && s.to.IsZero():
		s.to, s.until = t.at, t
	case !t.until && s.from.IsZero():
		s.from, s.last = t.at, t.last
	default:
		return false
	}
	s.set = true
	return true
}

// build returns the range: relative if it has only a relative beginning.
func (s *rangeBuilder) build(p *parser) (Range, error) {
	if s.last > 0 && s.to.IsZero() {
		return Range{Last: s.last}, nil
	}
	if !s.to.IsZero() && s.until.last == 0 {
		to, err := ParseTo(s.until.text, s.from, p.now, p.loc)
		if err != nil {
			return Range{}, p.failTime(s.until.pos, err)
		}
		s.to = to.In(p.loc)
	}
	if !s.to.IsZero() && !s.to.After(s.from) {
		return Range{}, p.fail(s.until.pos, "swap since and until", "time range ends before it begins")
	}
	return Range{From: s.from, To: s.to}, nil
}
