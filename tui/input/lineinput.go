package input

import (
	"errors"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/ui"
)

// inputLimit is the maximum length of a name, a value or a word in characters. What
// is typed or pasted beyond it is cut.
const inputLimit = 512

// Line is a one-line text input. textinput does the editing; the drawing is done here,
// because dialogs paint by role and draw the cursor as part of the text.
type Line struct {
	Model   textinput.Model
	refused error // why the last key or paste was not inserted
}

// NewLine returns a focused line with a text.
func NewLine(value string) Line {
	m := textinput.New()
	m.SetVirtualCursor(false) // no blinking, so no commands
	m.CharLimit = inputLimit
	// Pasting from the clipboard would wait for another program; terminals paste themselves.
	m.KeyMap.Paste = key.NewBinding()
	// Deleting the word at the end of a line indexes out of range (bubbles v2.2.1,
	// textinput.deleteWordForward).
	m.KeyMap.DeleteWordForward = key.NewBinding()
	m.Focus()
	m.SetValue(value)
	return Line{Model: m}
}

// NewFilterLine returns a focused line for a filter, or for a value in one. It takes as
// much as a filter can have. A longer paste is refused as a whole, because a part of
// a filter would select other flows.
func NewFilterLine(value string) Line {
	in := NewLine("")
	in.Model.CharLimit = 0
	in.Set(value)
	return in
}

// Value returns the text.
func (in *Line) Value() string { return in.Model.Value() }

// Set replaces the text and moves the cursor to its end.
func (in *Line) Set(s string) {
	in.Model.SetValue(s)
	in.Model.CursorEnd()
}

// Cursor returns the position of the cursor in bytes.
func (in *Line) Cursor() int {
	text := []rune(in.Value())
	return len(string(text[:min(in.Model.Position(), len(text))]))
}

// Put replaces the text and moves the cursor to a byte offset.
func (in *Line) Put(text string, cursor int) {
	in.Set(text)
	in.Model.SetCursor(utf8.RuneCountInString(text[:cursor]))
}

// Update handles a key press or a paste. Other messages do nothing.
func (in *Line) Update(msg tea.Msg) {
	in.refused = nil
	room := search.MaxText - len(in.Value())
	if in.Model.CharLimit > 0 {
		room = search.MaxText
	}
	switch typed := msg.(type) {
	case tea.PasteMsg:
		n := len(typed.Content)
		switch limit := in.Model.CharLimit * utf8.UTFMax; {
		case limit == 0 && n > room:
			in.refused = errors.New("paste rejected: a filter has at most 64 KiB")
			return
		case limit > 0 && n > limit: // textinput would convert all of it before it cuts it
			msg = tea.PasteMsg{Content: typed.Content[:limit]}
		}
	case tea.KeyPressMsg:
		if typed.Text != "" && len(typed.Text) > room {
			in.refused = errors.New("filter full: it has at most 64 KiB")
			return
		}
	}
	in.Model, _ = in.Model.Update(msg)
}

// ForgetRefused ends what Refused returns. Set and Put, which complete a text, leave it.
func (in *Line) ForgetRefused() { in.refused = nil }

// Refused returns why the last key press or paste was not inserted; nil if it was.
func (in *Line) Refused() error { return in.refused }

// View draws the line in brackets, w terminal columns in all. A focused line scrolls
// to the cursor and draws it as the selected character. A mark shows that there is
// more text.
func (in *Line) View(th *ui.Theme, w int, focused bool, look ui.Role) string {
	room := w - 2
	if room < 1 {
		return ui.Fill("", w)
	}
	edge := ui.Dim
	if focused {
		edge = ui.Accent
	}
	return th.Paint(edge, "[") + in.Draw(th, room, focused, look) + th.Paint(edge, "]")
}

// Draw draws the line without brackets in w terminal columns.
func (in *Line) Draw(th *ui.Theme, w int, focused bool, look ui.Role) string {
	value, pos := []rune(in.Value()), in.Model.Position()
	if !focused {
		return th.Paint(look, ui.Fill(ui.Safe(string(value)), w))
	}
	at, after := " ", ""
	if pos < len(value) {
		at, after = ui.Safe(string(value[pos])), ui.Safe(string(value[pos+1:]))
	}
	before := ui.Safe(string(value[:pos]))
	if over := ansi.StringWidth(before) + max(ansi.StringWidth(at), 1) - w; over > 0 {
		before = ansi.TruncateLeft(before, over+1, ui.CutMark)
	}
	rest := w - ansi.StringWidth(before) - ansi.StringWidth(at)
	return th.Paint(look, before) + th.Paint(ui.Selected, at) + th.Paint(look, ui.Fill(after, rest))
}
