package tui

import (
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/tui/dialog"
	"weir/tui/flows"
	"weir/tui/tuitest"
)

func TestCommandsTakeOtherKeysAndSayThem(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, func(c *Config) {
		c.Keys = map[string][]string{"pause": {"ctrl+s", "f2"}, "flags": {"p"}}
	})
	st.press("p")
	if _, ok := st.m.window.(*dialog.Flags); !ok {
		t.Errorf("p opened %T", st.m.window)
	}
	st.press("esc", "ctrl+s")
	if st.m.flows.State != flows.Paused {
		t.Error("^s does not pause")
	}
	st.press("f2")
	if st.m.flows.State != flows.Live {
		t.Error("F2 does not go on")
	}
	st.wantIn(st.footer(), "^s pause")
	st.press("?")
	st.wantIn(ansi.Strip(st.m.help.View(st.m.theme, 80, 100)), "│  ^s F2  ")
}
