package tui

import (
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/ui"
)

func TestTheHelpSaysWhatWorksAtEachPlaceAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	for p := atFlows; p <= atHealth; p++ {
		for _, g := range newScreen(t, sampleStore(), 80, 24, nil).m.groups {
			for _, c := range g.commands {
				st := newScreen(t, sampleStore(), 80, 24, func(cfg *Config) { cfg.ExportDir = dir })
				st.m.goTo(p)
				listed := slices.ContainsFunc(st.m.keys.groupsAt(p), func(shown ui.KeyGroup) bool {
					return slices.ContainsFunc(shown.Keys, func(b key.Binding) bool { return slices.Equal(b.Keys(), c.keys.Keys()) })
				})
				st.run(c.run(st.m))
				if refused := strings.Contains(st.m.status.Text, "that is about the flows"); refused && listed {
					t.Errorf("%s: the help lists %q, which doesn't work there", placeTitles[p], c.name)
				}
				if _, works := wordsAt(p, c.name); listed != (works && (p == atFlows || !slices.Contains(flowsOnly, c.name))) {
					t.Errorf("%s: %q is listed: %v", placeTitles[p], c.name, listed)
				}
			}
		}
	}
}

func TestNamesInTheHelpAreThoseOfCommands(t *testing.T) {
	for _, name := range flowsOnly {
		if !slices.Contains(Commands(), name) {
			t.Errorf("%q is no command", name)
		}
	}
}

func TestTheHelpLiesOverADialogAndLeavesItAsItWas(t *testing.T) {
	st := newScreen(t, sampleStore(), 80, 24, nil)
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
	st.wantIn(ansi.Strip(st.screen()), "keep the old filter")
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
