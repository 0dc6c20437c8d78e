package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/tui/session"
	"weir/tui/tuitest"
)

// TestCountersOfAnotherProcessAreShownWithTheirAge: a screen that doesn't capture shows the counters of the
// capture. Old counters don't report present losses, and unknown counters are not shown as zero.
func TestCountersOfAnotherProcessAreShownWithTheirAge(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 40, func(c *Config) {
		c.Follows, c.Capturing, c.Notice = true, "", "not capturing: flow store \"weir.db\" is being written by process 812"
	})
	st.press("4")
	show := func(h flow.Health) string {
		t.Helper()
		st.send(session.TickMsg{At: st.now, Version: st.store.Version(), Health: h})
		return ansi.Strip(st.screen())
	}
	unknown := show(flow.Health{})
	st.wantIn(unknown, "lost -")
	st.wantIn(unknown, "no counters of another capture are known")
	if strings.Contains(unknown, "STORE") || strings.Contains(unknown, "no sources") {
		t.Errorf("counters are shown that are not known:\n%s", unknown)
	}
	h := flow.Health{
		Sources: []flow.SourceHealth{{Name: "eth0", Packets: 5, KernelDrops: 30, Outages: 2, Away: 3 * time.Second}},
		Created: 9, Ended: 4, OpenFlows: 5, Unstored: 3, AsOf: st.now.Add(-2 * time.Second),
	}
	fresh := show(h)
	for _, want := range []string{"lost 33 gaps 2", "Counters of the process that captures into this store.", "not captured for 3.00s, 2 times", "! flows not stored"} {
		st.wantIn(fresh, want)
	}
	for _, not := range []string{"records written", "NOT COUNTED", "\n OK"} {
		if strings.Contains(fresh, not) {
			t.Errorf("%q is shown, which the store doesn't tell:\n%s", not, fresh)
		}
	}
	h.AsOf = st.now.Add(-2 * time.Minute)
	old := show(h)
	st.wantIn(old, "lost -")
	st.wantIn(old, "! Counters of the process that captured into this store. Last update: 2m ago.")
}
