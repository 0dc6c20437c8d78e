package tui

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/search"
	"weir/tui/tuitest"
)

var errLocked = errors.New("database is locked")

// failing returns a screen after keys and a new filter whose search failed.
func failing(t *testing.T, store *tuitest.Store, change func(*Config), keys ...string) *screenTest {
	t.Helper()
	st := newScreen(t, store, 120, 40, change)
	st.press(keys...)
	store.Err = errLocked
	st.filterBy("proto:udp")
	store.Err = nil
	st.wantIn(ansi.Strip(st.screen()), "search failed: database is locked")
	return st
}

// ticks sends n ticks.
func (st *screenTest) ticks(n int) {
	for range n {
		st.tick()
	}
}

func TestAFailedSearchIsAskedAgainWhetherTheViewFollowsOrNot(t *testing.T) {
	for _, keys := range [][]string{nil, {"p"}, {"o"}, {"l", "s"}} {
		st := failing(t, tuitest.NewStore(), nil, keys...)
		st.wantIn(st.footer(), "no result yet")
		asked := len(st.store.Searches)
		st.ticks(10)
		if n := len(st.store.Searches) - asked; n != 1 {
			t.Errorf("%q: asked %d times in 2 s", keys, n)
		}
		f := &st.m.flows.Rows
		if shown := search.Text(st.m.flows.Shown.Filter); shown != "proto:udp" || f.Len() == 0 || f.At(0).Proto != flow.UDP || f.Cursor() != 0 {
			t.Errorf("%q: %d flows of %q are shown, the cursor is in row %d", keys, f.Len(), shown, f.Cursor())
		}
		if notice := st.m.flows.Notice().Text; notice != "" || st.m.flows.Unanswered {
			t.Errorf("%q: %q", keys, notice)
		}
	}
}

// A key between failure and retry neither loads more of the previous query nor cancels
// the retry.
func TestWhatFailedIsNotHiddenByMoreOfTheQueryBefore(t *testing.T) {
	store := &tuitest.Store{}
	store.Add(manyFlows(5_000)...)
	st := failing(t, store, func(c *Config) { c.Query.Limit = 10_000 }, "p")
	rows := st.m.flows.Rows.Len()
	st.press("G")
	st.tick()
	st.wantIn(st.m.flows.Notice().Text, "search failed")
	if n := st.m.flows.Rows.Len(); n != rows {
		t.Errorf("%d flows of the query before, %d more than there were", n, n-rows)
	}
	st.ticks(5)
	st.hold = true
	st.ticks(1)
	st.press("g", "k", "j")
	st.release()
	if st.ticks(5); search.Text(st.m.flows.Shown.Filter) != "proto:udp" {
		t.Error("a move put the retry off for good")
	}
}

func TestNothingOfTheQueryBeforeIsExported(t *testing.T) {
	dir := t.TempDir()
	st := failing(t, tuitest.NewStore(), func(c *Config) { c.ExportDir = dir }, "p")
	for _, key := range []string{"e", "E"} {
		if st.press(key); st.m.window != nil {
			t.Errorf("%s opened %T", key, st.m.window)
		}
		st.wantIn(st.footer(), "still searching")
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); files != nil {
		t.Fatalf("%s were written", files)
	}
	st.ticks(10)
	st.press("E", "tab", "right", "enter")
	if _, text := onlyFile(t, dir); strings.Contains(text, "TCP") || strings.Count(text, "UDP") != st.m.flows.Rows.Len() {
		t.Errorf("the file has other flows than those of UDP:\n%s", text)
	}
}

func TestAFailedCountIsCountedAgain(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
	st.press("p")
	st.store.Err = errLocked
	st.store.Add(st.newFlow())
	st.ticks(20)
	st.wantIn(st.m.flows.Notice().Text, "search failed")
	st.store.Err = nil
	st.ticks(10)
	if n := st.m.flows.Notice().Text; n != "" {
		t.Errorf("2 s after the store answers again: %q", n)
	}
	st.wantIn(st.header(), "PAUSED +1 new")
}
