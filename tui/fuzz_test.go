package tui

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/tuitest"
)

// anyKey returns a random key, except those that quit.
func anyKey(rnd *rand.Rand) string {
	named := []string{
		"up", "down", "left", "right", "pgup", "pgdown", "home", "end", "enter", "esc", "tab", "backspace", "space",
		"ctrl+u", "ctrl+d", "ctrl+x", "ctrl+w", "ctrl+k", "ctrl+a", "ctrl+e", "/", "f", "n", "t", "r", "o", "s", "S", "=", "!", "p", "F", "g", "G", "?",
		"c", "y", ":", "1", "2", "3", "4", "a", "d", "P", "M", "T", "L", "J", "K", "shift+up", "0", "$", "u", "N", "x", "ctrl+g", "f1", "ctrl+r",
	}
	if rnd.IntN(3) > 0 {
		return named[rnd.IntN(len(named))]
	}
	text := "abcdefghijklmnoprstuvwxyz0123456789:,.!()*<>=-_/\" éß漢\u202e"
	runes := []rune(text)
	if k := string(runes[rnd.IntN(len(runes))]); k != "e" && k != "q" { // e writes files
		return k
	}
	return "j"
}

// randomKeys is the number of random keys.
const randomKeys = 100_000

func TestRandomKeysNeverPanicAndNeverLoseTheQuery(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	store := tuitest.NewStore()
	store.Add(manyFlows(3_000)...)
	dir := t.TempDir()
	st := newScreen(t, store, 80, 24, func(c *Config) {
		c.ExportDir = dir
		c.Resolve = func(_ context.Context, a netip.Addr) (string, error) { return "host-" + a.String(), nil }
	})
	w, h := 80, 24
	for i := range randomKeys {
		switch rnd.IntN(40) {
		case 0:
			w, h = 1+rnd.IntN(220), 1+rnd.IntN(70)
			st.send(tea.WindowSizeMsg{Width: w, Height: h})
		case 1:
			store.Add(st.newFlow())
			st.tick()
		case 2:
			st.send(tea.PasteMsg{Content: "proto:tcp\n\x1b[31m dport:443"})
		case 4, 5, 6:
			at := tea.Mouse{X: rnd.IntN(w + 2), Y: rnd.IntN(h + 2), Button: tea.MouseLeft}
			st.send([]tea.Msg{tea.MouseClickMsg(at), tea.MouseMotionMsg(at), tea.MouseWheelMsg{X: at.X, Y: at.Y, Button: tea.MouseWheelDown}}[rnd.IntN(3)])
		case 3:
			w, h = 80, 24
			st.send(tea.WindowSizeMsg{Width: w, Height: h})
		}
		before, typing := st.m.Query, st.m.line.editing || st.m.window != nil
		key := anyKey(rnd)
		st.press(key)
		if typing && key != "enter" && search.Text(st.m.Query.Filter) != search.Text(before.Filter) {
			if st.m.line.editing || st.m.window != nil {
				t.Fatalf("key %d, %q: typing changed the filter", i, key)
			}
		}
		if key == "esc" && (search.Text(st.m.Query.Filter) != search.Text(before.Filter) || st.m.Query.Range != before.Range) {
			t.Fatalf("key %d: Esc changed the query", i)
		}
		if st.quit {
			t.Fatalf("key %d, %q quit: %v", i, key, st.m.crashed)
		}
		screen := st.screen()
		if n := strings.Count(screen, "\n") + 1; !st.m.tooSmall() && n != h {
			t.Fatalf("key %d, %q: %d lines on a screen of %dx%d:\n%s", i, key, n, w, h, ansi.Strip(screen))
		}
		if i%7 > 0 {
			continue // measuring takes longer than drawing
		}
		for _, line := range strings.Split(screen, "\n") {
			if got := ansi.StringWidth(line); got > w {
				t.Fatalf("key %d, %q: %d columns on a screen of %dx%d: %q", i, key, got, w, h, line)
			}
		}
	}
	st.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	for range 10 { // at most one layer per key
		st.press("esc")
	}
	if st.press("q"); !st.quit {
		t.Errorf("q does not quit:\n%s", ansi.Strip(st.screen()))
	}
}
