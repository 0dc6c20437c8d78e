package search

import "testing"

func TestMisspelledWordIsAnUnknownName(t *testing.T) {
	env := Env{Nodes: []string{"Edge-1", "dc"}, Groups: []string{"europe"}}
	for text, want := range map[string]string{
		"refusd tcp":        "refusd, refused",
		"tcp dprt 443":      "dprt, dport",
		"node:edg-1":        "edg-1, Edge-1",
		"snode:eurpe":       "eurpe, europe",
		"somewhere":         "somewhere, ",
		"edge europe DC":    "", // known
		"node:e*1":          "", // patterns may match later names
		`dnode:""`:          "",
		"interface:eth7":    "",
		"!refusd":           "", // a negation still matches flows
		"refusd or tcp":     "",
		"node:edg-1,edge-1": "",
	} {
		x, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if name, suggestion, ok := UnknownName(x, env); ok {
			got = name + ", " + suggestion
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a", true}, {"a", "A", true}, {"a*", "abc", true}, {"*c", "abc", true},
		{"a*c", "abc", true}, {"a*a", "a", false}, {"ab*ba", "aba", false}, {"*a*b*", "xaybz", true}, {"*b*a*", "xaybz", false},
		{"**", "x", true}, {"%", "a", false}, {"_", "a", false}, {"?", "a", false}, {"é*", "Étage", true},
	} {
		if got := MatchesName(c.pattern, c.name); got != c.want {
			t.Errorf("MatchesName(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}
