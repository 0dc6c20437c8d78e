package tui

import (
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/tuitest"
)

func TestALongSearchSaysHowFarItIs(t *testing.T) {
	store := tuitest.NewStore()
	store.Reports = make(chan func(done, planned int64), 1)
	st := newScreen(t, store, 80, 24, nil)
	<-store.Reports // of the first flows
	st.store.Gate = make(chan struct{})
	st.hold = true
	st.press("/")
	st.write("proto:udp")
	st.press("enter")
	answers := make(chan tea.Msg, 100)
	var asked sync.WaitGroup
	var ask func(cmds ...tea.Cmd)
	ask = func(cmds ...tea.Cmd) {
		for _, cmd := range cmds {
			asked.Go(func() {
				switch msg := cmd().(type) {
				case nil:
				case tea.BatchMsg:
					ask(msg...)
				default:
					answers <- msg
				}
			})
		}
	}
	ask(st.held...)
	report := <-store.Reports
	report(37, 100)
	st.tick()
	st.wantIn(st.footer(), "searching ...")
	if text := st.m.flows.Progress.Text(st.now); text != "" {
		t.Errorf("%q is shown within the first second", text)
	}
	st.now = st.now.Add(time.Second)
	st.tick()
	st.wantIn(st.footer(), "searching ... 37% "+strings.Repeat("━", 7)+strings.Repeat("─", 13)+" ")
	st.m.flows.Rows.Replace(nil, false)
	st.tick()
	st.wantIn(ansi.Strip(st.screen()), "\n   searching ... 37%\n   "+strings.Repeat("━", 15)+strings.Repeat("─", 25)+"\n") // in the empty table
	report(80, 100)
	st.tick()
	st.wantIn(st.footer(), "searching ... 80%")
	st.send(tea.WindowSizeMsg{Width: 60, Height: 15})
	st.wantIn(st.footer(), strings.Repeat("━", 16)+strings.Repeat("─", 4)+" ")
	st.wantIn(st.footer(), "? help  q quit")
	close(st.store.Gate)
	asked.Wait()
	close(answers)
	for msg := range answers {
		st.send(msg)
	}
	if st.m.flows.Loading {
		t.Error("the flows are there, and the screen is still searching")
	}
	if strings.Contains(st.footer(), "━") {
		t.Errorf("the bar stays: %q", st.footer())
	}
}
