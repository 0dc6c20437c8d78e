package form

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/search"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// historyForm is the form with its history tab open.
func historyForm(t *testing.T, texts ...string) *Form {
	f := New(search.Query{Range: search.Range{Last: time.Hour}}, texts, tuitest.Env(t))
	tuitest.Press(f, "ctrl+r")
	return f
}

func TestOneKeySearchesAgain(t *testing.T) {
	f := historyForm(t, "since:1h tcp", "since:2h node:edge-1 order:oldest limit:50 dport:443", "since:12h udp")
	answer, ok := tuitest.Press(f, "down", "enter").(QueryChosenMsg)
	if !ok {
		t.Fatal("it stays open")
	}
	if got := answer.Query.Text(); got != "since:2h node:edge-1 order:oldest limit:50 dport:443" {
		t.Errorf("got %s", got)
	}
}

func TestAnEarlierSearchCanBeChangedInTheForm(t *testing.T) {
	f := historyForm(t, "since:1h tcp", "since:2h dport:443")
	if tuitest.Press(f, "tab") != nil || f.past.open || f.text(cellDport) != "443" {
		t.Fatalf("the form has port %q", f.text(cellDport))
	}
	f.goTo(cellDport)
	tuitest.Type(f, "0")
	if answer, ok := tuitest.Press(f, "enter").(QueryChosenMsg); !ok || answer.Query.Text() != "since:2h dport:4430" {
		t.Errorf("got %s", answer.Query.Text())
	}
}

func TestEscLeavesTheHistoryAndThenTheForm(t *testing.T) {
	f := historyForm(t, "since:1h tcp")
	if tuitest.Press(f, "esc") != nil || f.past.open {
		t.Error("Esc closed more than one layer")
	}
	if tuitest.Press(f, "esc") != tuitest.Closed {
		t.Error("Esc did not close the form")
	}
}

func TestASearchThatNoLongerParsesSaysWhyAndStays(t *testing.T) {
	f := historyForm(t, "dprt:443")
	if tuitest.Press(f, "enter") != nil || !strings.Contains(tuitest.View(t, f, &ui.Theme{}, 80, 24), `Unknown field "dprt" at column 1: did you mean dport?`) {
		t.Error(f.View(&ui.Theme{}, 80, 24))
	}
}

func TestTheHistoryLooksRight(t *testing.T) {
	texts := []string{"since:2h flags:syn,!ack", "since:12h node:edge-1,dc-2 order:oldest limit:5000 proto:tcp dport:443,8443 verdict:no-answer src:10.0.0.0/8"}
	for port := range 30 {
		texts = append(texts, fmt.Sprintf("since:30m proto:udp dport:%d", 5000+port))
	}
	tuitest.Goldens(t, historyForm(t, append(texts, "since:2h proto:tcp")...), "form-history")
	tuitest.Goldens(t, historyForm(t), "form-history-empty")
}

func TestAnEarlierSearchWithAnUnknownWordIsRefused(t *testing.T) {
	for text, ok := range map[string]bool{"since:1h tcp nobody": false, "not nobody": false, "tcp or nobody": false, "edge,nobody": false, "since:1h edge": true} {
		f := historyForm(t, text)
		f.env.Words.Nodes, f.env.Known = []string{"edge-1"}, true
		if _, chosen := tuitest.Press(f, "enter").(QueryChosenMsg); chosen != ok {
			t.Errorf("%s is taken: %t, %v", text, chosen, f.past.err)
		}
		if !ok && (f.past.err == nil || !strings.Contains(f.past.err.Error(), `unknown word "nobody"`)) {
			t.Errorf("%s: %v", text, f.past.err)
		}
	}
}
