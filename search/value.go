package search

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"weir/flow"
)

// addrs parses an address, a CIDR or a range of addresses. A 4-in-6 address is
// treated as IPv4, as in records. Host bits of a CIDR are ignored.
func (p *parser) addrs(f Field, v value) (AddrRange, error) {
	if addr, bits, ok := strings.Cut(v.text, "/"); ok {
		return p.cidr(f, v, addr, bits)
	}
	lo, hi, isRange := strings.Cut(v.text, "-")
	if !isRange || !looksLikeAddr(lo) { // node names contain dashes, too
		a, err := p.addr(f, v.pos, v.text)
		return AddrRange{a, a}, err
	}
	from, err := p.addr(f, v.pos, lo)
	if err != nil {
		return AddrRange{}, err
	}
	to, err := netip.ParseAddr(strings.Trim(hi, "[]"))
	to = to.Unmap()
	switch {
	case err != nil || to.Zone() != "":
		return AddrRange{}, p.fail(v.pos+len(lo)+1, "both ends are whole addresses, as in 10.0.0.1-10.0.0.9", "invalid IP address %q", hi)
	case from.BitLen() != to.BitLen():
		return AddrRange{}, p.fail(v.pos, "both ends must be IPv4, or both IPv6", "range %q mixes two kinds of address", v.text)
	case to.Less(from):
		return AddrRange{}, p.fail(v.pos, "write "+hi+"-"+lo, "range %q runs backwards", v.text)
	}
	return AddrRange{from, to}, nil
}

func (p *parser) cidr(f Field, v value, addr, bits string) (AddrRange, error) {
	a, err := netip.ParseAddr(strings.Trim(addr, "[]"))
	if err != nil || a.Zone() != "" {
		_, err := p.addr(f, v.pos, addr)
		return AddrRange{}, err
	}
	if hint, ok := netmaskHint(a.Unmap(), bits); ok {
		return AddrRange{}, p.fail(v.pos+len(addr)+1, hint, "netmask %q, where a prefix length is expected", bits)
	}
	n, err := strconv.Atoi(bits)
	if err != nil || n < 0 || n > a.BitLen() {
		kind := "IPv6"
		if a.Is4() {
			kind = "IPv4"
		}
		hint := "the prefix length of an " + kind + " address goes from 0 to " + strconv.Itoa(a.BitLen())
		return AddrRange{}, p.fail(v.pos+len(addr)+1, hint, "invalid prefix length %q", bits)
	}
	if a.Is4In6() && n >= 96 {
		a, n = a.Unmap(), n-96
	}
	return PrefixRange(netip.PrefixFrom(a, n)), nil
}

func (p *parser) addr(f Field, pos int, s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	switch {
	case err != nil:
		return a, p.fail(pos, addrHint(f, s), "invalid IP address %q", s)
	case a.Zone() != "":
		return a, p.fail(pos, "addresses in flows have no zone: write "+a.WithZone("").String(), "address %q has a zone", s)
	}
	return a.Unmap(), nil
}

// addrHint returns the hint for the invalid address s.
func addrHint(f Field, s string) string {
	if p, ok := partialIPv4(s); ok {
		return "did you mean " + p.String() + "?"
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		port := map[Field]Field{FieldSrc: FieldSport, FieldDst: FieldDport}[f]
		if port == FieldNone {
			port = FieldPort
		}
		return "write " + f.String() + ":" + ap.Addr().String() + " " + port.String() + ":" + decimal(int64(ap.Port()))
	}
	if mac, err := net.ParseMAC(s); err == nil && len(mac) == 6 {
		return noMACs
	}
	if !looksLikeAddr(s) && s != "" && f != FieldErrorIP {
		named := map[Field]Field{FieldSrc: FieldSnode, FieldDst: FieldDnode}[f]
		if named == FieldNone {
			named = FieldAnyNode
		}
		return "addresses are numeric; to match a node by name, write " + named.String() + ":" + quoteName(s)
	}
	return "write an address, a CIDR such as 10.0.0.0/8 or a range such as 10.0.0.1-10.0.0.9"
}

// partialIPv4 parses "10.1", "10.1." and "10.1.*.*" as 10.1.0.0/16.
func partialIPv4(s string) (netip.Prefix, bool) {
	for strings.HasSuffix(s, ".*") {
		s = strings.TrimSuffix(s, ".*")
	}
	parts := strings.Split(strings.TrimSuffix(s, "."), ".")
	var b [4]byte
	if len(parts) >= len(b) {
		return netip.Prefix{}, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return netip.Prefix{}, false
		}
		b[i] = byte(n)
	}
	return netip.PrefixFrom(netip.AddrFrom4(b), 8*len(parts)), true
}

