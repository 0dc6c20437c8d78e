package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/search"
	"weir/tui/ui"
)

// historyForm is the form with its history tab open.
func historyForm(t *testing.T, texts ...string) *formDialog {
	f := newFormDialog(search.Query{Range: search.Range{Last: time.Hour}}, texts, testEnv(t))
	press(f, "ctrl+r")
	return f
}

func TestOneKeySearchesAgain(t *testing.T) {
	f := historyForm(t, "since:1h tcp", "since:2h node:edge-1 order:oldest limit:50 dport:443", "since:12h udp")
	answer, ok := press(f, "down", "enter").(queryChosenMsg)
	if !ok {
		t.Fatal("it stays open")
	}
	if got := answer.Query.Text(); got != "since:2h node:edge-1 order:oldest limit:50 dport:443" {
		t.Errorf("got %s", got)
	}
}

func TestAnEarlierSearchCanBeChangedInTheForm(t *testing.T) {
	f := historyForm(t, "since:1h tcp", "since:2h dport:443")
	if press(f, "tab") != nil || f.past.open || f.text(cellDport) != "443" {
		t.Fatalf("the form has port %q", f.text(cellDport))
	}
	f.goTo(cellDport)
	typeText(f, "0")
	if answer, ok := press(f, "enter").(queryChosenMsg); !ok || answer.Query.Text() != "since:2h dport:4430" {
		t.Errorf("got %s", answer.Query.Text())
	}
}

func TestEscLeavesTheHistoryAndThenTheForm(t *testing.T) {
	f := historyForm(t, "since:1h tcp")
	if press(f, "esc") != nil || f.past.open {
		t.Error("Esc closed more than one layer")
	}
	if press(f, "esc") != closed {
		t.Error("Esc did not close the form")
	}
}

func TestASearchThatNoLongerParsesSaysWhyAndStays(t *testing.T) {
	f := historyForm(t, "dprt:443")
	if press(f, "enter") != nil || !strings.Contains(checkView(t, f, &ui.Theme{}, 80, 24), `Unknown field "dprt" at column 1: did you mean dport?`) {
		t.Error(f.View(&ui.Theme{}, 80, 24))
	}
}

func TestTheHistoryLooksRight(t *testing.T) {
	texts := []string{"since:2h flags:syn,!ack", "since:12h node:edge-1,dc-2 order:oldest limit:5000 proto:tcp dport:443,8443 verdict:no-answer src:10.0.0.0/8"}
	for port := range 30 {
		texts = append(texts, fmt.Sprintf("since:30m proto:udp dport:%d", 5000+port))
	}
	dialogGoldens(t, historyForm(t, append(texts, "since:2h proto:tcp")...), "form-history")
	dialogGoldens(t, historyForm(t), "form-history-empty")
}

func TestSearchesAreRememberedOnceAndHandedToWhoeverKeepsThem(t *testing.T) {
	var kept []string
	st := newScreen(t, sampleStore(), 120, 24, func(c *Config) {
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
	if got := search.Text(st.m.query.Filter); got != "proto:tcp" {
		t.Errorf("the filter line's history gave %s", got)
	}
}

func TestAHistoryThatCannotBeKeptSaysSo(t *testing.T) {
	st := newScreen(t, sampleStore(), 160, 24, func(c *Config) {
		c.Remember = func(string) error { return errors.New("disk full") }
	})
	st.press("/")
	st.write("tcp")
	st.press("enter")
	st.wantIn(st.footer(), "this search is remembered until you quit only: disk full")
}

func TestATimeRangeInTheFilterLineBecomesTheRangeOfTheView(t *testing.T) {
	st := newScreen(t, sampleStore(), 120, 24, nil)
	st.press("/")
	st.write("since:12h order:oldest tcp")
	st.press("enter")
	st.wantIn(st.header(), "last 12h")
	st.wantIn(st.header(), "oldest first")
	if st.m.filterText != "proto:tcp" || st.m.query.Range.Last != 12*time.Hour {
		t.Errorf("filter %q, range %v", st.m.filterText, st.m.query.Range)
	}
}

func TestTabCompletesAtTheCursorAndGoesRound(t *testing.T) {
	st := newScreen(t, sampleStore(), 120, 24, nil)
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
