package search

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"weir/flow"
)

// term parses a comparison, "field:values", or bare values, whose field is
// inferred from their form.
func (p *parser) term() (Expr, error) {
	start := p.pos
	if p.looksLikeIPv6() {
		return p.bare()
	}
	word, op := p.field()
	f := fieldByWord(word)
	if word == "" {
		op = ":"
		if option, ok := p.tcpdumpRange(); ok {
			word = option
		} else if f = p.tcpdumpField(); f == FieldNone {
			return p.bare()
		} else {
			defer func() { p.last = prefixTerm{f, start, p.pos} }()
		}
	}
	if f == FieldNone {
		if parse := p.options()[strings.ToLower(word)]; parse != nil {
			return p.option(start, word, op, parse)
		}
		return nil, p.fail(start, unknownFieldHint(word, p.rest()), "unknown field %q", word)
	}
	valueAt := p.pos
	p.skipBlanks()
	if k, _ := p.keyword(); p.atEnd() || p.peek() == ')' || p.pos > valueAt && k != "" {
		return nil, p.fail(valueAt, "try "+f.Info().Example, "%s has no value", f)
	}
	list, err := p.values()
	if err != nil {
		return nil, withExample(err, f)
	}
	if f.Info().Kind == KindTime {
		p.joinTime(&list[len(list)-1])
	}
	negated, err := p.applyOperator(f, op, list)
	if err != nil {
		return nil, err
	}
	x, err := p.compare(f, list)
	if err == nil {
		err = p.expectBoundary()
	}
	if err == nil {
		err = p.checkDetachedUnit(f)
	}
	if negated && err == nil {
		x = negate(x)
	}
	return x, err
}

// applyOperator applies the operator after the field to the first value and
// reports whether it negates the whole list ("!=").
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

// checkDetachedUnit returns an error if a unit follows after a blank, as in
// "bytes>1 MB", because it would be parsed as a name.
func (p *parser) checkDetachedUnit(f Field) error {
	s := p.scanner
	if f.Info().Kind != KindCount || !s.skipSomeBlanks() {
		return nil
	}
	at := s.pos
	unit := s.word()
	if _, err := parseCount("1" + unit); err != nil || unit == "" || strings.ContainsAny(unit, "0123456789.") {
		return nil
	}
	return p.fail(at, "write it after the number, as in "+f.String()+":>10"+unit, "unit %s without a number", unit)
}

// withExample adds an example of f to an error without a hint.
func withExample(err error, f Field) error {
	return withHint(err, "try "+f.Info().Example)
}

// withHint adds a hint to an *Error that has none.
func withHint(err error, hint string) error {
	if e := new(Error); errors.As(err, &e) && e.Hint == "" {
		e.Hint = hint
	}
	return err
}

// expectBoundary returns an error if a term is followed by other text without a
// blank, such as the quote in `node:a"b"`.
func (p *parser) expectBoundary() error {
	if c := p.peek(); c == '"' || c == '(' || c == ',' {
		return p.unexpected()
	}
	return nil
}

// compare returns the expression for a field and its values. A flow must match
// any of the plain values and none of the negated ones.
func (p *parser) compare(f Field, list []value) (Expr, error) {
	info := f.Info()
	if info.Kind == KindFlags {
		return p.flagTest(f, list)
	}
	list = expandGroups(f, list)
	if err := p.checkThousands(&info, list); err != nil {
		return nil, err
	}
	for _, v := range list {
		if v.args != nil {
			return nil, p.fail(v.pos+len(v.text), "put a space before it, or quote the name", "unexpected %q", "(")
		}
		if !v.quoted && info.Kind != KindName && strings.Contains(v.text, "|") {
			return nil, p.fail(v.pos+strings.Index(v.text, "|"), "a list of alternatives has commas, as in dport:80,443", "unexpected %q", "|")
		}
		if v.op != "" && v.op != "=" && !info.ordered() {
			return nil, p.fail(v.pos, "try "+info.Example, "%s can't be compared with %s", f, v.op)
		}
	}
	if x := presenceTerm(f, list); x != nil {
		return x, nil
	}
	switch info.Kind {
	case KindAddr:
		parse := func(v value) (AddrRange, error) { return p.addrs(f, v) }
		return combine(list, parse, func(r []AddrRange) Expr { return Addrs{f, r} })
	case KindName:
		return combine(list, pattern, func(names []string) Expr { return Names{f, names} })
	}
	parse := func(v value) (Interval, error) { return p.interval(&info, v) }
	return combine(list, parse, func(i []Interval) Expr { return Numbers{f, i} })
}

// checkThousands returns an error for a comparison with a number that has
// separators, as in "bytes:>12,412", because a comma begins another value.
func (p *parser) checkThousands(info *FieldInfo, list []value) error {
	if info.Kind != KindCount {
		return nil
	}
	for i, v := range list[1:] {
		before := list[i]
		if before.op == "" || before.op == "=" || v.op != "" || v.neg || !isThousands(v.text) {
			continue
		}
		number := before.text
		for _, part := range list[i+1:] {
			if part.op != "" || part.neg || !isThousands(part.text) {
				break
			}
			number += part.text
		}
		return p.fail(v.pos, "write the number without separators, as in "+info.Word+":"+before.op+number, "comma in a number")
	}
	return nil
}

