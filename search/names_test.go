package search

import "testing"

func TestAMisspelledWordShowsAsANameThatNothingHas(t *testing.T) {
	env := Env{Nodes: []string{"Edge-1", "dc"}, Groups: []string{"europe"}}
	for text, want := range map[string]string{
		"refusd tcp":        "refusd, refused",
		"tcp dprt 443":      "dprt, dport",
		"node:edg-1":        "edg-1, Edge-1",
		"snode:eurpe":       "eurpe, europe",
		"somewhere":         "somewhere, ",
		"edge europe DC":    "", // they are there
		"node:e*1":          "", // patterns may match what comes
		`dnode:""`:          "",
		"interface:eth7":    "",
		"!refusd":           "", // finds all the same
		"refusd or tcp":     "",
		"node:edg-1,edge-1": "",
	} {
		x, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if name, meant, ok := UnknownName(x, env); ok {
			got = name + ", " + meant
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
