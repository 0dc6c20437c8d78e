// Package tuitest is helpers for tests of the screen: flows and a store, keys by name
// ([Press], [Type]), checks of a drawn window ([View]), golden files ([Goldens]), and
// random keys ([Fuzz]).
//
// Tests that import it have the flag -update, which writes the golden files.
package tuitest

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/input"
	"weir/tui/ui"
)

var update = flag.Bool("update", false, "write what the tests see to testdata/*.golden")

// EnvNow is the current time in [Env]: 14:00 in New York, where clocks were set back at
// 06:00 UTC on 1 November 2026, so that 01:30 is ambiguous that day.
var EnvNow = time.Date(2026, 11, 23, 19, 0, 0, 0, time.UTC)

// Closed is the answer of a window closed without a choice.
var Closed = tea.Msg(ui.ClosedMsg{})

// Env returns the environment of a user in New York.
func Env(t testing.TB) input.Env {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	return input.Env{Now: EnvNow, Loc: loc}
}

// Key returns the message of a key by its name or its character.
func Key(name string) tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "tab": {Code: tea.KeyTab}, "enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape},
		"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
		"shift+up": {Code: tea.KeyUp, Mod: tea.ModShift}, "shift+down": {Code: tea.KeyDown, Mod: tea.ModShift},
		"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete}, "space": {Code: tea.KeySpace, Text: " "},
	}
	if msg, ok := special[name]; ok {
		return msg
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "f")); err == nil && len(name) > 1 && name[0] == 'f' {
		return tea.KeyPressMsg{Code: tea.KeyF1 + rune(n-1)}
	}
	if c, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(c)[0], Mod: tea.ModCtrl}
	}
	if c, ok := strings.CutPrefix(name, "alt+"); ok {
		return tea.KeyPressMsg{Code: []rune(c)[0], Mod: tea.ModAlt}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// Press presses keys by name and returns the answer to the last one.
func Press(w ui.Window, names ...string) (answer tea.Msg) {
	for _, name := range names {
		answer = w.Update(Key(name))
	}
	return answer
}

// Type types a text.
func Type(w ui.Window, text string) {
	for _, r := range text {
		w.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// View draws the window and fails unless it is a rectangle of at most width×height.
func View(t testing.TB, w ui.Window, th *ui.Theme, width, height int) string {
	t.Helper()
	view := w.View(th, width, height)
	lines := strings.Split(view, "\n")
	if len(lines) > height {
		t.Fatalf("%d lines, but there is room for %d:\n%s", len(lines), height, view)
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got != ansi.StringWidth(lines[0]) || got > width {
			t.Fatalf("line %d is %d columns wide, the first is %d, and there is room for %d:\n%s", i, got, ansi.StringWidth(lines[0]), width, view)
		}
	}
	return view
}

// Golden compares got with testdata/name.golden, where escape characters are written as
// ␛ to keep diffs readable.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "␛") + "\n"
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test -update accepts this:\n%s\nwant:\n%s", path, got, want)
	}
}

// Goldens compares the window with golden files: in colour at 80x24, without colour at
// 120x40, and in ASCII at the minimum size.
func Goldens(t testing.TB, w ui.Window, name string) {
	t.Helper()
	Golden(t, "dialog-"+name+"-80x24", View(t, w, ui.NewTheme(ui.Terminal{Profile: colorprofile.ANSI}, ""), 80, 24))
	Golden(t, "dialog-"+name+"-120x40", View(t, w, &ui.Theme{}, 120, 40))
	Golden(t, "dialog-"+name+"-60x15", View(t, w, &ui.Theme{ASCII: true}, 60, 15))
}

// WantASCII fails if the window draws other characters on an ASCII terminal.
func WantASCII(t testing.TB, w ui.Window) {
	t.Helper()
	for _, r := range w.View(&ui.Theme{ASCII: true}, 120, 40) {
		if r > 0x7e {
			t.Errorf("%T draws %q", w, r)
		}
	}
}

// fuzzNames are the keys of Fuzz; frequent keys are repeated.
var fuzzNames = strings.Fields(`tab tab shift+tab up down down left right right space space pgup pgdown home end backspace delete enter esc
	ctrl+u ctrl+x ctrl+a ctrl+w ctrl+k ctrl+e ctrl+d ctrl+v ctrl+n ctrl+p alt+b alt+f alt+d
	1 2 0 4 5 . . , - / : ! = < > * " \ a b s y n S Y N x t c p K M m ü 世 ` + "\u0301 \u202e")

// Fuzz presses 10,000 random keys, opens a new window when one is closed, and draws it
// at random sizes. chosen is called with each choice.
func Fuzz(t testing.TB, open func() ui.Window, chosen func(w ui.Window, answer tea.Msg)) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	w := open()
	for range 10_000 {
		var msg tea.Msg = Key(fuzzNames[rnd.IntN(len(fuzzNames))])
		if rnd.IntN(100) == 0 {
			msg = tea.PasteMsg{Content: "10.0.0.0/8,\n\x1b[31m80\t>= 5"}
		}
		answer := w.Update(msg)
		if rnd.IntN(10) == 0 {
			View(t, w, &ui.Theme{ASCII: rnd.IntN(2) == 0}, 1+rnd.IntN(130), 1+rnd.IntN(50))
		}
		if answer == nil {
			continue
		}
		if answer != Closed {
			chosen(w, answer)
		}
		w = open()
	}
}
