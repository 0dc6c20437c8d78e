package search

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner splits a filter into tokens. Positions are byte offsets; errors have
// columns.
type scanner struct {
	text string
	pos  int
}

// value is one item of the list of values of a term.
type value struct {
	pos    int // position of text
	text   string
	quoted bool
	neg    bool    // preceded by "!"
	op     string  // "", "=", "<", "<=", ">", ">="
	args   []value // arguments of "any(…)"; nil for a plain value
}

// fail returns an error at a byte offset.
func (s *scanner) fail(pos int, hint, format string, args ...any) *Error {
	return &Error{Col: utf8.RuneCountInString(s.text[:pos]) + 1, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

func (s *scanner) rest() string { return s.text[s.pos:] }
func (s *scanner) atEnd() bool  { return s.pos == len(s.text) }

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.atEnd() {
		return 0
	}
	return s.text[s.pos]
}

func (s *scanner) accept(token string) bool {
	if !strings.HasPrefix(s.rest(), token) {
		return false
	}
	s.pos += len(token)
	return true
}

func (s *scanner) skipBlanks() {
	s.pos = len(s.text) - len(strings.TrimLeftFunc(s.rest(), unicode.IsSpace))
}

// keyword returns the keyword "and", "or" or "not" at the current position, also
// if written as a symbol, and its length in bytes.
func (s *scanner) keyword() (word string, length int) {
	rest := s.rest()
	switch {
	case strings.HasPrefix(rest, "&&"):
		return "and", 2
	case strings.HasPrefix(rest, "||"):
		return "or", 2
	}
	for _, w := range []string{"and", "or", "not"} {
		if len(rest) < len(w) || !strings.EqualFold(rest[:len(w)], w) {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(rest[len(w):]); len(rest) == len(w) || unicode.IsSpace(next) || strings.ContainsRune(`()!"`, next) {
			return w, len(w)
		}
	}
	return "", 0
}

// acceptKeyword consumes the keyword w if it is next.
func (s *scanner) acceptKeyword(w string) bool {
	word, n := s.keyword()
	if word != w {
		return false
	}
	s.pos += n
	return true
}

// operators lists the operators, longest first.
var operators = []string{"!=", "==", ">=", "<=", ":", "=", "<", ">"}

// field consumes a field name and the operator after it, "dport:" or "dport >=".
// It consumes nothing if they are not next.
func (s *scanner) field() (word, op string) {
	rest := s.rest()
	n := strings.IndexFunc(rest, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '.'
	})
	if n < 1 || rest[0] >= '0' && rest[0] <= '9' {
		return "", ""
	}
	after := strings.TrimLeftFunc(rest[n:], unicode.IsSpace)
	if len(after) < len(rest[n:]) && strings.HasPrefix(after, "::") { // "host ::1"
		return "", ""
	}
	for _, op := range operators {
		if strings.HasPrefix(after, op) {
			s.pos = len(s.text) - len(after) + len(op)
			return rest[:n], op
		}
	}
	return "", ""
}

// values parses a comma-separated list of values.
func (s *scanner) values() ([]value, error) {
	var list []value
	for {
		v, err := s.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if !s.accept(",") {
			return list, nil
		}
		s.skipBlanks()
	}
}

// value parses one value with its "!" and operator.
func (s *scanner) value() (v value, err error) {
	if s.accept("!=") {
		v.neg, v.op = true, "="
	} else {
		v.neg = s.accept("!")
		v.op = s.comparison()
	}
	s.skipBlanks()
	v.pos = s.pos
	if c := s.peek(); c == '"' || c == '\'' {
		v.text, err = s.quoted(c)
		v.quoted = true
		return v, err
	}
	v.text = s.word()
	if v.text == "" {
		return v, s.fail(v.pos, "", "value missing")
	}
	if s.peek() == '(' {
		v.args, err = s.args()
	}
	return v, err
}

// comparison consumes an operator; "" if there is none.
func (s *scanner) comparison() string {
	for _, op := range []string{"==", ">=", "<=", "=", "<", ">"} {
		if s.accept(op) {
			return canonicalOp(op)
		}
	}
	return ""
}

// canonicalOp returns "=" for its alias "==".
func canonicalOp(op string) string {
	if op == "==" {
		return "="
	}
	return op
}

// word consumes text up to a character that ends a value.
func (s *scanner) word() string {
	start := s.pos
	for !s.atEnd() {
		r, size := utf8.DecodeRuneInString(s.rest())
		if unicode.IsSpace(r) || strings.ContainsRune(`,()"`, r) || strings.HasPrefix(s.rest(), "||") || strings.HasPrefix(s.rest(), "&&") {
			break
		}
		s.pos += size
	}
	return s.text[start:s.pos]
}

// quoted parses a quoted string, in which a backslash escapes quotes and
// backslashes.
func (s *scanner) quoted(quote byte) (string, error) {
	open := s.pos
	var b strings.Builder
	for s.pos++; !s.atEnd(); s.pos++ {
		c := s.peek()
		if c == quote {
			s.pos++
			return b.String(), nil
		}
		if c == '\\' && s.pos+1 < len(s.text) && strings.IndexByte(`\"'`, s.text[s.pos+1]) >= 0 {
			s.pos++
			c = s.peek()
		}
		b.WriteByte(c)
	}
	return "", s.fail(open, fmt.Sprintf("close it with %c", quote), "quote not closed")
}

// args parses the parenthesised list after "any".
func (s *scanner) args() ([]value, error) {
	open := s.pos
	s.pos++
	s.skipBlanks()
	list, err := s.values()
	if err != nil {
		return nil, err
	}
	if s.skipBlanks(); !s.accept(")") {
		return nil, s.fail(open, "close it with )", "parenthesis not closed")
	}
	return list, nil
}
