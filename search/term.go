package search

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"weir/flow"
)

// term reads a comparison, "field:values", or bare values, whose field follows
// from how they look.
func (p *parser) term() (Expr, error) {
	start := p.pos
	if p.looksLikeIPv6() {
		return p.bare()
	}
	word, op := p.field()
	f := fieldByWord(word)
	if word == "" {
		op = ":"
		if span, ok := p.spokenSpan(); ok {
			word = span
		} else if f = p.spoken(); f == FieldNone {
			return p.bare()
		}
	}
	if f == FieldNone {
		if read := p.options()[strings.ToLower(word)]; read != nil {
			return p.option(start, word, op, read)
		}
		return nil, p.fail(start, unknownFieldHint(word, p.rest()), "unknown field %q", word)
	}
	valueAt := p.pos
	p.skipBlanks()
	if k, _ := p.keyword(); p.atEnd() || p.peek() == ')' || p.pos > valueAt && k != "" {
		return nil, p.fail(valueAt, "write for example "+f.Info().Example, "%s has no value", f)
	}
	list, err := p.values()
	if err != nil {
		return nil, p.explain(err, f)
	}
	negated, err := p.applyOperator(f, op, list)
	if err != nil {
		return nil, err
	}
	x, err := p.compare(f, list)
	if err == nil {
		err = p.wantBoundary()
	}
	if err == nil {
		err = p.unitApart(f)
	}
	if negated && err == nil {
		x = negate(x)
	}
	return x, err
}

// applyOperator gives the first value the operator behind the field and
// reports whether the whole list is negated, by "!=".
func (p *parser) applyOperator(f Field, op string, list []value) (negated bool, err error) {
	first := &list[0]
	switch {
	case op == ":" && first.neg && first.op == "=": // dport:!=80,443
		first.neg = false
		return true, nil
	case op == ":":
		return false, nil
	case first.op != "" || first.neg:
		return false, p.fail(first.pos, "write one operator, as in "+f.Info().Example, "two operators after %s", f)
	case op == "!=":
		first.op = "="
		return true, nil
	}
	first.op = canonicalOp(op)
	return false, nil
}

// unitApart reports a unit with a blank before it, as in "bytes>1 MB": it would
// be read as a name.
func (p *parser) unitApart(f Field) error {
	s := p.scanner
	if f.Info().Kind != KindCount || !s.skipSomeBlanks() {
		return nil
	}
	at := s.pos
	unit := s.word()
	if _, err := parseCount("1" + unit); err != nil || unit == "" || strings.ContainsAny(unit, "0123456789.") {
		return nil
	}
	return p.fail(at, "write it behind the number, as in "+f.String()+":>10"+unit, "the unit %s stands alone", unit)
}

// explain adds an example to an error that has no hint.
func (p *parser) explain(err error, f Field) error {
	if e, ok := err.(*Error); ok && e.Hint == "" {
		e.Hint = "write for example " + f.Info().Example
	}
	return err
}

// wantBoundary reports what follows a term without a blank, such as the quote
// in `node:a"b"`.
func (p *parser) wantBoundary() error {
	if c := p.peek(); c == '"' || c == '(' || c == ',' {
		return p.unexpected()
	}
	return nil
}

// compare makes the expression for a field and its values. Plain values are
// alternatives, negated ones exceptions: the flow must match any of the former
// and none of the latter.
func (p *parser) compare(f Field, list []value) (Expr, error) {
	info := f.Info()
	if info.Kind == KindFlags {
		return p.flagTest(f, list)
	}
	for _, v := range list {
		if v.args != nil {
			return nil, p.fail(v.pos+len(v.text), "leave a blank before it, or quote the name", "unexpected %q", "(")
		}
		if !v.quoted && info.Kind != KindName && strings.Contains(v.text, "|") {
			return nil, p.fail(v.pos+strings.Index(v.text, "|"), "a list of alternatives has commas, as in dport:80,443", "unexpected %q", "|")
		}
		if v.op != "" && v.op != "=" && !info.ordered() {
			return nil, p.fail(v.pos, "write for example "+info.Example, "%s can't be compared with %s", f, v.op)
		}
	}
	if x := wholeField(f, list); x != nil {
		return x, nil
	}
	switch info.Kind {
	case KindAddr:
		read := func(v value) (AddrRange, error) { return p.addrs(f, v) }
		return split(list, read, func(r []AddrRange) Expr { return Addrs{f, r} })
	case KindName:
		return split(list, pattern, func(names []string) Expr { return Names{f, names} })
	}
	read := func(v value) (Interval, error) { return p.interval(&info, v) }
	return split(list, read, func(i []Interval) Expr { return Numbers{f, i} })
}

// split reads the values and joins what the plain and the negated ones say.
func split[T comparable](list []value, read func(value) (T, error), join func([]T) Expr) (Expr, error) {
	var any, none []T
	for _, v := range list {
		t, err := read(v)
		if err != nil {
			return nil, err
		}
		into := &any
		if v.neg {
			into = &none
		}
		if !slices.Contains(*into, t) {
			*into = append(*into, t)
		}
	}
	var terms []Expr
	if any != nil {
		terms = append(terms, join(any))
	}
	if none != nil {
		terms = append(terms, Not{join(none)})
	}
	return Join(terms), nil
}

// ordered reports whether the field's values can be compared with < and >.
func (info *FieldInfo) ordered() bool {
	switch info.Kind {
	case KindPort, KindProto, KindCount, KindDuration, KindTime, KindNumber:
		return true
	}
	return false
}

