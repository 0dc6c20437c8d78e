package search

import (
	"strings"
	"time"
)

// A query text can contain terms that are not fields of a flow: time ranges such
// as "since:2h", and result options (order and limit). The parser builds
// temporary terms for them. [parser.resolve] replaces time ranges by conditions
// on start and end, and [ParseQuery] moves both kinds into the Query.

// rangeTerm is a time-range term: "since:2h" or "until:14:05".
type rangeTerm struct {
	pos   int    // position of the value
	text  string // text of the value
	until bool
	last  time.Duration // greater than 0: at is relative to now
	at    time.Time
}

// resultOption is "order:oldest" or "limit:500".
type resultOption struct {
	pos  int // position of name
	set  func(q *Query)
	name string // "order" or "limit"
}

func (rangeTerm) isExpr()    {}
func (resultOption) isExpr() {}

// String returns the term as a condition on start or end.
func (t rangeTerm) String() string { return t.condition().String() }

func (t resultOption) String() string { return t.name }

// condition returns the equivalent condition: until selects by start, since by end, which open flows do
// not have.
func (t rangeTerm) condition() Expr {
	at := t.at.UnixNano()
	if t.until {
		return Numbers{FieldStart, []Interval{{0, at - 1}}}
	}
	return Or{Numbers{FieldEnd, []Interval{{at, MaxNumber}}}, Numbers{FieldOpen, []Interval{{1, 1}}}}
}

// options maps the names of options to the functions that parse their values.
func (p *parser) options() map[string]func(pos int, v value) (Expr, error) {
	timeRange := func(until bool) func(int, value) (Expr, error) {
		return func(_ int, v value) (Expr, error) { return p.timeRange(until, v) }
	}
	return map[string]func(int, value) (Expr, error){
		"since": timeRange(false), "last": timeRange(false), "until": timeRange(true), "order": p.order, "limit": p.limit,
	}
}

// optionExamples describes the options for completion and hints.
var optionExamples = [...]struct{ word, example, help string }{
	{"since", "since:2h", "flows that were active since then"},
	{"until", "until:14:05", "flows that were active before then"},
	{"order", "order:bytes", "which flows come first: newest, oldest, or by a number or time"},
	{"limit", "limit:5000", "how many flows"},
}

func optionExample(word string) string {
	for _, o := range optionExamples {
		if o.word == strings.ToLower(word) {
			return o.example
		}
	}
	return optionExamples[0].example
}

// option parses the value of an option.
func (p *parser) option(start int, word, op string, parse func(int, value) (Expr, error)) (Expr, error) {
	example := "try " + optionExample(word)
	if op != ":" && op != "=" && op != "==" {
		return nil, p.fail(start, example, "%s can't be compared with %s", word, op)
	}
	valueAt := p.pos
	p.skipBlanks()
	if k, _ := p.keyword(); p.atEnd() || p.peek() == ')' || p.pos > valueAt && k != "" {
		return nil, p.fail(valueAt, example, "%s has no value", word)
	}
	list, err := p.values()
	if err != nil {
		return nil, withHint(err, example)
	}
	if w := strings.ToLower(word); w == "since" || w == "last" || w == "until" {
		p.joinTime(&list[len(list)-1])
	}
	if v := list[0]; len(list) > 1 || v.op != "" || v.neg || v.args != nil {
		return nil, p.fail(v.pos, example, "%s takes one value", word)
	}
	x, err := parse(start, list[0])
	if err == nil {
		err = p.expectBoundary()
	}
	return x, err
}

// timeRange parses a time before now, "2h" or "-2h", or a time of [ParseTime].
func (p *parser) timeRange(until bool, v value) (Expr, error) {
	t := rangeTerm{pos: v.pos, text: v.text, until: until}
	ago, _ := cutAgo(strings.TrimPrefix(v.text, "-"))
	n, err := parseDuration(strings.TrimPrefix(strings.ToLower(ago), "last "))
	switch {
	case err == nil && n == 0:
		return nil, p.fail(v.pos, "try since:2h", "the time range is empty")
	case err == nil:
		t.last = time.Duration(n)
		t.at = p.now.Add(-t.last)
	default:
		parse := p.timeFrom
		if until {
			parse = p.time
		}
		ns, err := parse(v.pos, v.text)
		if err != nil {
			return nil, err
		}
		t.at = time.Unix(0, ns).In(p.loc)
	}
	if t.at.UnixNano() <= 0 {
		return nil, p.fail(v.pos, "", "time %s is out of range", v.text)
	}
	return t, nil
}

func (p *parser) order(pos int, v value) (Expr, error) {
	order, err := ParseOrder(v.text)
	if err != nil {
		const expected = "expected newest, oldest, or a number or time such as bytes or duration:asc"
		name := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(v.text), ":asc"), ":desc")
		return nil, p.fail(v.pos, didYouMean(name, OrderWords(), expected), "unknown order %q", v.text)
	}
	return resultOption{pos: pos, name: "order", set: func(q *Query) { q.Order = order }}, nil
}

func (p *parser) limit(pos int, v value) (Expr, error) {
	n := int64(-1)
	if !strings.EqualFold(v.text, "all") {
		var err error
		if n, err = parseCount(v.text); err != nil || n < 1 || n > MaxLimit {
			return nil, p.fail(v.pos, "expected 1 to "+decimal(MaxLimit)+", or all", "invalid limit %q", v.text)
		}
	}
	return resultOption{pos: pos, name: "limit", set: func(q *Query) { q.Limit = int(n) }}, nil
}

// resolve replaces time-range terms in x by conditions on start and end. Result
// options are not conditions on a flow, so they are errors here.
func (p *parser) resolve(x Expr) (Expr, error) {
	var err error
	switch x := x.(type) {
	case rangeTerm:
		return x.condition(), nil
	case resultOption:
		return nil, p.fail(x.pos, "write it outside parentheses, without not and or", "%s is not a condition on a flow", x.name)
	case Not:
		x.X, err = p.resolve(x.X)
		return x, err
	case And:
		return x, p.resolveAll(x)
	case Or:
		if err := p.resolveAll(x); err != nil {
			return nil, err
		}
		return flatten(x), nil
	}
	return x, nil
}

// flatten puts the alternatives of alternatives, as time ranges have them, in their place.
func flatten(x Or) Or {
	flat := make(Or, 0, len(x))
	for _, term := range x {
		if more, ok := term.(Or); ok {
			flat = append(flat, more...)
		} else {
			flat = append(flat, term)
		}
	}
	return flat
}

// resolveAll resolves terms in place.
func (p *parser) resolveAll(terms []Expr) (err error) {
	for i := range terms {
		if terms[i], err = p.resolve(terms[i]); err != nil {
			return err
		}
	}
	return nil
}
