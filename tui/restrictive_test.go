package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/tui/tuitest"
)

func TestAnEmptyViewNamesWhatExcludesMost(t *testing.T) {
	for typed, want := range map[string]string{
		"proto:tcp dport:99":     "Without dport:99 5 flows match.",
		"proto:gre dport:443":    "Without proto:gre 3 flows match.",
		"proto:icmp dport:33434": "Without proto:icmp one flow matches.",
		"proto:gre":              "Without proto:gre 8 flows match.",
		"proto:gre dport:99":     "No single term excludes everything; remove two or more.",
	} {
		st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
		st.press("/")
		st.write(typed)
		st.press("enter")
		st.wantIn(ansi.Strip(st.screen()), want)
		st.press("backspace")
		if strings.Contains(ansi.Strip(st.screen()), "Without") != (st.m.flows.Rows.Len() == 0) && typed != "proto:gre dport:99" {
			t.Errorf("%s: after Backspace:\n%s", typed, ansi.Strip(st.screen()))
		}
	}
}

func TestTheChoiceOfNodesMayBeToBlame(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, func(c *Config) { c.Query.Nodes = []string{"nowhere"} })
	st.wantIn(ansi.Strip(st.screen()), "Without the selected nodes 8 flows match.")
}
