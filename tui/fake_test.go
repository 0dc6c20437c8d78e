package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/search"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/timeline"
	"weir/tui/tuitest"
)

// The current time, the time zone and the flows of the tests.
var (
	testZone    = tuitest.Zone
	testNow     = tuitest.Now
	sampleFlows = tuitest.Flows
	manyFlows   = tuitest.ManyFlows
)

// screenTest is a screen without a program: tests send messages, and the results of
// commands are sent after them.
type screenTest struct {
	t     testing.TB
	m     *model
	store *tuitest.Store
	now   time.Time
	held  []tea.Cmd // commands that release runs
	hold  bool
	quit  bool
}

// newScreen returns a screen of w by h on store, in 16 colours unless change says
// otherwise, with the first flows loaded.
func newScreen(t testing.TB, store *tuitest.Store, w, h int, change func(*Config)) *screenTest {
	st := &screenTest{t: t, store: store, now: testNow}
	cfg := Config{
		Store: store, Query: search.Query{Range: search.Range{Last: search.DefaultRange}},
		Capturing: "eth0, wlan0", Now: func() time.Time { return st.now }, Loc: testZone, Env: []string{"TERM=xterm"},
		ColorProfile: colorprofile.ANSI,
		Health: func() flow.Health {
			return flow.Health{Sources: []flow.SourceHealth{{Name: "eth0"}}}
		},
	}
	if change != nil {
		change(&cfg)
	}
	st.m = newModel(t.Context(), cfg)
	st.m.TickWait = func(context.Context, time.Duration) bool { return false } // tests send ticks
	st.run(st.m.Init())
	st.send(tea.WindowSizeMsg{Width: w, Height: h})
	return st
}

// timeline returns the timeline.
func (st *screenTest) timeline() *timeline.Screen {
	return st.m.at(keys.Timeline).(*timeline.Screen)
}

// picked returns the first and the last bucket that the axis of the timeline marks.
func (st *screenTest) picked() (first, last int) {
	st.t.Helper()
	for line := range strings.SplitSeq(ansi.Strip(st.screen()), "\n") {
		if at := strings.IndexRune(line, '^'); at >= 0 && strings.Trim(line, " ─^-") == "" {
			first = ansi.StringWidth(line[:at]) - timeline.Margin
			return first, first + strings.Count(line, "^") - 1
		}
	}
	st.t.Fatal("no axis on the screen")
	return 0, 0
}

// detailsOpen reports whether the details of a flow are shown.
func (st *screenTest) detailsOpen() bool { return strings.Contains(st.footer(), "Esc close") }

// send sends a message and runs its commands.
func (st *screenTest) send(msg tea.Msg) {
	_, cmd := st.m.Update(msg)
	st.run(cmd)
}

func (st *screenTest) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if st.hold {
		st.held = append(st.held, cmd)
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			st.run(c)
		}
	case tea.QuitMsg:
		st.quit = true
	default:
		st.send(msg)
	}
}

// release runs the held commands.
func (st *screenTest) release() {
	held := st.held
	st.hold, st.held = false, nil
	for _, cmd := range held {
		st.run(cmd)
	}
}

// tick advances the time by one tick.
func (st *screenTest) tick() {
	st.now = st.now.Add(session.TickInterval)
	st.send(session.TickMsg{At: st.now, Version: st.store.Version(), Health: st.m.Health})
}

// press types keys by name.
func (st *screenTest) press(keys ...string) {
	for _, k := range keys {
		st.send(keyPress(k))
	}
}

// write types a text.
func (st *screenTest) write(text string) {
	for _, r := range text {
		st.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func keyPress(name string) tea.KeyPressMsg { return tuitest.Key(name) }

// screen returns the frame.
func (st *screenTest) screen() string { return st.m.View().Content }
