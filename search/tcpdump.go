package search

import (
	"slices"
	"strings"

	"weir/flow"
)

// tcpdump separates a field and its value by a blank instead of a colon: "src
// host 10.0.0.1 and dst port 443". The parser accepts this syntax if the word
// after the field is unambiguously a value of it. Names can be any word, so they
// require the colon.

// tcpdumpField parses a field in tcpdump syntax and stops before its value. It
// returns FieldNone and consumes nothing if there is none.
func (p *parser) tcpdumpField() Field {
	s := p.scanner
	word := s.word()
	f := fieldByWord(word)
	if strings.EqualFold(word, "portrange") {
		f = FieldPort
	}
	if f == FieldNone || !s.skipSomeBlanks() {
		return FieldNone
	}
	if strings.EqualFold(word, "ip") {
		f = s.afterIP()
	}
	compared := false
	if f == FieldSrc && s.orDst() {
		f = FieldIP
	}
	if f == FieldSrc || f == FieldDst || f == FieldIP {
		f = s.qualified(f)
		compared = f.Info().Kind == KindPort // "dst port > 1024"
	}
	at := s.pos
	v, err := s.value()
	if err != nil || v.op != "" && !compared || v.quoted || v.args != nil || !isValueOf(f, v.text) {
		return FieldNone
	}
	p.pos = at
	return f
}

// qualified parses an optional "host", "net" or "port" after src and dst, and
// returns the field named by both words.
func (s *scanner) qualified(f Field) Field {
	before := s.pos
	word := strings.ToLower(s.word())
	switch {
	case !s.skipSomeBlanks():
	case word == "host" || word == "net" || word == "ip":
		return f
	case (word == "port" || word == "portrange") && f == FieldSrc:
		return FieldSport
	case (word == "port" || word == "portrange") && f == FieldIP:
		return FieldPort
	case word == "port" || word == "portrange":
		return FieldDport
	}
	s.pos = before
	return f
}

// orDst parses "or dst", which after src means either side.
func (s *scanner) orDst() bool {
	before := s.pos
	if s.acceptKeyword("or") && s.skipSomeBlanks() && fieldByWord(s.word()) == FieldDst && s.skipSomeBlanks() {
		return true
	}
	s.pos = before
	return false
}

// prefixTerm is the last term in tcpdump syntax, such as "src port 443".
type prefixTerm struct {
	field      Field
	start, end int // byte range in the text
}

// checkPrefix returns an error for a bare value that continues a term in tcpdump syntax with
// another meaning. tcpdump reads "src port 443 or 80" as two source ports, and
// "tcp port 80 or 443" as two TCP ports; bare values here are of either side and any protocol.
func (p *parser) checkPrefix(start int, f Field, v value) error {
	last := p.last
	if last.field == FieldNone || v.quoted || v.op != "" || last.end > start || !isValueOf(last.field, v.text) {
		return nil
	}
	between := strings.FieldsFunc(strings.ToLower(p.text[last.end:start]), func(r rune) bool { return strings.ContainsRune(" \t!()", r) })
	for _, word := range between {
		if word != "and" && word != "or" && word != "not" && word != "&&" && word != "||" {
			return nil
		}
	}
	protos := strings.Fields(p.text[:last.start])
	proto := len(protos) > 0 && slices.Contains([]string{"tcp", "udp", "sctp"}, strings.Trim(strings.ToLower(protos[len(protos)-1]), "(!"))
	if len(between) == 0 || f == last.field && !(proto && slices.ContainsFunc(between, func(w string) bool { return w == "or" || w == "||" })) {
		return nil
	}
	example := "write " + last.field.String() + ":" + v.text
	if proto {
		example += ", and parentheses around alternatives, as in tcp (port:80 or port:443)"
	}
	return p.fail(start, example, "value without a field after %q", strings.TrimSpace(p.text[last.start:last.end]))
}

// afterIP parses an optional "src", "dst", "host", "net" or "proto" after ip, and
// returns the field named by it.
func (s *scanner) afterIP() Field {
	before := s.pos
	f := fieldByWord(s.word())
	if (f == FieldSrc || f == FieldDst || f == FieldIP || f == FieldProto) && s.skipSomeBlanks() {
		return f
	}
	s.pos = before
	return FieldIP
}

// isValueOf reports whether a word is unambiguously a value of the field.
func isValueOf(f Field, word string) bool {
	switch f.Info().Kind {
	case KindAddr:
		return looksLikeAddr(word) || groupOf(KindAddr, word) != nil
	case KindPort:
		return guessField(value{text: word}) == FieldPort
	case KindNumber:
		return strings.Trim(word, "0123456789") == ""
	case KindFlags:
		_, err := flow.ParseFlags(word)
		return err == nil
	case KindProto:
		_, err := flow.ParseProto(word)
		return err == nil
	}
	return false
}

// tcpdumpRange parses "since", "last" or "until" followed by a blank and a time
// range, and stops before the latter.
func (p *parser) tcpdumpRange() (word string, ok bool) {
	s := p.scanner
	word = strings.ToLower(s.word())
	if word != "since" && word != "last" && word != "until" || !s.skipSomeBlanks() {
		return "", false
	}
	at := s.pos
	if _, err := ParseRange(s.word(), p.now, p.loc); err != nil {
		return "", false
	}
	p.pos = at
	return word, true
}

// skipSomeBlanks skips blanks and reports whether there were any and text follows.
func (s *scanner) skipSomeBlanks() bool {
	before := s.pos
	s.skipBlanks()
	return s.pos > before && !s.atEnd()
}