// looksLikeAddr reports whether s is meant as an address, valid or not.
func looksLikeAddr(s string) bool {
	if strings.Count(s, ":") > 1 {
		return strings.Trim(s, "0123456789abcdefABCDEF:./-*[]%") == ""
	}
	return strings.Contains(s, ".") && strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789./-*") == ""
}

// interval parses a number, a range or a bound of the field.
func (p *parser) interval(info *FieldInfo, v value) (Interval, error) {
	if n, ok, err := p.namedNumber(info, v); ok || err != nil {
		return Interval{n, n}, err
	}
	if lo, hi, ok := cutRange(info.Kind, v.text); ok {
		return p.numberRange(info, v, lo, hi)
	}
	n, err := p.number(info, v.pos, v.text)
	if info.Kind == KindTime && (v.op == ">" || v.op == ">=") {
		n, err = p.timeFrom(v.pos, v.text)
	}
	if err != nil {
		return Interval{}, err
	}
	if v.op != "" && v.op != "=" {
		return p.bound(info, v, n)
	}
	switch {
	case n < info.Min:
		return Interval{}, p.fail(v.pos, info.rangeHint(), "%s %s is out of range", info.Word, v.text)
	case info.Kind != KindTime:
		return Interval{n, n}, nil
	}
	hint := "write " + info.Word + ">=14:00 or a range such as " + info.Word + ":14:00..15:00"
	return Interval{}, p.fail(v.pos, hint, "no packet comes at exactly %s", v.text)
}

// bound returns the interval on one side of n. Its lower end is at least
// info.Min, so that "rtt:<1s" excludes flows without a known RTT.
func (p *parser) bound(info *FieldInfo, v value, n int64) (Interval, error) {
	i := Interval{info.Min, n}
	switch v.op {
	case ">", ">=":
		i = Interval{max(n, info.Min), MaxNumber}
		if v.op == ">" && n == info.Max {
			return i, p.fail(v.pos, "", "%s is never > %s", info.Word, v.text)
		}
		if v.op == ">" {
			i.Lo = max(n+1, info.Min)
		}
	case "<":
		i.Hi--
	}
	if i.Hi < i.Lo {
		return i, p.fail(v.pos, "", "%s is never %s %s", info.Word, v.op, v.text)
	}
	return i, nil
}

// namedNumber parses a name of one number: an enumeration value, protocol or
// service.
func (p *parser) namedNumber(info *FieldInfo, v value) (n int64, ok bool, err error) {
	switch info.Kind {
	case KindEnum:
		n, err = p.enum(info, v)
		return n, true, err
	case KindProto:
		if proto, err := flow.ParseProto(v.text); err == nil && (v.op == "" || v.op == "=") {
			return int64(proto), true, nil
		}
	case KindPort:
		if port, ok := ServicePort(v.text); ok {
			if v.op == "" || v.op == "=" {
				return int64(port), true, nil
			}
			return 0, false, p.fail(v.pos, "write the number "+decimal(int64(port)), "services have no order")
		}
	}
	return 0, false, nil
}

// cutRange splits "lo-hi" and "lo..hi". Times contain dashes, so they support only
// the second form.
func cutRange(kind Kind, s string) (lo, hi string, ok bool) {
	if lo, hi, ok = strings.Cut(s, ".."); ok || kind == KindTime {
		return lo, hi, ok
	}
	lo, hi, ok = strings.Cut(s, "-")
	return lo, hi, ok && lo != ""
}

func (p *parser) numberRange(info *FieldInfo, v value, lo, hi string) (Interval, error) {
	if v.op != "" && v.op != "=" {
		return Interval{}, p.fail(v.pos, "write the range alone, or one bound", "range %q after %q", v.text, v.op)
	}
	from, to, err := p.rangeEnds(info, v, lo, hi)
	switch {
	case err != nil:
		return Interval{}, err
	case from < info.Min:
		return Interval{}, p.fail(v.pos, info.rangeHint(), "%s %s is out of range", info.Word, lo)
	case to < from && info.Kind == KindTime:
		return Interval{}, p.fail(v.pos, "write "+hi+".."+lo, "range %q runs backwards", v.text)
	case to < from:
		return Interval{}, p.fail(v.pos, "write "+hi+"-"+lo, "range %q runs backwards", v.text)
	}
	return Interval{from, to}, nil
}

