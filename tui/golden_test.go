package tui

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/node"
	"weir/search"
	"weir/tui/column"
	"weir/tui/session"
	"weir/tui/tuitest"
)

// golden compares got with testdata/name.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	tuitest.Golden(t, name, got)
}

// fits fails unless the screen has as many lines as the window, and none wider than it.
func fits(t *testing.T, screen string, w, h int) {
	t.Helper()
	lines := strings.Split(screen, "\n")
	if len(lines) != h {
		t.Errorf("%d lines on a screen of %d", len(lines), h)
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got > w {
			t.Errorf("line %d has %d columns on a screen of %d: %q", i, got, w, line)
		}
	}
}

// withRate sends counters for 412 flows a second.
func withRate(st *screenTest) {
	for i := range 10 {
		h := st.m.Health
		h.Sources = []flow.SourceHealth{{Name: "eth0"}}
		h.Created += 206 * uint64(1+i%3)
		st.now = st.now.Add(time.Second)
		st.m.Update(session.TickMsg{At: st.now, Version: st.store.Version(), Health: h})
	}
	st.now = testNow
}

func TestScreensLookAsAgreed(t *testing.T) {
	for _, c := range []struct {
		name    string
		w, h    int
		change  func(*Config)
		prepare func(*screenTest)
	}{
		{"live-160x48", 160, 48, func(c *Config) { c.Host = "edge-1" }, withRate},
		{"details-open-160x48", 160, 48, nil, func(st *screenTest) { st.press("j", "j", "j", "enter") }},
		{"scrolled-right-80x24", 80, 24, nil, func(st *screenTest) { st.press("l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l", "l") }},
		{"sorted-80x24", 80, 24, nil, func(st *screenTest) { st.m.flows.Table.Col = column.Recv; st.press("s") }},
		{"limit-80x24", 80, 24, func(c *Config) { c.Query.Limit = 3; c.Query.Order = search.Oldest }, nil},
		{"lost-80x24", 80, 24, nil, func(st *screenTest) {
			st.m.Health.Unstored, st.m.Health.StoreErr = 1284, "disk full: /var/lib/weir; free space, or --db PATH elsewhere"
			st.m.dirty = true
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := newScreen(t, tuitest.NewStore(), c.w, c.h, c.change)
			if c.prepare != nil {
				c.prepare(st)
			}
			st.m.dirty = true
			screen := st.screen()
			fits(t, screen, c.w, c.h)
			golden(t, c.name, screen)
		})
	}
}

func TestEmptyScreensSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name   string
		store  *tuitest.Store
		change func(*Config)
	}{
		{"empty-permission-80x24", &tuitest.Store{}, func(c *Config) {
			c.Capturing = ""
			c.Notice = "nothing is captured: opening eth0 needs permission; run: sudo setcap cap_net_raw+ep /usr/local/bin/weir"
		}},
		{"empty-earlier-80x24", &tuitest.Store{NodeList: []node.Summary{{LastSeen: testNow.Add(-30 * time.Hour)}}}, nil},
		{"empty-store-error-80x24", &tuitest.Store{Err: os.ErrDeadlineExceeded}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := newScreen(t, c.store, 80, 24, c.change)
			fits(t, st.screen(), 80, 24)
			golden(t, c.name, st.screen())
		})
	}
}
