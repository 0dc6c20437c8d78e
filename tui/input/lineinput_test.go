package input_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

func TestAltDOnTheLastCharacterDoesNoHarm(t *testing.T) {
	in := input.NewLine("a")
	in.Update(tuitest.Key("home"))
	in.Update(tuitest.Key("alt+d"))
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
			in.Update(tuitest.Key(step.key))
		}
		if got := in.View(&ui.Theme{}, 7, true, ui.Input); got != step.want {
			t.Errorf("after %q: got %s, want %s", step.key, got, step.want)
		}
	}
	if got := in.View(&ui.Theme{}, 7, false, ui.Input); got != "[0123~]" {
		t.Errorf("without the focus: got %s", got)
	}
}

func TestAFilterLineRefusesWhatAFilterCantHave(t *testing.T) {
	in := input.NewFilterLine("")
	full := strings.Repeat("x", search.MaxText-1)
	for _, step := range []struct {
		msg  tea.Msg
		want string // the text
		why  string // empty: inserted
	}{
		{tea.PasteMsg{Content: strings.Repeat("x", 10<<20)}, "", "paste rejected: a filter has at most 64 KiB"},
		{tea.PasteMsg{Content: full}, full, ""},
		{tea.PasteMsg{Content: "yz"}, full, "paste rejected: a filter has at most 64 KiB"},
		{tea.KeyPressMsg{Code: 'y', Text: "y"}, full + "y", ""},
		{tea.KeyPressMsg{Code: 'z', Text: "z"}, full + "y", "filter full: it has at most 64 KiB"},
		{tuitest.Key("backspace"), full, ""},
	} {
		in.Update(step.msg)
		why := ""
		if err := in.Refused(); err != nil {
			why = err.Error()
		}
		if in.Value() != step.want || why != step.why {
			t.Errorf("%.40q: %d bytes, %q, want %d bytes, %q", step.msg, len(in.Value()), why, len(step.want), step.why)
		}
	}
}

func TestAShortLineCutsALongPaste(t *testing.T) {
	in := input.NewLine("")
	in.Update(tea.PasteMsg{Content: strings.Repeat("ü", 1<<20)})
	if got, want := in.Value(), strings.Repeat("ü", 512); got != want {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
}