// rangeEnds parses both ends of a range.
func (p *parser) rangeEnds(info *FieldInfo, v value, lo, hi string) (from, to int64, err error) {
	hiAt := v.pos + len(v.text) - len(hi)
	if info.Kind == KindTime {
		if from, err = p.timeFrom(v.pos, lo); err != nil {
			return 0, 0, err
		}
		to, err = p.timeTo(hiAt, sameDay(lo, hi), time.Unix(0, from))
		return from, to, err
	}
	if from, err = p.number(info, v.pos, lo); err != nil {
		return 0, 0, err
	}
	to, err = p.number(info, hiAt, hi)
	return from, to, err
}

// number parses one number of the field's kind.
func (p *parser) number(info *FieldInfo, pos int, s string) (int64, error) {
	if strings.HasPrefix(s, "-") && info.Kind != KindTime {
		return 0, p.fail(pos, "try "+info.Example, "%s is never negative", info.Word)
	}
	var n int64
	var err error
	switch info.Kind {
	case KindCount:
		n, err = parseCount(s)
	case KindDuration:
		n, err = parseDuration(s)
	case KindTime:
		return p.time(pos, s)
	default:
		n, err = parsePlain(s)
	}
	switch {
	case err != nil && info.Kind == KindPort:
		return 0, p.fail(pos, portHint(s), "invalid port %q", s)
	case err != nil && info.Kind == KindProto:
		return 0, p.fail(pos, didYouMean(s, flow.ProtoNames(), "write a name such as tcp, udp, icmp, or a number from 0 to 255"), "unknown protocol %q", s)
	case err != nil:
		return 0, p.fail(pos, "try "+info.Example, "%v", err)
	case n > info.Max:
		return 0, p.fail(pos, info.rangeHint(), "%s %s is out of range", info.Word, s)
	}
	return n, nil
}

// rangeHint returns the hint for a number that is out of range.
func (info *FieldInfo) rangeHint() string {
	switch info.Field {
	case FieldRTT, FieldServerRTT, FieldClientRTT:
		return "a flow whose handshake was not seen has none, and " + info.Word + ":none finds it"
	case FieldRTTMin, FieldRTTMean:
		return "a flow without a measured round trip has none, and " + info.Word + ":none finds it"
	case FieldVLAN:
		return "expected 1 to 4095; vlan:none finds flows without a tag"
	}
	return "expected " + decimal(info.Min) + " to " + decimal(info.Max)
}

// time parses a point in time, timeFrom the start of a range, timeTo its end.
func (p *parser) time(pos int, s string) (int64, error) { return p.timeTo(pos, s, time.Time{}) }

func (p *parser) timeFrom(pos int, s string) (int64, error) {
	t, err := ParseFrom(s, p.now, p.loc)
	return p.nanos(pos, s, t, err)
}

func (p *parser) timeTo(pos int, s string, from time.Time) (int64, error) {
	t, err := ParseTo(s, from, p.now, p.loc)
	return p.nanos(pos, s, t, err)
}

// nanos converts the result of parsing a time to nanoseconds since 1970.
func (p *parser) nanos(pos int, s string, t time.Time, err error) (int64, error) {
	if err != nil {
		return 0, p.failTime(pos, err)
	}
	if year := t.UTC().Year(); year < 1970 || year > 2261 {
		return 0, p.fail(pos, "", "time %s is out of range", s)
	}
	return t.UnixNano(), nil
}

// failTime returns an error of ParseTime at a byte offset.
func (p *parser) failTime(pos int, err error) error {
	if bad := new(timeError); errors.As(err, &bad) {
		return p.fail(pos, bad.hint, "%s", bad.msg)
	}
	return p.fail(pos, "", "%v", err)
}

// enum parses a value of an enumeration, in which '-', '_' and blank are
// equivalent, or the display name of a verdict.
func (p *parser) enum(info *FieldInfo, v value) (int64, error) {
	s := strings.NewReplacer(" ", "-", "_", "-").Replace(strings.ToLower(v.text))
	for n, word := range info.Words {
		if s == word {
			return int64(n), nil
		}
	}
	switch info.Field {
	case FieldVerdict:
		for _, verdict := range flow.Verdicts() {
			if strings.EqualFold(v.text, verdict.Words()) {
				return int64(verdict), nil
			}
		}
	case FieldOpen:
		switch s {
		case "true", "1":
			return 1, nil
		case "false", "0":
			return 0, nil
		}
	}
	if info.Field == FieldOpen {
		return 0, p.fail(v.pos, "write open:yes or open:no", "open is yes or no, not %q", v.text)
	}
	if hint := nouns[s]; hint != "" && info.Field == FieldVerdict {
		return 0, p.fail(v.pos, hint, "unknown verdict %q", v.text)
	}
	return 0, p.fail(v.pos, didYouMean(s, info.Words, "expected one of "+strings.Join(info.Words, ", ")), "unknown %s %q", info.Word, v.text)
}
