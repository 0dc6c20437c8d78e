package session

import (
	"sync"

	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// Settings are the choices that persist between sessions. Unknown names are ignored.
type Settings struct {
	Columns  []ColumnSetting // columns in their order; empty: chosen by the width of the window
	Theme    string          // empty: the 16 colours of the terminal
	NoMouse  bool            // the terminal handles the mouse
	Names    bool            // host names instead of addresses
	Services bool            // service names instead of port numbers
}

// ColumnSetting is one column of the table.
type ColumnSetting struct {
	Name  string // such as "start" or "dport"
	Width int    // in terminal columns; 0: automatic
}

// settingsSavedMsg reports that the settings were saved, or the error.
type settingsSavedMsg struct{ err error }

// Keep applies settings and saves them.
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

// writes keeps the writes of settings in order. Each command runs on its own
// goroutine, in any order; a write that a newer one has overtaken is skipped.
type writes struct {
	asked uint64 // number of the newest write

	mu   sync.Mutex // held during a write
	done uint64     // number of the last one written
}

// next returns a function that saves settings unless newer ones were saved.
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
		s.Say(ui.Bad, "settings not saved: "+ui.OneLine(msg.err))
	}
}
