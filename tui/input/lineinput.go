package input

import (
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/tui/ui"
)

// inputLimit is how many characters a line of a dialog takes: far more than any
// list of nodes or ports that someone types, and little enough to redraw on
// every key.
const inputLimit = 512

// Line is one line of text being edited. The editing is textinput's; the
// drawing is done here, because a dialog paints by role and shows the cursor as
// part of its text.
type Line struct{ Model textinput.Model }

func NewLine(value string) Line {
	m := textinput.New()
	m.SetVirtualCursor(false) // no blinking, so no commands
	m.CharLimit = inputLimit
	// Reading the clipboard waits for another program; terminals paste by themselves.
	m.KeyMap.Paste = key.NewBinding()
	// Deleting forward over the last character of a line indexes past its end
	// (bubbles v2.2.1, textinput.deleteWordForward).
	m.KeyMap.DeleteWordForward = key.NewBinding()
	m.Focus()
	m.SetValue(value)
	return Line{m}
}

func (in *Line) Value() string { return in.Model.Value() }

// Set replaces the text and puts the cursor behind it.
func (in *Line) Set(s string) {
	in.Model.SetValue(s)
	in.Model.CursorEnd()
}

// Cursor is the cursor's place, in bytes.
func (in *Line) Cursor() int {
	text := []rune(in.Value())
	return len(string(text[:min(in.Model.Position(), len(text))]))
}

// Put replaces the text, and puts the cursor at a byte of it.
func (in *Line) Put(text string, cursor int) {
	in.Set(text)
	in.Model.SetCursor(utf8.RuneCountInString(text[:cursor]))
}

// Update edits by one key press or paste. Other messages do nothing.
func (in *Line) Update(msg tea.Msg) { in.Model, _ = in.Model.Update(msg) }

// View draws the line between brackets, w columns in all. When it is focused it
// scrolls to the cursor and shows it as the selected character. Marks stand for
// what is out of sight.
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
