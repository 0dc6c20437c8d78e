package tui

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/tui/dialog"
	"weir/tui/flows"
	"weir/tui/keys"
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

// Texts that say what to do name the configured keys.
func TestTextsNameTheKeysThatCommandsHave(t *testing.T) {
	own := map[string][]string{
		"drop": {"z"}, "filter": {"i"}, "range": {"u"}, "search": {"ctrl+o"}, "names": {"H"}, "services": {}, "follow": {"f5"}, "sort": {"w"}, "order": {"W"},
		"mark": {"m"}, "details": {"v"}, "left": {"b"}, "right": {"V"}, "flows": {"5"}, "nodes": {"f6"},
	}
	st := newScreen(t, tuitest.NewStore(), 120, 40, func(c *Config) {
		c.Keys = own
		c.Resolve = func(context.Context, netip.Addr) (string, error) { return "", nil }
	})
	want := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			st.wantIn(ansi.Strip(st.screen()), text)
		}
	}
	want("no filter: i to type one, ^o for advanced search")
	for _, c := range []struct{ keys, want string }{
		{"H", "; H shows addresses"}, {"S", "w sorts by the selected column, W reverses"}, {"W p", "F5 follows again"}, {"N", "f6 selects nodes"},
	} {
		st.press(strings.Fields(c.keys)...)
		want(strings.ReplaceAll(c.want, "f6", "F6"))
	}
	st.send(keys.Services)
	want("; :services shows port numbers")
	st.press("3")
	want("m starts a span, v shows its flows")
	st.press("m")
	want("b V extend the span")
	st.press("p")
	want("(press 5)")
	st.press("esc", "q", "i")
	st.write("proto:99")
	st.press("enter")
	want("z drops the last term: proto:99", "i edits the filter, u changes the range, F6 the nodes.")
	st.press("2")
	want("i edits the filter, u changes the range.")
}
