package search

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"weir/flow"
)

func TestFiltersPrintInCanonicalForm(t *testing.T) {
	if len(canonicalTexts) < 300 || len(badTexts) < 100 {
		t.Errorf("only %d canonical and %d bad texts", len(canonicalTexts), len(badTexts))
	}
	for _, c := range canonicalTexts {
		x, err := ParseAt(c.text, testNow, testLoc)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := x.String(); got != c.want {
			t.Errorf("%s prints as %s, want %s", c.text, got, c.want)
		}
		again, err := ParseAt(c.want, testNow, testLoc)
		if err != nil || !reflect.DeepEqual(again, x) {
			t.Errorf("%s reads back as %#v (%v), want %#v", c.want, again, err, x)
		}
	}
}

func TestBadFiltersFailWithColumnAndHint(t *testing.T) {
	for _, c := range badTexts {
		x, err := ParseAt(c.text, testNow, testLoc)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, %v, want an error", c.text, x, err)
			continue
		}
		got := e.Msg
		if e.Hint != "" {
			got += ": " + e.Hint
		}
		if got != c.want || e.Col != c.col {
			t.Errorf("%s: at column %d\n%s, want at column %d\n%s", c.text, e.Col, got, c.col, c.want)
		}
	}
}

func TestErrorText(t *testing.T) {
	_, err := Parse("dprt:443")
	if got, want := err.Error(), `unknown field "dprt" at column 1: did you mean dport?`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCaretPointsAtTheError(t *testing.T) {
	for text, want := range map[string]string{
		"proto:tcp dprt:443": "proto:tcp dprt:443\n          ^",
		"node:東京 dport:x":    "node:東京 dport:x\n                ^",
		"proto:tcp or":       "proto:tcp or\n            ^",
		"node:a\tdport:x":    "node:a^Idport:x\n              ^",
		strings.Repeat("tcp ", 50) + "dprt:1" + strings.Repeat(" tcp", 50): "..." + strings.Repeat("tcp ", 9) + "dprt:1" + strings.Repeat(" tcp", 7) + " t...\n" + strings.Repeat(" ", 39) + "^",
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%q: %v", text, err)
		}
		if got := e.Caret(text); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestEmptyFilterIsNil(t *testing.T) {
	for _, text := range []string{"", "  ", "\t\n"} {
		if x, err := Parse(text); x != nil || err != nil {
			t.Errorf("Parse(%q) = %v, %v, want nil", text, x, err)
		}
	}
	if Text(nil) != "" {
		t.Error("the text of a nil filter is not empty")
	}
}

func TestHugeAndMalformedTextIsRejected(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("(", 200) + "tcp" + strings.Repeat(")", 200): "parentheses nested more than 100 deep",
		strings.Repeat("tcp ", 20_000):                              "filter too long (80000 bytes)",
		"node:a\xffb":                                               "text is not UTF-8",
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) || e.Msg != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Parse("tcp" + strings.Repeat(" or tcp", 5000)); err != nil {
		t.Errorf("a long list of terms: %v, want no error", err)
	}
	if _, err := Parse(strings.Repeat("!", 50_000) + "tcp"); err != nil {
		t.Errorf("many negations: %v, want no error", err)
	}
}

func TestTrees(t *testing.T) {
	for text, want := range map[string]Expr{
		"dport>1024":          Numbers{FieldDport, []Interval{{1025, MaxNumber}}},
		"dport:<=1024":        Numbers{FieldDport, []Interval{{0, 1024}}},
		"rtt<1ms":             Numbers{FieldRTT, []Interval{{1, 999_999}}},
		"open:yes":            Numbers{FieldOpen, []Interval{{1, 1}}},
		"verdict:no-answer":   Numbers{FieldVerdict, []Interval{{int64(flow.NoAnswer), int64(flow.NoAnswer)}}},
		"flags:syn,!ack,!rst": FlagTest{Field: FieldFlags, All: flow.SYN, None: flow.ACK | flow.RST},
		"flags:any(syn,rst)":  FlagTest{Field: FieldFlags, Any: flow.SYN | flow.RST},
		"sflags:=0x12":        FlagTest{Field: FieldSrcFlags, All: flow.SYN | flow.ACK, Exact: true},
		"node:a,!b":           And{Names{FieldNode, []string{"a"}}, Not{Names{FieldNode, []string{"b"}}}},
	} {
		if got, err := Parse(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s parses as %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestEveryFieldIsDescribed(t *testing.T) {
	seen := map[string]Field{}
	for _, info := range Fields() {
		if info.Word == "" || info.Help == "" || info.Example == "" {
			t.Errorf("field %d is incomplete: %+v", info.Field, info)
		}
		if info.Field.Info().Word != info.Word || info.Field.String() != info.Word {
			t.Errorf("%s: Info and String disagree", info.Word)
		}
		for _, word := range append([]string{info.Word}, info.Aliases...) {
			if other, ok := seen[word]; ok {
				t.Errorf("%s names both %s and %s", word, info.Field, other)
			}
			seen[word] = info.Field
			if fieldByWord(strings.ToUpper(word)) != info.Field {
				t.Errorf("%s does not parse as %s", word, info.Field)
			}
			if strings.Trim(word, "abcdef") == "" {
				t.Errorf("%s could be the start of an IPv6 address", word)
			}
		}
		x, err := Parse(info.Example)
		if err != nil {
			t.Errorf("%s: %v", info.Example, err)
		} else if got := x.String(); got != info.Example {
			t.Logf("%s prints as %s", info.Example, got)
		}
		if !strings.HasPrefix(info.Example, info.Word+":") {
			t.Errorf("%s is not an example of %s", info.Example, info.Word)
		}
		for code, word := range info.Words {
			x, err := Parse(info.Word + ":" + word)
			want := Numbers{info.Field, []Interval{{int64(code), int64(code)}}}
			if err != nil || !reflect.DeepEqual(x, want) {
				t.Errorf("%s:%s parses as %#v, %v", info.Word, word, x, err)
			}
		}
	}
	if (FieldNone.Info().Word) != "" || numFields.Info().Word != "" {
		t.Error("an invalid field has a word")
	}
}
