package db

import "testing"

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a", true}, {"a", "A", true}, {"a*", "abc", true}, {"*c", "abc", true},
		{"a*c", "abc", true}, {"a*a", "a", false}, {"ab*ba", "aba", false}, {"*a*b*", "xaybz", true}, {"*b*a*", "xaybz", false},
		{"**", "x", true}, {"%", "a", false}, {"_", "a", false}, {"?", "a", false}, {"é*", "Étage", true},
	} {
		if got := wildcard(c.pattern, c.name); got != c.want {
			t.Errorf("wildcard(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}
