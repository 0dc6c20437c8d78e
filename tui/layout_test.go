package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/tuitest"
)

func TestTheAnswerIsInSightAt80Columns(t *testing.T) {
	for _, dates := range []bool{false, true} {
		st := newScreen(t, tuitest.NewStore(), 80, 24, func(c *Config) {
			if dates { // as on the next day
				c.Query.Range, c.Now = search.Range{}, func() time.Time { return testNow.AddDate(0, 0, 1) }
			}
		})
		head := strings.Split(ansi.Strip(st.screen()), "\n")[2]
		for _, title := range []string{"START", "PROTO", "SRC IP", "DST IP", "PORT", "VERDICT", ">"} {
			st.wantIn(head, title)
		}
		if !dates {
			st.wantIn(head, "RECV")
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
