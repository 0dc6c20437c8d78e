package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/node"
	"weir/search"
	"weir/tui/tuitest"
)

func TestAnEmptyViewNamesWhatExcludesMost(t *testing.T) {
	for typed, want := range map[string]string{
		"proto:tcp dport:99":     "Without dport:99, 5 flows match.",
		"proto:gre dport:443":    "Without proto:gre, 3 flows match.",
		"proto:icmp dport:33434": "Without proto:icmp, one flow matches.",
		"proto:gre":              "Without proto:gre, 8 flows match.",
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
	st.wantIn(ansi.Strip(st.screen()), "Without the selected nodes, 8 flows match.")
}

func TestAnEmptyStoreOffersNoLongerRangeThanAll(t *testing.T) {
	store := &tuitest.Store{NodeList: []node.Summary{{LastSeen: testNow.Add(-30 * time.Hour)}}}
	st := newScreen(t, store, 80, 24, func(c *Config) { c.Query.Range = search.Range{} })
	text := ansi.Strip(st.screen())
	st.wantIn(text, "No flow in the whole store.")
	st.wantIn(text, "The last packet was seen 2024-11-13")
	if strings.Contains(text, "longer range") {
		t.Errorf("there is a longer range than all time:\n%s", text)
	}
}
