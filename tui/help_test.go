package tui

import (
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/keys"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

func TestTheHelpSaysWhatWorksOnEachScreenAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	for _, at := range []keys.Command{keys.Flows, keys.Talkers, keys.Timeline, keys.Health} {
		for _, name := range Commands() {
			st := newScreen(t, tuitest.NewStore(), 80, 24, func(cfg *Config) { cfg.ExportDir = dir })
			st.send(at)
			c := keys.Command(name)
			listed := slices.ContainsFunc(st.m.keys.At(st.m.at(at).Keys()), func(shown ui.KeyGroup) bool {
				return slices.ContainsFunc(shown.Keys, func(b key.Binding) bool { return slices.Equal(b.Keys(), st.m.keys.Of(c).Keys()) })
			})
			body := func() string { return strings.Join(strings.Split(st.screen(), "\n")[:23], "\n") } // without the footer, which shows the status
			before := body()
			st.send(c)
			refused := strings.Contains(st.m.Status.Text, "only in the flow list")
			switch {
			case refused && listed:
				t.Errorf("%s: the help lists %q, which doesn't work there", at, c)
			case !refused && !listed && body() != before:
				t.Errorf("%s: %q works there, and the help doesn't list it", at, c)
			case !listed && !c.AboutFlows() && c != keys.Names && c != keys.Services && st.m.at(at).Keys().Words[c] != "":
				t.Errorf("%s: %q has words and is not listed", at, c)
			}
		}
	}
}

func TestTheHelpOfAScreenSaysWhatEscDoesThere(t *testing.T) {
	dir := t.TempDir()
	for at, want := range map[keys.Command]string{
		keys.Flows: "close the details, else clear the marks", keys.Talkers: "back to the flows",
		keys.Timeline: "cancel the time span, else back to the flows", keys.Health: "back to the flows",
	} {
		st := newScreen(t, tuitest.NewStore(), 120, 48, func(cfg *Config) { cfg.ExportDir = dir })
		st.send(at)
		if got := st.m.inSight().Keys().Words[keys.Close]; got != want {
			t.Errorf("%s: Esc is explained as %q, want %q", at, got, want)
		}
		switch at {
		case keys.Flows:
			st.press("space", "enter", "esc")
			if len(st.m.flows.Rows.Marks) == 0 {
				t.Error("Esc closes the details and clears the marks")
			}
			st.press("esc")
			if len(st.m.flows.Rows.Marks) > 0 {
				t.Error("Esc does not clear the marks")
			}
		case keys.Timeline:
			st.press("space", "esc")
			if st.m.active != keys.Timeline {
				t.Error("Esc leaves the timeline with a span begun")
			}
		}
		st.press("esc")
		if st.m.active != keys.Flows {
			t.Errorf("Esc does not lead from %s to the flows", at)
		}
	}
}

func TestNamesInTheHelpAreThoseOfCommands(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	for _, s := range st.m.screens {
		h := s.Keys()
		for c := range h.Words {
			if !slices.Contains(Commands(), string(c)) {
				t.Errorf("%s: %q is not a command", s.command, c)
			}
		}
		for _, hint := range h.Hints {
			if !slices.Contains(Commands(), string(hint.Command)) || hint.Word == "" {
				t.Errorf("%s: %q is not a command, or has no word", s.command, hint.Command)
			}
		}
	}
}

func TestTheHelpLiesOverADialogAndLeavesItAsItWas(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press(":")
	st.write("the?")
	st.press("ctrl+g")
	st.wantIn(ansi.Strip(st.screen()), "Keys: commands")
	st.wantIn(ansi.Strip(st.screen()), "complete its name")
	st.press("j", "esc")
	st.wantIn(ansi.Strip(st.screen()), "[the?")
	st.press("esc", "/")
	st.write("proto:tcp ?")
	st.press("f1")
	st.wantIn(ansi.Strip(st.screen()), "cancel")
	st.press("q")
	st.wantIn(ansi.Strip(st.screen()), "/ proto:tcp ?")
}

func TestEveryDialogHasAHelpWithAWayOut(t *testing.T) {
	for _, press := range []string{"f", "n", "t", "r", "c", "y", ":", "E", "x"} {
		st := newScreen(t, sceneStore(), 80, 24, func(c *Config) { c.ExportDir = t.TempDir() })
		st.press(press)
		if st.m.window == nil {
			t.Fatalf("%s opens nothing", press)
		}
		help := st.m.window.Help()
		if !slices.ContainsFunc(help.Keys, func(b key.Binding) bool { return slices.Contains(b.Keys(), "esc") }) {
			t.Errorf("%s: Esc is not explained: %v", press, help)
		}
	}
}

func TestTheFooterIsDrawnAgainWhenKeysOrThemeChange(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) { c.ColorProfile = colorprofile.TrueColor })
	footer := func() string { return st.screen()[strings.LastIndex(st.screen(), "\n"):] }
	st.wantIn(footer(), "p \x1b[2mpause\x1b[m")
	st.press("j", "enter") // details have keys of their own
	st.wantIn(footer(), "x \x1b[2macross nodes\x1b[m")
	st.press("T", "esc") // to dusk
	st.wantIn(footer(), "\x1b[38;2;154;160;166m")
	if strings.Contains(footer(), "\x1b[2m") {
		t.Errorf("a look of the theme before: %q", footer())
	}
}
