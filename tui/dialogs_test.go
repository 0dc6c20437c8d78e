package tui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/input"
	"weir/tui/ui"
)

// dialogNow is 14:00 in New York, where clocks went back at 06:00 UTC on
// 1 November 2026: 01:30 was twice that day.
var dialogNow = time.Date(2026, 11, 23, 19, 0, 0, 0, time.UTC)

func testEnv(t testing.TB) input.Env {
	t.Helper()
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	return input.Env{Now: dialogNow, Loc: loc}
}

// dialogKey makes the message of a key from its name, or from what it types.
func dialogKey(name string) tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "tab": {Code: tea.KeyTab}, "enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape},
		"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
		"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete}, "space": {Code: tea.KeySpace, Text: " "},
	}
	if msg, ok := special[name]; ok {
		return msg
	}
	if c, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(c)[0], Mod: tea.ModCtrl}
	}
	if c, ok := strings.CutPrefix(name, "alt+"); ok {
		return tea.KeyPressMsg{Code: []rune(c)[0], Mod: tea.ModAlt}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// press presses keys by name, one after the other, and returns the answer to
// the last one.
func press(w ui.Window, names ...string) (answer tea.Msg) {
	for _, name := range names {
		answer = w.Update(dialogKey(name))
	}
	return answer
}

// closed is the answer of a window that was closed without a choice.
var closed = tea.Msg(ui.ClosedMsg{})

// typeText types a text.
func typeText(w ui.Window, text string) {
	for _, r := range text {
		w.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// checkView draws the window and fails unless it is a rectangle of at most w×h.
func checkView(t *testing.T, d ui.Window, th *ui.Theme, w, h int) string {
	t.Helper()
	view := d.View(th, w, h)
	lines := strings.Split(view, "\n")
	if len(lines) > h {
		t.Fatalf("%d lines, but there is room for %d:\n%s", len(lines), h, view)
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got != ansi.StringWidth(lines[0]) || got > w {
			t.Fatalf("line %d is %d columns wide, the first is %d, and there is room for %d:\n%s", i, got, ansi.StringWidth(lines[0]), w, view)
		}
	}
	return view
}

// dialogGoldens compares the dialog with files: in colour on a usual screen,
// plain on a large and on the smallest one.
func dialogGoldens(t *testing.T, d ui.Window, name string) {
	t.Helper()
	golden(t, "dialog-"+name+"-80x24", checkView(t, d, ui.NewTheme(colorprofile.ANSI, true, false), 80, 24))
	golden(t, "dialog-"+name+"-120x40", checkView(t, d, &ui.Theme{}, 120, 40))
	golden(t, "dialog-"+name+"-60x15", checkView(t, d, &ui.Theme{ASCII: true}, 60, 15))
}

// fuzzNames are the keys that a fuzzed dialog gets, those that do something more often.
var fuzzNames = strings.Fields(`tab tab shift+tab up down down left right right space space pgup pgdown home end backspace delete enter esc
	ctrl+u ctrl+x ctrl+a ctrl+w ctrl+k ctrl+e ctrl+d ctrl+v ctrl+n ctrl+p alt+b alt+f alt+d
	1 2 0 4 5 . . , - / : ! = < > * " \ a b s y n S Y N x t c p K M m ü 世 ` + "\u0301 \u202e")

// fuzzDialog presses 10,000 random keys, on a new window each time one is
// closed, and draws it at random sizes. chosen is told of each choice.
func fuzzDialog(t *testing.T, open func() ui.Window, chosen func(w ui.Window, answer tea.Msg)) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	d := open()
	for range 10_000 {
		var msg tea.Msg = dialogKey(fuzzNames[rnd.IntN(len(fuzzNames))])
		if rnd.IntN(100) == 0 {
			msg = tea.PasteMsg{Content: "10.0.0.0/8,\n\x1b[31m80\t>= 5"}
		}
		answer := d.Update(msg)
		if rnd.IntN(10) == 0 {
			checkView(t, d, &ui.Theme{ASCII: rnd.IntN(2) == 0}, 1+rnd.IntN(130), 1+rnd.IntN(50))
		}
		if answer == nil {
			continue
		}
		if answer != closed {
			chosen(d, answer)
		}
		d = open()
	}
}

func TestNoKeyOfADialogDoesTwoThings(t *testing.T) {
	k := ui.NewDialogKeys()
	owner := map[string]string{}
	for _, b := range []key.Binding{
		k.Accept, k.Cancel, k.Next, k.Prev, k.Toggle, k.All, k.Clear, k.ClearAll, k.Up, k.Down, k.Left, k.Right, k.PageUp, k.PageDown, k.First, k.Last, k.Erase, k.History,
	} {
		for _, name := range b.Keys() {
			if owner[name] != "" {
				t.Errorf("%s is bound to %q and to %q", name, owner[name], b.Help().Key)
			}
			if len(name) == 1 {
				t.Errorf("%s can't be typed any more", name)
			}
			owner[name] = b.Help().Key
		}
	}
}

func TestWhereTheKeysDoNotFitTheWayOutStays(t *testing.T) {
	k := ui.NewDialogKeys()
	for w, want := range map[int]string{
		60: "Enter take  Tab next  Space change  Esc cancel", 40: "Enter take  Tab next  Esc cancel", 30: "Enter take  Esc cancel", 12: "Enter take ~",
	} {
		if got := strings.TrimSpace(ui.KeyLine(&ui.Theme{}, w, k.Accept, k.Next, k.Toggle, k.Cancel)); got != want {
			t.Errorf("%d columns: got %q, want %q", w, got, want)
		}
	}
}

func TestABoxIsExactlyAsWideAsItWasAskedToBe(t *testing.T) {
	for w := range 40 {
		for h := range 8 {
			box := ui.Box(&ui.Theme{}, "A long title 世界", []string{"short", "a line that is longer than the box \x1b[31mred\x1b[m 世界世界世界"}, w, h)
			for line := range strings.SplitSeq(box, "\n") {
				if got := ansi.StringWidth(line); got != w {
					t.Fatalf("%d×%d: a line is %d columns wide:\n%s", w, h, got, box)
				}
			}
			if got := strings.Count(box, "\n") + 1; got > max(h, 1) {
				t.Fatalf("%d×%d: %d lines", w, h, got)
			}
		}
	}
}

func TestAnASCIIThemeDrawsNothingElse(t *testing.T) {
	env := testEnv(t)
	for name, d := range map[string]ui.Window{
		"form": newFormDialog(filledQuery(env), nil, env), "nodes": newNodesDialog(inventory{Nodes: someNodes(40)}, nil, nil, env), "flags": newFlagDialog(resetFlow()),
	} {
		for _, r := range d.View(&ui.Theme{ASCII: true}, 120, 40) {
			if r > 0x7e {
				t.Errorf("%s draws %q", name, r)
			}
		}
	}
}

func TestTheCursorIsAReversedCharacter(t *testing.T) {
	th := &ui.Theme{}
	th.Sgr[ui.Selected] = ui.Sgr("7")
	d := newFlagDialog(resetFlow())
	if view := d.View(th, 80, 24); !strings.Contains(view, "SYN RST PSH ACK\x1b[7m \x1b[m") {
		t.Errorf("no cursor behind the text:\n%s", view)
	}
	press(d, "left")
	if view := d.View(th, 80, 24); !strings.Contains(view, "SYN RST PSH AC\x1b[7mK\x1b[m") {
		t.Errorf("no cursor on the last letter:\n%s", view)
	}
}

func TestAltDOnTheLastCharacterDoesNoHarm(t *testing.T) {
	in := input.NewLine("a")
	in.Update(dialogKey("home"))
	in.Update(dialogKey("alt+d"))
	if got := in.Value(); got != "a" {
		t.Errorf("got %q", got)
	}
}

func TestALineLongerThanItsBoxScrollsToTheCursor(t *testing.T) {
	in := input.NewLine("0123456789")
	for _, step := range []struct{ key, want string }{
		{"", "[~789 ]"}, {"left", "[~6789]"}, {"home", "[0123~]"}, {"end", "[~789 ]"},
	} {
		if step.key != "" {
			in.Update(dialogKey(step.key))
		}
		if got := in.View(&ui.Theme{}, 7, true, ui.Input); got != step.want {
			t.Errorf("after %q: got %s, want %s", step.key, got, step.want)
		}
	}
	if got := in.View(&ui.Theme{}, 7, false, ui.Input); got != "[0123~]" {
		t.Errorf("without the focus: got %s", got)
	}
}
