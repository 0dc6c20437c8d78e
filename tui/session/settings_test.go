package session

import (
	"errors"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestTheLastSettingsAreWrittenLastWhateverOrderTheCommandsRunIn(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {1, 0, 2}} {
		var kept []Settings
		s := New(t.Context(), Config{Save: func(set Settings) error { kept = append(kept, set); return nil }})
		var cmds []tea.Cmd
		for _, change := range []func(*Settings){
			func(set *Settings) { set.Services = true }, func(set *Settings) { set.NoMouse = true }, func(set *Settings) { set.Theme = "x" },
		} {
			set := s.Settings
			change(&set)
			cmds = append(cmds, s.Keep(set))
		}
		for _, i := range order {
			cmds[i]()
		}
		if last := kept[len(kept)-1]; !last.Services || !last.NoMouse || last.Theme != "x" {
			t.Errorf("%v: the last that is written is %+v", order, last)
		}
	}
}

func TestSettingsAreWrittenOneAfterTheOther(t *testing.T) {
	var mu sync.Mutex
	full := errors.New("disk full")
	s := New(t.Context(), Config{Save: func(Settings) error {
		if !mu.TryLock() {
			t.Error("two writes at a time")
			return nil
		}
		defer mu.Unlock()
		return full
	}})
	var running sync.WaitGroup
	for i := range 100 {
		write := s.Keep(Settings{NoMouse: i%2 == 0})
		running.Go(func() { write() })
	}
	last := s.Keep(Settings{})
	if msg := last().(settingsSavedMsg); !errors.Is(msg.err, full) {
		t.Errorf("the error of the last write: %v", msg.err)
	}
	running.Wait()
}
