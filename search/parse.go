package search

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Parse parses a filter; docs/search.md documents the grammar. Relative times are
// relative to the current time, and times without a zone are local. An empty text
// returns nil. Errors are of type [*Error].
func Parse(text string) (Expr, error) { return ParseAt(text, time.Now(), time.Local) }

// ParseAt is like Parse with the given current time and time zone.
func ParseAt(text string, now time.Time, loc *time.Location) (Expr, error) {
	p := parser{scanner: scanner{text: text}, now: now, loc: loc}
	x, err := p.parse()
	if err != nil {
		return nil, err
	}
	return p.resolve(x)
}

// parse parses the whole text. The result may contain time-range terms and result
// options; see resolve.
func (p *parser) parse() (Expr, error) {
	text := p.text
	if len(text) > MaxText {
		return nil, p.fail(0, "at most 64 KiB", "filter too long (%d bytes)", len(text))
	}
	for i, r := range text {
		if r == utf8.RuneError && !utf8.FullRuneInString(text[i:]) || r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			return nil, p.fail(i, "", "text is not UTF-8")
		}
	}
	p.skipBlanks()
	if p.atEnd() {
		return nil, nil
	}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.atEnd() {
		return nil, p.unexpected()
	}
	return x, nil
}

// parser is a recursive descent parser for the grammar
//
//	or   = and { ("or" | "||") and }
//	and  = not { [ "and" | "&&" ] not }
//	not  = { "!" | "not" } ( "(" or ")" | term )
//
// term.go parses terms.
type parser struct {
	scanner
	depth int
	names []nameList // unquoted names without a field; see CheckWords
	last  prefixTerm
	now   time.Time
	loc   *time.Location
}

func (p *parser) or() (Expr, error) {
	var terms []Expr
	for {
		x, err := p.and()
		if err != nil {
			return nil, err
		}
		if inner, ok := x.(Or); ok {
			terms = append(terms, inner...)
		} else {
			terms = append(terms, x)
		}
		if p.skipBlanks(); !p.acceptKeyword("or") {
			break
		}
	}
	if len(terms) == 1 {
		return terms[0], nil
	}
	return Or(terms), nil
}

func (p *parser) and() (Expr, error) {
	var terms []Expr
	for {
		x, err := p.not()
		if err != nil {
			return nil, err
		}
		terms = append(terms, Conjuncts(x)...)
		p.skipBlanks()
		if p.acceptKeyword("and") {
			continue
		}
		if word, _ := p.keyword(); word == "or" || p.atEnd() || p.peek() == ')' {
			return Join(terms), nil
		}
	}
}

func (p *parser) not() (Expr, error) {
	negative := false
	for {
		p.skipBlanks()
		if strings.HasPrefix(p.rest(), "!=") || !p.accept("!") && !p.acceptKeyword("not") {
			break
		}
		negative = !negative
	}
	parse := p.term
	if p.peek() == '(' {
		parse = p.group
	}
	x, err := parse()
	if negative && err == nil {
		x = negate(x)
	}
	return x, err
}

// group parses an expression in parentheses.
func (p *parser) group() (Expr, error) {
	open := p.pos
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(open, "", "parentheses nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	p.pos++
	if p.skipBlanks(); p.peek() == ')' {
		return nil, p.fail(open, "put a term such as proto:tcp between them", "nothing between the parentheses")
	}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.accept(")") {
		return nil, p.fail(open, "close it with )", "parenthesis not closed")
	}
	return x, nil
}

// negate returns the negation of x, without double negation.
func negate(x Expr) Expr {
	if n, ok := x.(Not); ok {
		return n.X
	}
	return Not{x}
}

// unexpected returns the error for a token that can neither start nor follow a
// term.
func (p *parser) unexpected() *Error {
	rest := p.rest()
	r, _ := utf8.DecodeRuneInString(rest)
	word, _ := p.keyword()
	switch {
	case rest == "":
		return p.fail(p.pos, "add a term such as proto:tcp, or remove the last word", "term missing")
	case word != "":
		return p.fail(p.pos, "expected a term such as proto:tcp on both sides of it", "term missing before %q", word)
	case r == ')':
		return p.fail(p.pos, "remove it, or open one with (", "parenthesis that was never opened")
	case r == ',':
		return p.fail(p.pos, "a list such as dport:80,443 has no space before a comma", "unexpected comma")
	case r == '&' || r == '|':
		return p.fail(p.pos, "write and, or", "unexpected %q", string(r))
	case strings.ContainsRune("<>=:!", r):
		return p.fail(p.pos, "write a field before it: dport>1024", "field missing before %q", string(r))
	}
	return p.fail(p.pos, "put a space between terms", "unexpected %q", string(r))
}
