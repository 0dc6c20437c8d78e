package tui

import (
	"errors"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestCommandsTakeOtherKeysAndSayThem(t *testing.T) {
	st := newScreen(t, sampleStore(), 80, 24, func(c *Config) {
		c.Keys = map[string][]string{"pause": {"ctrl+s", "f2"}, "flags": {"p"}}
	})
	st.press("p")
	if _, ok := st.m.window.(*flagDialog); !ok {
		t.Errorf("p opened %T", st.m.window)
	}
	st.press("esc", "ctrl+s")
	if st.m.state != paused {
		t.Error("^s does not pause")
	}
	st.press("f2")
	if st.m.state != live {
		t.Error("F2 does not go on")
	}
	st.wantIn(st.footer(), "^s pause")
	st.press("?")
	st.wantIn(ansi.Strip(st.m.help.View(st.m.th, 80, 100)), "│  ^s F2  ")
}

func TestWhatCannotBeAKeyIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, key, want string
	}{
		{"pause", "x y", "unknown key"}, {"pause", "A", "slow link"}, {"pause", "ctrl+c", "always quits"}, {"kill", "k", "always quits"},
		{"pauze", "p", "no such command"}, {"pause", "e", `pause: key "e" is that of "export" as well`}, {"pause", "", "unknown key"},
	} {
		err := CheckKeys(map[string][]string{c.name: {c.key}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, new(*KeyError)) {
			t.Errorf("%s on %q: %v, want %q", c.name, c.key, err, c.want)
		}
	}
	if err := CheckKeys(map[string][]string{"pause": {"alt+p", "é"}, "flags": {}}); err != nil {
		t.Error(err)
	}
}

func TestTheUsualKeysAreKeysOneCouldBind(t *testing.T) {
	k := newKeyMap()
	for _, g := range k.commandGroups() {
		for _, c := range g.commands {
			for _, key := range c.keys.Keys() {
				if why := badKey(key); why != "" && c.name != "kill" {
					t.Errorf("%s: %s", c.name, why)
				}
			}
		}
	}
}
