package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/tuitest"
)

func TestATalkerBecomesATermOfTheFilter(t *testing.T) {
	for typed, want := range map[string]string{
		"2 enter": "src:10.100.1.17", "2 ! ": "!src:10.100.1.17", "2 a =": "dst:192.168.100.20",
		"l l l a enter": "proto:tcp dport:443", "2 a a a a enter": "node:edge-1",
	} {
		st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
		st.press(strings.Fields(typed)...)
		if got := search.Text(st.m.Query.Filter); got != want {
			t.Errorf("%s gives %q, want %q", typed, got, want)
		}
		if stays := !strings.Contains(typed, "enter"); stays != (st.m.active == keys.Talkers) {
			t.Errorf("%s ends at %s", typed, st.m.active)
		}
	}
}

func TestTheCursorStaysOnItsTalker(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("2", "a", "j")
	key := st.m.talkers.Rows[1].Key(st.m.talkers.By)
	r := st.newFlow()
	r.Dst.Addr = st.m.talkers.Rows[1].Values[0].Addr
	r.Recv.Octets = 1 << 50
	st.store.Add(r)
	for range 2 * time.Second / session.TickInterval {
		st.tick()
	}
	if st.m.talkers.List.Cursor() != 0 || st.m.talkers.Rows[0].Key(st.m.talkers.By) != key {
		t.Errorf("the cursor is on row %d", st.m.talkers.List.Cursor())
	}
}

func TestABrushedSpanBecomesTheRange(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("3", "h", "space", "h", "h")
	b := st.timeline().Rows
	n := len(b)
	want := search.Range{From: b[n-4].Start, To: b[n-2].Start.Add(b[n-2].Width)}
	st.press("enter")
	if st.m.Query.Range != want || st.m.active != keys.Flows {
		t.Errorf("range %v, want %v; at %s", st.m.Query.Range, want, st.m.active)
	}
	st.press("3", "space", "esc", "esc")
	if st.m.active != keys.Flows || st.m.Query.Range != want {
		t.Error("Esc does not lead back to the flows, or changed the range")
	}
}

func TestKeysOfTheFlowsSayWhereTheyWork(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("4", "s")
	st.wantIn(st.footer(), "press 1")
	if st.m.flows.Rows.Sorted() || st.m.Query.Order != search.Newest {
		t.Error("s sorted a table that is out of sight")
	}
}

// bareStore is a store without sums.
type bareStore struct{ Store }

func TestAStoreThatDoesNotAddUpIsNoTrap(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) { c.Store = bareStore{c.Store} })
	for _, k := range []string{"2", "3", "a"} {
		st.press(k)
		st.wantIn(st.footer(), "does not support sums")
	}
	if !strings.Contains(ansi.Strip(st.screen()), "START") {
		t.Error("the flows are gone")
	}
}
