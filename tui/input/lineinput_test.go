package input_test

import (
	"testing"

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
