package dialog

import (
	"slices"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"

	"weir/node"
	"weir/search"
	"weir/tui/column"
	"weir/tui/conversation"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// usualColumns is all default columns in some order.
var usualColumns = []column.Column{
	column.Start, column.End, column.Proto, column.SrcNode, column.SrcIP, column.SrcPort, column.DstNode, column.DstIP, column.DstPort,
	column.Recv, column.Sent, column.Flags, column.Verdict, column.Node,
}

// allWindows returns one of each kind, by name.
func allWindows(t *testing.T) map[string]ui.Window {
	env := tuitest.Env(t)
	return map[string]ui.Window{
		"nodes":        NewNodes(node.Inventory{Nodes: someNodes(40), Groups: someGroups()}, nil, &[]string{"edge-2"}, env),
		"flags":        NewFlags(resetFlow()),
		"palette":      NewPalette([]Command{{Name: "order", Key: "o", Help: "newest or oldest first"}}, true),
		"copy":         NewYank(2, "source port"),
		"columns":      NewColumns(nil, usualColumns),
		"range":        NewRange(search.Range{Last: 2 * time.Hour}, env),
		"export":       NewExport("/tmp", tuitest.EnvNow, nil, 10, "10"),
		"conversation": NewConversation(conversation.NewTrail(threeHops(), "same TCP initial sequence numbers", nil), env),
		"help":         NewHelp([]ui.KeyGroup{{Title: "Flows", Keys: []key.Binding{ui.Bind("p", "pause", "p")}}}, false),
	}
}

func TestWindowsDrawNothingButASCIIWhereThatIsAllThereIs(t *testing.T) {
	for _, name := range []string{"nodes", "flags", "range", "columns", "copy", "export"} {
		tuitest.WantASCII(t, allWindows(t)[name])
	}
}

func TestNoKeyOfAWindowHasTwoMeanings(t *testing.T) {
	for name, w := range allWindows(t) {
		taken := map[string]string{}
		for _, b := range w.Help().Keys {
			for _, press := range b.Keys() {
				if other, ok := taken[press]; ok {
					t.Errorf("%s: %q means both %s and %s", name, press, other, b.Help().Desc)
				}
				taken[press] = b.Help().Desc
			}
		}
		if len(taken) == 0 {
			t.Errorf("%s: no keys found", name)
		}
	}
}

func TestEveryKeyOfAWindowIsUnderstoodByTheTests(t *testing.T) {
	// Tests type with tuitest.Key; a name that it does not know would test nothing.
	for name, w := range allWindows(t) {
		for _, b := range w.Help().Keys {
			for _, press := range b.Keys() {
				if got := tuitest.Key(press).String(); got != press {
					t.Errorf("%s: typing %q arrives as %q", name, press, got)
				}
			}
			if len(b.Keys()) != len(slices.Compact(slices.Sorted(slices.Values(b.Keys())))) {
				t.Errorf("%s: %s lists a key twice", name, b.Help().Desc)
			}
		}
	}
}

func TestEscClosesEveryWindow(t *testing.T) {
	for name, w := range allWindows(t) {
		if got := tuitest.Press(w, "esc"); got != tuitest.Closed {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestAListStaysWholeWhenTheScreenGrows(t *testing.T) {
	for name, w := range allWindows(t) {
		t.Run(name, func(t *testing.T) {
			tuitest.View(t, w, &ui.Theme{}, 60, 15)
			for range 40 {
				tuitest.Press(w, "down")
				tuitest.View(t, w, &ui.Theme{}, 60, 15)
			}
			tuitest.View(t, w, &ui.Theme{}, 120, 50)
		})
	}
}
