package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/tui/tuitest"
)

func TestAPanicInTheScreenBecomesAnErrorAndQuits(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	before := st.screen()
	st.m.theme = nil // drawing panics
	st.press("?")
	if got := st.screen(); got != before {
		t.Error("the last screen that could be drawn is not kept")
	}
	st.tick()
	if !st.quit || st.m.crashed == nil || !strings.Contains(st.m.crashed.Error(), "(*model).draw") {
		t.Errorf("quit %v, error %v", st.quit, st.m.crashed)
	}
}

func TestAPanicInACommandBecomesAnErrorAndQuits(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, func(c *Config) {
		c.Health = func() flow.Health { panic("test: no health") }
	})
	st.m.TickWait = func(context.Context, time.Duration) bool { return true }
	st.run(st.m.Begin())
	if !st.quit || st.m.crashed == nil {
		t.Errorf("quit %v, error %v", st.quit, st.m.crashed)
	}
}
