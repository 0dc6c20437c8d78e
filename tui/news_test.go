package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/node"
	"weir/tui/dialog"
	"weir/tui/session"
	"weir/tui/tuitest"
)

// filterBy types a filter and applies it.
func (st *screenTest) filterBy(text string) {
	st.press("/")
	st.write(text)
	st.press("enter")
}

// lineWith returns the first line of the screen that contains the text.
func (st *screenTest) lineWith(text string) string {
	st.t.Helper()
	for line := range strings.SplitSeq(ansi.Strip(st.screen()), "\n") {
		if strings.Contains(line, text) {
			return line
		}
	}
	st.t.Fatalf("%q is not on the screen", text)
	return ""
}

func TestNewsDoNotEndARoundOfCompletionsInTheForm(t *testing.T) {
	news := map[string]func(st *screenTest){
		"nothing": func(*screenTest) {},
		"time":    (*screenTest).tick,
		"nodes":   func(st *screenTest) { st.send(session.InventoryChangedMsg{At: st.now}) },
		"sums":    func(st *screenTest) { st.m.tellWindow(dialog.NodesCountedMsg{Now: st.now}) },
		"saved":   func(st *screenTest) { st.send(session.SearchesReadMsg{}) },
	}
	round := func(tell func(*screenTest)) (lines [4]string) {
		store := tuitest.NewStore()
		store.NodeList = []node.Summary{{Node: node.Node{Name: "edge-1"}}, {Node: node.Node{Name: "edge-2"}}, {Node: node.Node{Name: "edge-3"}}}
		st := newScreen(t, store, 120, 40, nil)
		st.press("f", "down") // to "Reported by"
		st.write("ed")
		for i := range lines {
			st.press("tab")
			lines[i] = st.lineWith("Reported by")
			tell(st)
		}
		return lines
	}
	want := round(news["nothing"])
	if !strings.Contains(want[2], "edge-1") || !strings.Contains(want[3], "edge-2") {
		t.Fatalf("Tab does not go round: %q", want)
	}
	for what, tell := range news {
		if got := round(tell); got != want {
			t.Errorf("with news of %s between two Tabs: %q, want %q", what, got, want)
		}
	}
}

func TestAnErrorInTheHistoryOfTheFormStaysUntilAKey(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 40, func(c *Config) { c.Past = []string{"nonsense:::"} })
	st.press("f", "ctrl+r", "enter")
	before := st.screen()
	st.wantIn(ansi.Strip(before), "Unknown field")
	st.tick()
	if after := st.screen(); after != before {
		t.Errorf("the error is gone after a tick:\n%s", ansi.Strip(after))
	}
}

// A window without a time or a progress is not drawn on a tick.
func TestATickDrawsOnlyWindowsThatShowTheTime(t *testing.T) {
	for key, drawn := range map[string]int{"f": 0, "t": 0, "r": 0, "?": 0, "n": 2} { // ages of nodes count seconds
		st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
		st.tick()
		st.press(key)
		st.screen()
		got := 0
		for range 10 {
			st.tick()
			if st.m.box.of == nil {
				got++
			}
			st.screen()
		}
		if got != drawn {
			t.Errorf("%s: drawn %d times in 2 s, want %d", key, got, drawn)
		}
	}
}
