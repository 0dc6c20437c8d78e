package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"weir/search"
	"weir/tui/tuitest"
)

func TestSearchesAreRememberedOnceAndHandedToWhoeverKeepsThem(t *testing.T) {
	var kept []string
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) {
		c.Past = []string{"since:5m dport:22"}
		c.Remember = func(text string) error {
			kept = append(kept, text)
			return nil
		}
	})
	st.press("/")
	st.write("tcp")
	st.press("enter", "/", "enter")
	st.press("f", "ctrl+r")
	st.wantIn(st.screen(), "since:2h proto:tcp")
	st.press("down", "enter")
	st.wantIn(st.header(), "last 5m")
	if got := strings.Join(kept, "; "); got != "since:2h proto:tcp; since:5m dport:22" {
		t.Errorf("kept %s", got)
	}
	st.press("/", "ctrl+u", "up", "up", "enter")
	if got := search.Text(st.m.Query.Filter); got != "proto:tcp" {
		t.Errorf("the filter line's history gave %s", got)
	}
}

func TestAHistoryThatCannotBeKeptSaysSo(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 160, 24, func(c *Config) {
		c.Remember = func(string) error { return errors.New("disk full") }
	})
	st.press("/")
	st.write("tcp")
	st.press("enter")
	st.wantIn(st.footer(), "search not saved: disk full")
}

func TestATimeRangeInTheFilterLineBecomesTheRangeOfTheView(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, nil)
	st.press("/")
	st.write("since:12h order:oldest tcp")
	st.press("enter")
	st.wantIn(st.header(), "last 12h")
	st.wantIn(st.header(), "OLDEST FIRST")
	if n := strings.Count(strings.ToLower(st.header()), "oldest"); n != 1 {
		t.Errorf("the header says the order %d times: %s", n, st.header())
	}
	if st.m.FilterText != "proto:tcp" || st.m.Query.Range.Last != 12*time.Hour {
		t.Errorf("filter %q, range %v", st.m.FilterText, st.m.Query.Range)
	}
}

func TestTabCompletesAtTheCursorAndGoesRound(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, nil)
	line := func() string { return st.m.line.input.Value() }
	st.press("/")
	st.write("verd")
	st.press("tab")
	if line() != "verdict:" {
		t.Errorf("got %q", line())
	}
	st.write("half")
	st.press("tab")
	if line() != "verdict:half-closed-" {
		t.Errorf("got %q", line())
	}
	st.press("tab")
	st.wantIn(st.screen(), "half-closed-source  half-closed-dest")
	st.press("tab", "tab")
	if line() != "verdict:half-closed-dest" {
		t.Errorf("got %q", line())
	}
	st.press("ctrl+u")
	st.write("dpo tcp")
	for range 4 {
		st.press("left")
	}
	st.press("tab")
	st.write("443")
	if line() != "dport:443 tcp" {
		t.Errorf("in the middle: %q", line())
	}
}
