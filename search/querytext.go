package search

import (
	"slices"
	"strings"
	"time"
)

// Text returns the whole query in one line that [ParseQuery] reads back as the
// same: time range, nodes, order and limit stand before the filter, and what is
// as usual is left out.
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

// ParseQuery reads a whole query: a filter in which since, until, order, limit
// and the reporting nodes may stand among the terms. A relative time range
// stays relative. What is not said is as in the zero Query: all times, all nodes.
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

// With returns q with the filter that text says instead of its own, and with
// the time range, order and limit if text says those too. So "since:12h tcp" in
// a filter line widens the range of the view, whatever it was.
func (q Query) With(text string, now time.Time, loc *time.Location) (Query, error) {
	p := parser{scanner: scanner{text: text}, now: now, loc: loc}
	x, err := p.whole()
	if err != nil {
		return q, err
	}
	var kept []Expr
	var span spanReader
	for _, t := range Conjuncts(x) {
		switch t := t.(type) {
		case rowsTerm:
			t.set(&q)
			continue
		default:
			if span.take(t) {
				continue
			}
		}
		if t, err = p.settle(t); err != nil {
			return q, err
		}
		kept = append(kept, t)
	}
	if span.said {
		if q.Range, err = span.result(&p); err != nil {
			return q, err
		}
	}
	q.Filter = Join(kept)
	return q, nil
}

// spanReader collects a time range out of the terms of a query.
type spanReader struct {
	said     bool
	last     time.Duration
	from, to time.Time
	until    *spanTerm // that said to; nil: another term did
}

// take reports whether t says an end of the range that nothing said before.
func (s *spanReader) take(t Expr) bool {
	var from, to time.Time
	var last time.Duration
	var until *spanTerm
	switch t := t.(type) {
	case spanTerm:
		if t.until {
			to, until = t.at, &t
		} else {
			from, last = t.at, t.last
		}
	case Numbers:
		if t.Field != FieldStart || len(t.Ranges) != 1 {
			return false
		}
		i := t.Ranges[0]
		if i.Lo > 0 {
			from = time.Unix(0, i.Lo)
		}
		if i.Hi < MaxNumber {
			to = time.Unix(0, i.Hi).Add(1)
		}
	default:
		return false
	}
	if !from.IsZero() && !s.from.IsZero() || !to.IsZero() && !s.to.IsZero() || from.IsZero() && to.IsZero() {
		return false
	}
	s.said = true
	if !from.IsZero() {
		s.from, s.last = from, last
	}
	if !to.IsZero() {
		s.to, s.until = to, until
	}
	return true
}

// result is the range that was said: relative if only its beginning was, in such terms.
func (s *spanReader) result(p *parser) (Range, error) {
	if s.last > 0 && s.to.IsZero() {
		return Range{Last: s.last}, nil
	}
	if s.until != nil && s.until.last == 0 {
		to, err := ParseTo(s.until.text, s.from, p.now, p.loc)
		if err != nil {
			return Range{}, p.timeFailure(s.until.pos, err)
		}
		s.to = to.In(p.loc)
	}
	if s.until != nil && !s.to.After(s.from) {
		return Range{}, p.fail(s.until.pos, "exchange since and until", "time range ends before it begins")
	}
	return Range{From: s.from, To: s.to}, nil
}
