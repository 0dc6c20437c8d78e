package dialog

import (
	"strings"
	"testing"
	"time"

	"weir/search"
	"weir/tui/input"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

func newRangeWindow(now search.Range) *Range {
	// Monday, 23 November 2026, 14:12:07.
	return NewRange(now, input.Env{Now: time.Date(2026, 11, 23, 14, 12, 7, 0, tuitest.Zone), Loc: tuitest.Zone})
}

func TestAnyRangeIsChosenWithFewKeys(t *testing.T) {
	for keys, want := range map[string]string{
		"enter": "last 2h", "down enter": "last 6h", "k enter": "last 1h", "r r r r enter": "last 7d", "y e s t tab enter": "2026-11-22 00:00 to 2026-11-23 00:00",
		"y tab 1 4 - 1 5 enter": "2026-11-22 14:00 to 15:00", "1 0 m enter": "last 10m", "9 : 3 0 enter": "since 2026-11-23 09:30", "s u n tab enter": "2026-11-22 00:00 to 2026-11-23 00:00",
		"5 d down enter": "last 6h", "tab backspace m enter": "last 2m", "a l l enter": "all time", "home enter": "last 2h",
	} {
		pressed := strings.Fields(keys)
		if len(pressed) > 12 {
			t.Errorf("%s: more than 12 keys", keys)
		}
		chosen, ok := tuitest.Press(newRangeWindow(search.Range{Last: 2 * time.Hour}), pressed...).(RangeChosenMsg)
		if got := chosen.Range.In(tuitest.Zone).String(); !ok || !strings.HasPrefix(got, want) {
			t.Errorf("%s chooses %s, %t, want %s", keys, got, ok, want)
		}
	}
}

func TestTheRangeWindowSaysWhatIsWrong(t *testing.T) {
	d := newRangeWindow(search.Range{})
	if tuitest.Type(d, "yesterday 15-14"); d.err == nil {
		t.Fatal("no error")
	}
	if answer := tuitest.Press(d, "enter"); answer != nil {
		t.Errorf("it answers %v", answer)
	}
	if view := d.View(&ui.Theme{}, 80, 24); !strings.Contains(view, "invalid time range") {
		t.Error(view)
	}
	if _, closed := tuitest.Press(d, "esc").(ui.ClosedMsg); !closed {
		t.Error("Esc does not close it")
	}
}

func TestTheCurrentRangeIsSelected(t *testing.T) {
	for want, r := range map[string]search.Range{
		"last 7d": {Last: 7 * 24 * time.Hour}, "today": {From: time.Date(2026, 11, 23, 0, 0, 0, 0, tuitest.Zone)}, "last 3h": {Last: 3 * time.Hour}, "all time": {},
	} {
		if view := newRangeWindow(r).View(&ui.Theme{}, 80, 30); !strings.Contains(view, ">"+want) {
			t.Errorf("%s is not selected:\n%s", want, view)
		}
	}
}
