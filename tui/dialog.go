package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/ui"
)

// outcome is what a dialog says after each message.
type outcome uint8

const (
	stay     outcome = iota // keep it open
	canceled                // close it and change nothing
	accepted                // close it and take its result
)

// dialog sits over the table and gets every key while it is open. The table
// behind it stays visible and alive.
type dialog interface {
	// update handles one message. It does no IO and does not wait.
	update(msg tea.Msg) (tea.Cmd, outcome)

	// help is its keys, under its name.
	help() ui.KeyGroup

	// view draws the dialog, border included, in at most w columns and h lines.
	view(th *ui.Theme, w, h int) string
}

// dialogEnv is what a dialog may ask about the world: the time, where on earth
// the reader is, and what there is to name. Tests hand in fixed ones.
type dialogEnv struct {
	now   time.Time
	loc   *time.Location // never nil
	words search.Env     // of the network, for completion
}

// onTop is the dialog that is seen: the help, if it is open, lies over all others.
func (m *model) onTop() dialog {
	if m.help != nil {
		return m.help
	}
	return m.dialog
}

// dialogBox keeps the drawn dialog until a message reaches it: the flows behind
// it may change several times a second.
type dialogBox struct {
	of   dialog // nil: to be drawn again
	th   *ui.Theme
	w, h int
	text string
}

func (b *dialogBox) draw(m *model) string {
	top := m.onTop()
	if b.of != top || b.th != m.th || b.w != m.width || b.h != m.height {
		*b = dialogBox{top, m.th, m.width, m.height, top.view(m.th, m.width, m.height)}
	}
	return b.text
}
