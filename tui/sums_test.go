package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/tuitest"
)

// sumScreens are the keys of the screens with sums, with a text that only sums contain.
var sumScreens = map[string]string{"2": "3.4G", "3": " bytes "}

func TestSumsOfAnotherQueryAreNotShownAsThoseOfThePresentOne(t *testing.T) {
	for key, sums := range sumScreens {
		for _, change := range []string{"proto:icmp", "since:30m"} {
			st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
			st.press(key)
			st.wantIn(ansi.Strip(st.screen()), sums)
			st.press("1")
			st.filterBy(change)
			st.hold = true
			st.press(key)
			if screen := ansi.Strip(st.screen()); strings.Contains(screen, sums) || !strings.Contains(screen, "summing ...") {
				t.Errorf("%s, %s: before the answer:\n%s", key, change, screen)
			}
			filter, span := st.m.Query.Filter, st.m.Query.Range
			st.press("!")
			st.press("enter")
			if search.Text(st.m.Query.Filter) != search.Text(filter) || st.m.Query.Range != span {
				t.Errorf("%s, %s: the filter is made of what is not in sight: %q", key, change, st.m.FilterText)
			}
		}
	}
}

func TestSumsThatFailSaySoUntilTheyAreThere(t *testing.T) {
	for key, sums := range sumScreens {
		for _, in := range []bool{true, false} { // whether the screen is visible when the filter changes
			st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
			st.press(key)
			if !in {
				st.press("1")
			}
			if in {
				st.store.Err = errLocked
			}
			st.filterBy("proto:icmp")
			st.store.Err = errLocked
			st.press(key)
			if screen := ansi.Strip(st.screen()); strings.Contains(screen, sums) || !strings.Contains(screen, "sums failed: database is locked") {
				t.Errorf("%s: after the failure:\n%s", key, screen)
			}
			st.store.Err = nil
			st.ticks(10)
			if screen := ansi.Strip(st.screen()); strings.Contains(screen, "failed") || strings.Contains(screen, "summing") {
				t.Errorf("%s: once it is answered:\n%s", key, screen)
			}
		}
	}
}

func TestSumsThatCannotBeRefreshedStayAndSaySo(t *testing.T) {
	for key, sums := range sumScreens {
		st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
		st.press("p", key)
		st.store.Err = errLocked
		st.store.Add(st.newFlow())
		st.ticks(10)
		st.wantIn(ansi.Strip(st.screen()), sums)
		st.wantIn(ansi.Strip(st.screen()), "sums failed: database is locked")
		st.store.Err = nil
		st.ticks(10)
		if screen := ansi.Strip(st.screen()); strings.Contains(screen, "failed") {
			t.Errorf("%s: once it is answered:\n%s", key, screen)
		}
	}
}

func TestAnotherFilterKeepsTheCursorOfTheTimelineAtItsTime(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
	st.press("3", "h", "h", "h", "h", "h")
	before, _ := st.picked()
	st.filterBy("proto:tcp")
	if after, _ := st.picked(); after != before {
		t.Errorf("the cursor goes from bucket %d to %d", before, after)
	}
	st.filterBy(" since:30m")
	if after, _ := st.picked(); after != len(st.timeline().Rows)-1 {
		t.Errorf("with another range the cursor is on bucket %d", after)
	}
}
