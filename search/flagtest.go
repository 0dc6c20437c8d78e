package search

import (
	"strings"

	"weir/flow"
)

// flagTest parses the values of a flags field: "syn,!ack" (all of the plain
// flags, none of the negated ones), "any(fin,rst)" or "fin|rst", "=syn,ack".
func (p *parser) flagTest(f Field, list []value) (Expr, error) {
	if list[0].op == "=" && !list[0].neg {
		return p.exactFlags(f, list)
	}
	t := FlagTest{Field: f}
	for _, v := range list {
		if v.op != "" {
			return nil, p.fail(v.pos, "try "+f.Info().Example, "%s can't be compared with %s", f, v.op)
		}
		if len(list) == 1 && v.text == "*" && !v.neg {
			return t, nil
		}
		if err := p.addFlags(&t, v, len(list) == 1); err != nil {
			return nil, err
		}
	}
	if t == (FlagTest{Field: f}) { // "none", "0x00"
		t.Exact = true
		return t, nil
	}
	if t.Any != 0 && t.Any&(t.Any-1) == 0 { // any() with a single flag
		t.All, t.Any = t.All|t.Any, 0
	}
	if both := t.All & t.None; both != 0 {
		return nil, p.fail(list[0].pos, "remove one of the two", "no flow both has %s and lacks it", both)
	}
	if t.Any != 0 && t.Any&^t.None == 0 {
		return nil, p.fail(list[0].pos, "remove one of the two", "no flow both has any of %s and lacks them", t.Any)
	}
	return t, nil
}

// addFlags adds one value to t. Only a value that stands alone may be empty.
func (p *parser) addFlags(t *FlagTest, v value, alone bool) error {
	set, anyOf, err := p.flagSet(v)
	if err != nil {
		return err
	}
	switch {
	case set == 0 && (v.neg || !alone):
		return p.fail(v.pos, "write it alone", "%q within a list of flags", v.text)
	case v.neg:
		t.None |= set
	case anyOf && t.Any != 0:
		return p.fail(v.pos, "write two terms: flags:any(syn,fin) flags:any(ack,rst)", "a second any-of list")
	case anyOf:
		t.Any = set
	default:
		t.All |= set
	}
	return nil
}

// flagSet parses a flag, a number, tcpdump letters or an any-of list.
func (p *parser) flagSet(v value) (set flow.Flags, anyOf bool, err error) {
	switch {
	case v.args != nil && !strings.EqualFold(v.text, "any"):
		return 0, false, p.fail(v.pos, "write any(syn,rst)", "unknown list %q", v.text)
	case v.args != nil:
		for _, arg := range v.args {
			if arg.neg || arg.op != "" || arg.args != nil {
				return 0, false, p.fail(arg.pos, "write any(syn,rst)", "any(…) takes only flags")
			}
			one, err := p.flag(arg.pos, arg.text)
			if err != nil {
				return 0, false, err
			}
			set |= one
		}
	case strings.Contains(v.text, "|"):
		pos := v.pos
		for word := range strings.SplitSeq(v.text, "|") {
			one, err := p.flag(pos, word)
			if err != nil {
				return 0, false, err
			}
			set |= one
			pos += len(word) + 1
		}
	default:
		set, err = p.flag(v.pos, v.text)
		return set, false, err
	}
	if set == 0 {
		return 0, false, p.fail(v.pos, "write any(syn,rst)", "any-of list without flags")
	}
	return set, true, nil
}

func (p *parser) flag(pos int, s string) (flow.Flags, error) {
	set, err := flow.ParseFlags(s)
	if err == nil {
		return set, nil
	}
	var names []string
	for _, info := range flow.FlagTable {
		names = append(names, strings.ToLower(info.Name))
	}
	hint := didYouMean(s, names, "write "+strings.Join(names, ", ")+" or a number such as 0x12")
	return 0, p.fail(pos, hint, "unknown flag %q", s)
}

// exactFlags parses "=syn,ack", "=0x12" and "=none".
func (p *parser) exactFlags(f Field, list []value) (Expr, error) {
	t := FlagTest{Field: f, Exact: true}
	for i, v := range list {
		if v.neg || v.args != nil || i > 0 && v.op != "" || strings.Contains(v.text, "|") {
			return nil, p.fail(v.pos, "write the exact set: "+f.String()+":=syn,ack", "%q within an exact set of flags", v.text)
		}
		set, err := p.flag(v.pos, v.text)
		if err != nil {
			return nil, err
		}
		t.All |= set
	}
	return t, nil
}
