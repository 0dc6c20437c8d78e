package search

import (
	"errors"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"
)

// Relative times in the tests are resolved at testNow in testLoc, UTC-5.
var (
	testNow = time.Date(2026, 11, 23, 19, 12, 7, 0, time.UTC)
	testLoc = time.FixedZone("EST", -5*3600)
)

func FuzzParse(f *testing.F) {
	for _, c := range canonicalTexts {
		f.Add(c.text)
	}
	for _, c := range badTexts {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := ParseAt(text, testNow, testLoc)
		if err != nil {
			checkError(t, text, err)
			return
		}
		checkTree(t, x, false)
		printed := Text(x)
		again, err := ParseAt(printed, testNow, testLoc)
		if err != nil {
			t.Fatalf("%q prints as %q, which does not parse: %v", text, printed, err)
		}
		if !reflect.DeepEqual(again, x) {
			t.Fatalf("%q prints as %q, which parses to a different tree:\n%#v\n%#v", text, printed, x, again)
		}
	})
}

// checkError checks that an error has a message and a column within the text.
func checkError(t *testing.T, text string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%q fails with %T, want *Error", text, err)
	}
	if n := utf8.RuneCountInString(text); e.Col < 1 || e.Col > n+1 {
		t.Fatalf("%q has %d columns, its error is at %d", text, n, e.Col)
	}
	if e.Msg == "" || e.Caret(text) == "" {
		t.Fatalf("%q fails without a message", text)
	}
}

// checkTree checks the invariants documented for Expr.
func checkTree(t *testing.T, x Expr, within bool) {
	t.Helper()
	switch x := x.(type) {
	case nil:
		if within {
			t.Fatal("nil within a tree")
		}
	case And:
		checkTerms(t, x, reflect.TypeFor[And]())
	case Or:
		checkTerms(t, x, reflect.TypeFor[Or]())
	case Not:
		if _, ok := x.X.(Not); ok {
			t.Fatal("double negation")
		}
		checkTree(t, x.X, true)
	case Addrs:
		for _, r := range x.Ranges {
			if len(x.Ranges) == 0 || r.Lo.BitLen() != r.Hi.BitLen() || r.Hi.Less(r.Lo) {
				t.Fatalf("bad range %v", r)
			}
		}
	case Numbers:
		for _, i := range x.Ranges {
			if len(x.Ranges) == 0 || i.Lo < 0 || i.Hi < i.Lo {
				t.Fatalf("bad interval %v", i)
			}
		}
	case Names:
		if len(x.Patterns) == 0 {
			t.Fatal("no names")
		}
	case FlagTest:
		if x.Exact && (x.Any != 0 || x.None != 0) || x.All&x.None != 0 {
			t.Fatalf("bad flag test %#v", x)
		}
	}
}

func checkTerms(t *testing.T, terms []Expr, parent reflect.Type) {
	t.Helper()
	if len(terms) < 2 {
		t.Fatalf("%v with %d terms", parent, len(terms))
	}
	for _, term := range terms {
		if reflect.TypeOf(term) == parent {
			t.Fatalf("%v within %v", parent, parent)
		}
		checkTree(t, term, true)
	}
}

// FuzzQuery checks that a whole query prints as a text that parses to the same query, and that words
// which CheckWords gives a field still parse.
func FuzzQuery(f *testing.F) {
	for _, c := range canonicalTexts {
		f.Add(c.text)
	}
	for _, text := range []string{"since:2h node:edge-1 order:oldest limit:5000 tcp", "yesterday 14:00", "src port 443 or 80", "not (eth0,!edge)", "src or dst port 22"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text, testNow, testLoc)
		if err != nil {
			checkError(t, text, err)
			return
		}
		q.Range = q.Range.In(testLoc)
		printed := q.Text()
		again, err := ParseQuery(printed, testNow, testLoc)
		again.Range = again.Range.In(testLoc)
		if err != nil || again.Text() != printed {
			t.Fatalf("%q prints as %q, which is read as %q, %v", text, printed, again.Text(), err)
		}
		known, err := CheckWords(text, testNow, testLoc, habitsEnv)
		if err != nil {
			checkError(t, text, err)
			return
		}
		if _, err := ParseQuery(known, testNow, testLoc); err != nil {
			t.Fatalf("%q becomes %q, which does not parse: %v", text, known, err)
		}
	})
}
