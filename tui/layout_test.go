package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/column"
	"weir/tui/tuitest"
)

func TestTheAnswerIsInSightAt80Columns(t *testing.T) {
	for _, dates := range []bool{false, true} {
		st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
		st.m.flows.Table.Style.Dates = dates
		st.m.dirty = true
		head := strings.Split(ansi.Strip(st.screen()), "\n")[2]
		for _, title := range []string{"START", "PROTO", "SRC IP", "DST IP", "PORT", "FLAGS", "RECV", ">"} {
			st.wantIn(head, title)
		}
		st.press("$")
		st.wantIn(strings.Split(ansi.Strip(st.screen()), "\n")[2], "NODE")
	}
}

func TestSmallWindowsSayWhatIsNeeded(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	for _, size := range [][2]int{{59, 24}, {80, 14}, {10, 3}, {1, 1}} {
		st.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		if screen := st.screen(); strings.Contains(screen, "\n") || ansi.StringWidth(screen) > size[0] {
			t.Errorf("%dx%d: %q", size[0], size[1], screen)
		}
	}
	for width, want := range map[int]string{59: "weir needs 60x15, this is 59x5", 29: "weir needs 60x15", 12: "needs 60x15", 10: "60x15!", 5: "!!!!!"} {
		st.send(tea.WindowSizeMsg{Width: width, Height: 5})
		if got := st.screen(); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

func TestAWiderWindowNeverShowsLessOfHowItWent(t *testing.T) {
	wide := 0
	for w := 98; w < 240; w++ {
		st := newScreen(t, tuitest.NewStore(), w, 24, nil)
		st.screen()
		was := wide
		wide = 0
		for _, s := range st.m.flows.Table.Lay.Spans {
			if s.Col == column.Verdict {
				wide = s.W
			}
		}
		if wide < column.All[column.Verdict].Min || wide < was {
			t.Errorf("%d columns: the verdict has %d, with one column less it had %d", w, wide, was)
		}
	}
}