// isThousands reports whether text may be the three digits after a separator.
func isThousands(text string) bool { return len(text) == 3 && strings.Trim(text, "0123456789") == "" }

// combine parses the values and joins the plain and the negated ones.
func combine[T comparable](list []value, parse func(value) (T, error), expr func([]T) Expr) (Expr, error) {
	var included, excluded []T
	for _, v := range list {
		t, err := parse(v)
		if err != nil {
			return nil, err
		}
		into := &included
		if v.neg {
			into = &excluded
		}
		if !slices.Contains(*into, t) {
			*into = append(*into, t)
		}
	}
	var terms []Expr
	if included != nil {
		terms = append(terms, expr(included))
	}
	if excluded != nil {
		terms = append(terms, Not{expr(excluded)})
	}
	return Join(terms), nil
}

// ordered reports whether the field supports the operators < and >.
func (info *FieldInfo) ordered() bool {
	switch info.Kind {
	case KindPort, KindProto, KindCount, KindDuration, KindTime, KindNumber:
		return true
	}
	return false
}

// presence returns the condition that a flow has the field; nil for fields that
// every flow has.
func presence(f Field) Expr {
	switch f {
	case FieldTunnel:
		return Not{Numbers{f, []Interval{{0, 0}}}}
	case FieldErrorIP:
		v4, v6 := netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		return Addrs{f, []AddrRange{PrefixRange(v4), PrefixRange(v6)}}
	case FieldVLAN, FieldRTT, FieldServerRTT, FieldClientRTT, FieldErrorType, FieldErrorCode, FieldTTL, FieldSrcTTL, FieldDstTTL,
		FieldISN, FieldSrcISN, FieldDstISN, FieldIPID, FieldSrcIPID, FieldDstIPID, FieldICMPType, FieldICMPCode, FieldICMPID,
		FieldPayload, FieldSentPayload, FieldRecvPayload, FieldRTTMin, FieldRTTMean:
		info := f.Info()
		return Numbers{f, []Interval{{info.Min, info.Max}}}
	}
	return nil
}

// presenceTerm returns the expression for "any" or "none", if that is the only
// value and the field is optional; else nil.
func presenceTerm(f Field, list []value) Expr {
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

// bare parses values without a field.
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
		return nil, withExample(err, FieldDport)
	}
	f := guessField(list[0])
	if err := p.checkPrefix(start, f, list[0]); err != nil {
		return nil, err
	}
	p.keepNames(start, f, list)
	for i := range list {
		if err := p.bareValue(f, &list[i]); err != nil {
			return nil, err
		}
	}
	if err := p.expectBoundary(); err != nil {
		return nil, err
	}
	if hint := addrPortHint(list[0]); hint != "" {
		return nil, p.fail(start, hint, "address and port in one term")
	}
	if _, netmask := netmaskHint(netip.IPv4Unspecified(), list[0].text); netmask && !list[0].quoted && list[0].text != "255.255.255.255" && list[0].text != "0.0.0.0" {
		return nil, p.fail(start, "write the prefix length, as in net 10.0.0.0/8", "netmask %q without an address", list[0].text)
	}
	if port, proto, ok := cutPortProto(strings.Trim(list[0].text, "*")); ok && !list[0].quoted {
		return nil, p.fail(start, "write proto:"+proto+" port:"+port, "port and protocol in one term")
	}
	return p.compare(f, list)
}

// bareValue checks a value without a field and turns an unquoted name into a
// substring pattern.
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
			return p.fail(v.pos+i, p.strangeHint(v.text, r), "unexpected %q", string(r))
		}
	}
	v.text = partOfName(v.text)
	return nil
}

// looksLikeIPv6 reports whether an IPv6 address is next, valid or not, rather
// than a field and its value.
func (p *parser) looksLikeIPv6() bool {
	s := scanner{text: p.text, pos: p.pos}
	word := s.word()
	return strings.Count(word, ":") > 1 && strings.Trim(word, "0123456789abcdefABCDEF:./-*[]%") == ""
}

// commonProtos lists the protocols that a bare word can name. Others have names
// with another common meaning, such as RDP and ST.
var commonProtos = []flow.Proto{
	flow.TCP, flow.UDP, flow.ICMP, flow.ICMPv6, flow.IGMP, flow.GRE, flow.ESP, flow.AH, flow.SCTP, flow.UDPLite, flow.IPIP,
	33 /* DCCP */, 88 /* EIGRP */, 89 /* OSPF */, 103 /* PIM */, 112 /* VRRP */, 115, /* L2TP */
}

// guessField infers the field of a bare value.
func guessField(v value) Field {
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
	if groupOf(KindAddr, s) != nil {
		return FieldIP
	}
	if groupOf(KindEnum, s) != nil {
		return FieldVerdict
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

// addrPortHint returns the hint for "10.0.0.1:443"; "" if v is not an address
// with a port.
func addrPortHint(v value) string {
	ap, err := netip.ParseAddrPort(strings.Trim(v.text, "*"))
	if err != nil || v.quoted {
		return ""
	}
	return "write ip:" + ap.Addr().String() + " port:" + decimal(int64(ap.Port()))
}
