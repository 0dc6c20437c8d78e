package search

import (
	"math/bits"
	"net/netip"
	"reflect"
	"strings"
	"time"
	"unicode"

	"weir/flow"
)

// Text returns the canonical text of x, or "" for nil.
func Text(x Expr) string {
	if x == nil {
		return ""
	}
	return x.String()
}

// String joins the terms with blanks.
func (x And) String() string { return joinTerms(x, " ") }

// String joins the terms with "or". It puts a term that is a list of terms in
// parentheses, even where the grammar does not require them.
func (x Or) String() string { return joinTerms(x, " or ") }

// String returns the term after "!", or "field:none" for the absence of a field.
func (x Not) String() string {
	if f := presentField(x.X); f != FieldNone {
		return f.String() + ":none"
	}
	if f := presentField(x); f != FieldNone {
		return f.String() + ":any"
	}
	return "!" + operand(x.X)
}

// presentField returns the field whose mere presence x tests; FieldNone if x
// tests anything else.
func presentField(x Expr) Field {
	f := FieldNone
	switch x := x.(type) {
	case Numbers:
		f = x.Field
	case Addrs:
		f = x.Field
	case Not:
		if not, ok := x.X.(Numbers); ok { // a tunnel is present if it is not "none"
			f = not.Field
		}
	}
	if some := presence(f); some != nil && reflect.DeepEqual(x, some) {
		return f
	}
	return FieldNone
}

func joinTerms(terms []Expr, sep string) string {
	texts := make([]string, len(terms))
	for i, t := range terms {
		texts[i] = operand(t)
	}
	return strings.Join(texts, sep)
}

// operand returns the text of x within a larger expression.
func operand(x Expr) string {
	switch x.(type) {
	case And, Or:
		return "(" + x.String() + ")"
	}
	return Text(x)
}

// String returns "src:10.0.0.0/8,192.0.2.1". A range that is a CIDR is printed as
// one.
func (x Addrs) String() string {
	if presentField(x) != FieldNone {
		return x.Field.String() + ":any"
	}
	return term(x.Field, x.Ranges, AddrRange.String)
}

// String returns "10.0.0.0/8", "192.0.2.1" or "192.0.2.1-192.0.2.9".
func (r AddrRange) String() string {
	if r.Lo == r.Hi {
		return r.Lo.String()
	}
	if p, ok := r.Prefix(); ok {
		return p.String()
	}
	return r.Lo.String() + "-" + r.Hi.String()
}

// Prefix returns the CIDR with exactly the addresses of r, if there is one.
func (r AddrRange) Prefix() (netip.Prefix, bool) {
	if !r.Lo.IsValid() || r.Lo.BitLen() != r.Hi.BitLen() {
		return netip.Prefix{}, false
	}
	lo, hi := r.Lo.As16(), r.Hi.As16()
	common := 0
	for i := range lo {
		n := bits.LeadingZeros8(lo[i] ^ hi[i])
		common += n
		if n < 8 {
			break
		}
	}
	common -= 128 - r.Lo.BitLen() // As16 prefixes an IPv4 address with twelve bytes
	p := netip.PrefixFrom(r.Lo, common).Masked()
	return p, p.IsValid() && PrefixRange(p) == r
}

// PrefixRange returns the range of addresses in p.
func PrefixRange(p netip.Prefix) AddrRange {
	lo := p.Masked().Addr()
	hi := lo.AsSlice()
	for i := p.Bits(); i < len(hi)*8; i++ {
		hi[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(hi)
	return AddrRange{Lo: lo, Hi: last}
}

// String returns "dport:443,1024-2048" or "bytes:>=1M", with the words of an
// enumeration and the units of counts and durations.
func (x Numbers) String() string {
	if presentField(x) != FieldNone {
		return x.Field.String() + ":any"
	}
	info := x.Field.Info()
	compared := false
	return term(x.Field, x.Ranges, func(i Interval) string {
		text := info.intervalText(i)
		if compared && info.Kind == KindCount && isThousands(text) {
			text = "=" + text // see checkThousands
		}
		compared = strings.ContainsAny(text[:1], "<>")
		return text
	})
}

func (info *FieldInfo) intervalText(i Interval) string {
	switch {
	case i.Lo == i.Hi && info.Kind != KindTime:
		return info.numberText(i.Lo)
	case info.Kind == KindProto: // ranges are numeric, and names can contain dashes
		return (&FieldInfo{Kind: KindNumber, Max: info.Max}).intervalText(i)
	case i.Hi == MaxNumber:
		if i.Lo > 0 && roundness(i.Lo-1) > roundness(i.Lo) {
			return ">" + info.numberText(i.Lo-1)
		}
		return ">=" + info.numberText(i.Lo)
	case (i.Lo == 0 || i.Lo == info.Min) && i.Hi < info.Max: // no lower bound
		if roundness(i.Hi+1) > roundness(i.Hi) {
			return "<" + info.numberText(i.Hi+1)
		}
		return "<=" + info.numberText(i.Hi)
	case info.Kind == KindTime:
		return info.numberText(i.Lo) + ".." + info.numberText(i.Hi)
	}
	return info.numberText(i.Lo) + "-" + info.numberText(i.Hi)
}

// numberText returns the text of one number of the field.
func (info *FieldInfo) numberText(n int64) string {
	switch info.Kind {
	case KindProto:
		return protoText(n)
	case KindCount:
		return countText(n)
	case KindDuration:
		return durationText(n)
	case KindTime:
		return time.Unix(0, n).UTC().Format(time.RFC3339Nano)
	case KindEnum:
		if n >= 0 && n < int64(len(info.Words)) {
			return info.Words[n]
		}
	}
	return decimal(n)
}

func protoText(n int64) string {
	if n < 0 || n > 255 {
		return decimal(n)
	}
	return strings.ToLower(flow.Proto(n).String())
}

// String returns `snode:edge-1,"branch office"`.
func (x Names) String() string {
	return term(x.Field, x.Patterns, quoteName)
}

// quoteName quotes a name unless all of its characters are safe in the grammar.
func quoteName(name string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.*:/@+#%", r)
	}
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0 {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// String returns "flags:syn,!ack", "flags:any(fin,rst)", "flags:=syn,ack", or
// "flags:*" for a test that is true for every TCP flow.
func (x FlagTest) String() string {
	if x.Exact && x.All == 0 {
		return x.Field.String() + ":=none"
	}
	if x.Exact {
		return x.Field.String() + ":=" + strings.Join(flagWords(x.All, ""), ",")
	}
	values := append(flagWords(x.All, ""), flagWords(x.None, "!")...)
	if x.Any != 0 {
		values = append(values, "any("+strings.Join(flagWords(x.Any, ""), ",")+")")
	}
	if len(values) == 0 {
		values = []string{"*"}
	}
	return x.Field.String() + ":" + strings.Join(values, ",")
}

// flagWords returns the names of the flags of f in lower case, each with prefix.
func flagWords(f flow.Flags, prefix string) []string {
	var all []string
	for _, info := range flow.FlagTable {
		if f.Has(info.Flag) {
			all = append(all, prefix+strings.ToLower(info.Name))
		}
	}
	return all
}

func term[T any](f Field, values []T, text func(T) string) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = text(v)
	}
	return f.String() + ":" + strings.Join(texts, ",")
}
