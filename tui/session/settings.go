package session

import (
	"sync"

	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// Settings is what the reader has chosen on the screen and expects to find
// again the next time. Names that this version doesn't know are ignored.
type Settings struct {
	Columns  []ColumnSetting // shown columns in their order; empty: what fits the window
	Theme    string          // empty: the terminal's own 16 colours
	NoMouse  bool            // the mouse is the terminal's
	Names    bool            // host names instead of addresses
	Services bool            // names of services instead of port numbers
}

// ColumnSetting is one column of the table.
type ColumnSetting struct {
	Name  string // such as "start" or "dport"
	Width int    // columns of the screen; 0: as needed
}

// settingsSavedMsg: the settings were written, or not.
type settingsSavedMsg struct{ err error }

// Keep takes the settings over and has them written.
func (s *Session) Keep(chosen Settings) tea.Cmd {
	s.Settings = chosen
	for _, fn := range s.settingWatchers {
		fn()
	}
	if s.Cfg.Save == nil {
		return nil
	}
	write := s.writes.next(chosen, s.Cfg.Save)
	return Guarded(func() tea.Msg { return settingsSavedMsg{write()} })
}

// writes puts the writes of settings in order. Commands run on goroutines of
// their own, in any order; a write that a newer one has overtaken is left out.
type writes struct {
	asked uint64 // number of the newest write

	mu   sync.Mutex // held while one is written
	done uint64     // number of the last one that was
}

// next returns a function that writes settings, unless later ones are written.
func (w *writes) next(chosen Settings, save func(Settings) error) func() error {
	w.asked++
	number := w.asked
	return func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if number < w.done {
			return nil
		}
		w.done = number
		return save(chosen)
	}
}

func (s *Session) onSaved(msg settingsSavedMsg) {
	if msg.err != nil {
		s.Say(ui.Bad, "this is not remembered: "+ui.OneLine(msg.err))
	}
}
