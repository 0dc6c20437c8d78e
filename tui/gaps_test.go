package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/tuitest"
)

// aGap is a damaged block.
func aGap() []search.Gap {
	from := tuitest.Now.Add(-time.Hour)
	return []search.Gap{{Block: 27, Flows: 8192, From: from, To: from.Add(5 * time.Minute), Nodes: []string{"edge-1"}}}
}

func TestWhatIsDamagedIsSaidOnEveryScreenAsLongAsItIsMissing(t *testing.T) {
	for _, full := range []bool{true, false} {
		store := &tuitest.Store{}
		if full {
			store = tuitest.NewStore()
		}
		store.Gaps = aGap()
		st := newScreen(t, store, 160, 40, nil)
		for _, key := range []string{"1", "2", "3", "4", "1"} {
			st.press(key)
			st.ticks(10)
			got := strings.Join(strings.Fields(ansi.Strip(st.screen())), " ")
			st.wantIn(got, "8,192 flows from ")
			st.wantIn(got, "of edge-1 are missing here: block 27 is damaged")
		}
		if full {
			st.wantIn(ansi.Strip(st.screen()), "edge-1") // its flows are there
		}
		store.Gaps = nil
		store.Add(tuitest.Flows()[0])
		st.ticks(60)
		if n := st.m.flows.Notice().Text; n != "" {
			t.Errorf("nothing is missing, and the screen says %q", n)
		}
	}
}

func TestTheListOfNodesIsShownBesideDamage(t *testing.T) {
	for _, gaps := range [][]search.Gap{aGap(), {{Table: "the prefixes of nodes"}}} {
		store := tuitest.NewStore()
		store.Gaps = gaps
		st := newScreen(t, store, 160, 40, nil)
		st.press("n")
		st.wantIn(ansi.Strip(st.screen()), "[ ] branch-office-3")
		st.wantIn(strings.Join(strings.Fields(ansi.Strip(st.screen())), " "), "damaged: weir db check, then weir db repair")
	}
}

func TestAnAnswerWithAGapIsNotAskedForAgain(t *testing.T) {
	store := tuitest.NewStore()
	store.Gaps = aGap()
	st := newScreen(t, store, 120, 40, nil)
	st.ticks(10)
	asked := len(store.Searches)
	st.ticks(50)
	if n := len(store.Searches) - asked; n != 0 {
		t.Errorf("asked %d more times", n)
	}
}

func TestAnExportPastDamageIsSaidToBeIncomplete(t *testing.T) {
	st, dir := exporting(t, 23_456)
	st.store.Gaps = aGap()
	st.press("tab", "right", "enter")
	if _, text := onlyFile(t, dir); strings.Count(text, "\n") != 23_457 {
		t.Errorf("%d lines", strings.Count(text, "\n"))
	}
	st.wantIn(st.footer(), "export incomplete: 8,192 flows from ")
}
