package search

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

var habitsEnv = Env{Nodes: []string{"fw-1", "Edge", "branch-7"}, Groups: []string{"Edges", "All-East"}, Interfaces: []string{"eth0", "wlan1", "edge0"}}

// TestHabitsAreUnderstoodOrRefused compares filters as users of tcpdump, nfdump, Wireshark,
// hubble and plain English write them with testdata/habits.txt: what each means, or the column and
// the hint of its error. Package db searches a store for those that are understood.
func TestHabitsAreUnderstoodOrRefused(t *testing.T) {
	data, err := os.ReadFile("testdata/habits.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		text, want, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			out.WriteString(line)
			continue
		}
		n++
		got := habit(t, text)
		if got != want && !*update {
			t.Errorf("%s:\n%s, want\n%s", text, got, want)
		}
		out.WriteString(text + "\t" + got + "\n")
	}
	if n < 300 {
		t.Errorf("%d filters, want 300", n)
	}
	if *update {
		if err := os.WriteFile("testdata/habits.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// habit returns the meaning of a filter as "= text", or its error as "column: message (hint)".
func habit(t *testing.T, text string) string {
	t.Helper()
	q, err := Query{}.With(text, testNow, testLoc)
	if err == nil {
		if text, err = CheckWords(text, testNow, testLoc, habitsEnv); err == nil {
			q, err = Query{}.With(text, testNow, testLoc)
		}
	}
	var e *Error
	switch {
	case err == nil:
		return "= " + q.Text()
	case !errors.As(err, &e) || e.Hint == "":
		t.Errorf("%s: %v, want a column and what to write", text, err)
	}
	return strconv.Itoa(e.Col) + ": " + e.Msg + " (" + e.Hint + ")"
}

// TestNamesOfInterfacesAreWords checks bare words that are in names of interfaces, alone, under not,
// in or and in lists.
func TestNamesOfInterfacesAreWords(t *testing.T) {
	for text, want := range map[string]string{
		"eth0": "anynode:*eth0* or interface:*eth0*", "ETH tcp": "(anynode:*ETH* or interface:*ETH*) proto:tcp", "tcp and not eth0": "proto:tcp !(anynode:*eth0* or interface:*eth0*)",
		"!eth0": "!(anynode:*eth0* or interface:*eth0*)", "udp or eth0": "proto:udp or anynode:*eth0* or interface:*eth0*", "eth0,wlan1": "anynode:*eth0*,*wlan1* or interface:*eth0*,*wlan1*",
		"eth0,!wlan1": "(anynode:*eth0* or interface:*eth0*) !(anynode:*wlan1* or interface:*wlan1*)", "eth*": "anynode:eth* or interface:eth*", "fw-1,eth0": "anynode:*fw-1*,*eth0* or interface:*fw-1*,*eth0*",
		`eth0,"fw-1"`: "anynode:*eth0*,fw-1 or interface:*eth0*,fw-1", "not (tcp or !eth0)": "!(proto:tcp or !(anynode:*eth0* or interface:*eth0*))",
		"fw-1": "anynode:*fw-1*", "fw-1 eth0": "anynode:*fw-1* (anynode:*eth0* or interface:*eth0*)", `"eth0"`: "anynode:eth0", "interface:eth0": "interface:eth0",
	} {
		got, err := CheckWords(text, testNow, testLoc, habitsEnv)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if x, err := ParseAt(got, testNow, testLoc); err != nil || Text(x) != want {
			t.Errorf("%s becomes %s, %v, want %s", text, Text(x), err, want)
		}
	}
	var e *Error
	if got, err := CheckWords("eth0,nothing", testNow, testLoc, habitsEnv); !errors.As(err, &e) || e.Col != 6 || e.Hint == "" {
		t.Errorf("%s, %v, want an error at column 6", got, err)
	}
}

// TestSyntaxOfOtherToolsIsNoPartOfAName checks words that are in names by chance: "port in 80" must not
// be an answer because a node is called main-airport.
func TestSyntaxOfOtherToolsIsNoPartOfAName(t *testing.T) {
	env := Env{Nodes: []string{"main-airport", "station", "webhost", "in"}}
	for text, ok := range map[string]bool{
		"port in 80": false, "tcp to 10.0.0.1": false, "ip": false, "on": false, "airport": true, "web": true, "in": true, "station": true, "host": false, "limit": false, "webhost": true,
	} {
		if _, err := CheckWords(text, time.Now(), time.UTC, env); (err == nil) != ok {
			t.Errorf("%s: %v, want an error: %t", text, err, !ok)
		}
	}
}
