package search

import (
	"strings"
	"time"
)

// Words that are no fields of a flow but can stand in a filter: the time range
// as people say it, and what else a query consists of. While a text is parsed
// they are terms of their own; [parser.settle] turns the range into a condition
// on the start time, and [ParseQuery] takes them out.

// spanTerm is "since:2h" or "until:14:05".
type spanTerm struct {
	pos   int    // of the value
	text  string // of the value
	until bool
	last  time.Duration // greater than 0: at was said relative to now
	at    time.Time
}

// rowsTerm is "order:oldest" or "limit:500".
type rowsTerm struct {
	pos   int // of the word
	set   func(q *Query)
	which string // "order" or "limit"
}

func (spanTerm) isExpr() {}
func (rowsTerm) isExpr() {}

// String returns the term as a condition on the start time.
func (t spanTerm) String() string { return t.condition().String() }

func (t rowsTerm) String() string { return t.which }

// condition is what the term asks of a flow.
func (t spanTerm) condition() Expr {
	at := t.at.UnixNano()
	if t.until {
		return Numbers{FieldStart, []Interval{{0, at - 1}}}
	}
	return Numbers{FieldStart, []Interval{{at, MaxNumber}}}
}

// options are the words that option knows, with how their value is read.
func (p *parser) options() map[string]func(pos int, v value) (Expr, error) {
	span := func(until bool) func(int, value) (Expr, error) {
		return func(_ int, v value) (Expr, error) { return p.span(until, v) }
	}
	return map[string]func(int, value) (Expr, error){
		"since": span(false), "last": span(false), "until": span(true), "order": p.order, "limit": p.limit,
	}
}

// optionExamples are what to write for each option.
var optionExamples = [...]struct{ word, example, help string }{
	{"since", "since:2h", "flows that started since then"},
	{"until", "until:14:05", "flows that started before then"},
	{"order", "order:oldest", "which flows come first"},
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

// option reads what follows "since:" and its like: one value.
func (p *parser) option(start int, word, op string, read func(int, value) (Expr, error)) (Expr, error) {
	example := "write for example " + optionExample(word)
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
		if e, ok := err.(*Error); ok && e.Hint == "" {
			e.Hint = example
		}
		return nil, err
	}
	if v := list[0]; len(list) > 1 || v.op != "" || v.neg || v.args != nil {
		return nil, p.fail(v.pos, example, "%s takes one value", word)
	}
	x, err := read(start, list[0])
	if err == nil {
		err = p.wantBoundary()
	}
	return x, err
}

// span reads "2h" and "-2h", which are ago, and every time of [ParseTime].
func (p *parser) span(until bool, v value) (Expr, error) {
	t := spanTerm{pos: v.pos, text: v.text, until: until}
	ago := strings.TrimPrefix(v.text, "-")
	n, err := parseDuration(strings.TrimPrefix(strings.ToLower(ago), "last "))
	switch {
	case err == nil && n == 0:
		return nil, p.fail(v.pos, "write for example since:2h", "the time range is empty")
	case err == nil:
		t.last = time.Duration(n)
		t.at = p.now.Add(-t.last)
	default:
		read := p.timeFrom
		if until {
			read = p.time
		}
		ns, err := read(v.pos, v.text)
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
	order, err := ParseOrder(strings.ToLower(v.text))
	if err != nil {
		return nil, p.fail(v.pos, didYouMean(v.text, []string{"newest", "oldest"}, "expected newest or oldest"), "unknown order %q", v.text)
	}
	return rowsTerm{pos: pos, which: "order", set: func(q *Query) { q.Order = order }}, nil
}

func (p *parser) limit(pos int, v value) (Expr, error) {
	n := int64(-1)
	if !strings.EqualFold(v.text, "all") {
		var err error
		if n, err = parseCount(v.text); err != nil || n < 1 || n > MaxLimit {
			return nil, p.fail(v.pos, "it goes from 1 to "+decimal(MaxLimit)+", or is all", "bad limit %q", v.text)
		}
	}
	return rowsTerm{pos: pos, which: "limit", set: func(q *Query) { q.Limit = int(n) }}, nil
}

// settle replaces the time ranges within x by conditions on the start time.
// Order and limit say nothing of a flow, so they are errors.
func (p *parser) settle(x Expr) (Expr, error) {
	var err error
	switch x := x.(type) {
	case spanTerm:
		return x.condition(), nil
	case rowsTerm:
		return nil, p.fail(x.pos, "it stands beside the filter, not within it", "%s is not a condition on a flow", x.which)
	case Not:
		x.X, err = p.settle(x.X)
		return x, err
	case And:
		return x, p.settleAll(x)
	case Or:
		return x, p.settleAll(x)
	}
	return x, nil
}

// settleAll settles terms in place: a parser's result belongs to its caller.
func (p *parser) settleAll(terms []Expr) (err error) {
	for i := range terms {
		if terms[i], err = p.settle(terms[i]); err != nil {
			return err
		}
	}
	return nil
}