// presence is the condition that a flow has the field at all; nil for a field
// that every flow has.
func presence(f Field) Expr {
	switch f {
	case FieldTunnel:
		return Not{Numbers{f, []Interval{{0, 0}}}}
	case FieldErrorIP:
		v4, v6 := netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		return Addrs{f, []AddrRange{PrefixRange(v4), PrefixRange(v6)}}
	case FieldVLAN, FieldRTT, FieldServerRTT, FieldClientRTT, FieldErrorType, FieldErrorCode, FieldTTL, FieldSrcTTL, FieldDstTTL,
		FieldISN, FieldSrcISN, FieldDstISN, FieldIPID, FieldSrcIPID, FieldDstIPID, FieldICMPType, FieldICMPCode, FieldICMPID:
		info := f.Info()
		return Numbers{f, []Interval{{info.Min, info.Max}}}
	}
	return nil
}

// wholeField reads the words any and none of the fields that a flow need not
// have. They stand alone.
func wholeField(f Field, list []value) Expr {
	if len(list) != 1 || list[0].quoted || list[0].op != "" && list[0].op != "=" {
		return nil
	}
	some := presence(f)
	if some == nil {
		return nil
	}
	negated := list[0].neg
	switch strings.ToLower(list[0].text) {
	case "none":
		negated = !negated
	case "any":
	default:
		return nil
	}
	if negated {
		return negate(some)
	}
	return some
}

func pattern(v value) (string, error) { return v.text, nil }

// bare reads values without a field.
func (p *parser) bare() (Expr, error) {
	start := p.pos
	if r := p.peek(); !p.looksLikeIPv6() && (r == 0 || strings.IndexByte("),<>=:&|(", r) >= 0 || strings.HasPrefix(p.rest(), "!=")) {
		return nil, p.unexpected()
	}
	if k, _ := p.keyword(); k != "" {
		return nil, p.unexpected()
	}
	list, err := p.values()
	if err != nil {
		return nil, p.explain(err, FieldDport)
	}
	f := fieldOf(list[0])
	for i := range list {
		if err := p.bareValue(f, &list[i]); err != nil {
			return nil, err
		}
	}
	if err := p.wantBoundary(); err != nil {
		return nil, err
	}
	if hint := addrPortHint(list[0]); hint != "" {
		return nil, p.fail(start, hint, "address and port in one term")
	}
	if port, proto, ok := cutPortProto(strings.Trim(list[0].text, "*")); ok && !list[0].quoted {
		return nil, p.fail(start, "write proto:"+proto+" port:"+port, "port and protocol in one term")
	}
	return p.compare(f, list)
}

// bareValue checks a value without a field and makes a name a pattern that
// matches wherever the word stands in it. A quoted name stays as it is.
func (p *parser) bareValue(f Field, v *value) error {
	if v.op != "" {
		return p.fail(v.pos, "write a field before it: dport>1024", "field missing before %q", v.op)
	}
	if f == FieldOpen && strings.EqualFold(v.text, "open") {
		v.text = "yes"
	}
	if f != FieldAnyNode || v.quoted {
		return nil
	}
	for i, r := range v.text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("-_.*/@+#%", r) && addrPortHint(*v) == "" {
			hint := "put a name with such characters in quotes"
			if r == '|' || r == '&' {
				hint = "write and, or"
			}
			return p.fail(v.pos+i, hint, "unexpected %q", string(r))
		}
	}
	if !strings.Contains(v.text, "*") {
		v.text = "*" + v.text + "*"
	}
	return nil
}

// looksLikeIPv6 reports whether an IPv6 address comes next, perhaps a
// misspelled one, rather than a field and its value.
func (p *parser) looksLikeIPv6() bool {
	s := scanner{text: p.text, pos: p.pos}
	word := s.word()
	return strings.Count(word, ":") > 1 && strings.Trim(word, "0123456789abcdefABCDEF:./-*[]%") == ""
}

// commonProtos are the protocols that a bare word stands for. Others have
// names that mean something else to most people, such as RDP and ST.
var commonProtos = []flow.Proto{
	flow.TCP, flow.UDP, flow.ICMP, flow.ICMPv6, flow.IGMP, flow.GRE, flow.ESP, flow.AH, flow.SCTP, flow.UDPLite, flow.IPIP,
	33 /* DCCP */, 88 /* EIGRP */, 89 /* OSPF */, 103 /* PIM */, 112 /* VRRP */, 115, /* L2TP */
}

// fieldOf guesses the field of a bare value.
func fieldOf(v value) Field {
	s := v.text
	if v.quoted {
		return FieldAnyNode
	}
	if digits := strings.Trim(s, "0123456789-"); digits == "" && s[0] != '-' {
		return FieldPort
	}
	if looksLikeAddr(s) {
		return FieldIP
	}
	if proto, err := flow.ParseProto(s); err == nil && slices.Contains(commonProtos, proto) {
		return FieldProto
	}
	if _, err := flow.ParseVerdict(s); err == nil {
		return FieldVerdict
	}
	for _, info := range flow.FlagTable {
		if strings.EqualFold(s, info.Name) {
			return FieldFlags
		}
	}
	if _, ok := ServicePort(s); ok {
		return FieldPort
	}
	if strings.EqualFold(s, "open") {
		return FieldOpen
	}
	return FieldAnyNode
}

// addrPortHint says how to write "10.0.0.1:443"; empty if v is nothing such.
func addrPortHint(v value) string {
	ap, err := netip.ParseAddrPort(strings.Trim(v.text, "*"))
	if err != nil || v.quoted {
		return ""
	}
	return "write ip:" + ap.Addr().String() + " port:" + decimal(int64(ap.Port()))
}
