package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// DialogKeys are the keys of the search form, the node list and the flag
// decoder. A dialog that takes text uses no letters, so that none of them is
// lost to typing, and each gives its own words to what it does.
type DialogKeys struct {
	Accept, Cancel, Next, Prev, Toggle, All, Clear, ClearAll key.Binding
	Up, Down, Left, Right, PageUp, PageDown, First, Last     key.Binding
	Erase, History                                           key.Binding
}

// NewDialogKeys binds them; their words are for what most dialogs do.
func NewDialogKeys() DialogKeys {
	return DialogKeys{
		Accept:   Bind("Enter", "take", "enter"),
		Cancel:   Bind("Esc", "cancel", "esc"),
		Next:     Bind("Tab", "next", "tab"),
		Prev:     Bind("Shift-Tab", "previous", "shift+tab"),
		Toggle:   Bind("Space", "change", "space"),
		All:      Bind("^a", "mark all", "ctrl+a"),
		Clear:    Bind("^u", "clear", "ctrl+u"),
		ClearAll: Bind("^x", "clear all", "ctrl+x"),
		Up:       Bind("Up", "up", "up", "ctrl+p"),
		Down:     Bind("Down", "down", "down", "ctrl+n"),
		Left:     Bind("Left", "previous", "left"),
		Right:    Bind("Right", "next", "right"),
		PageUp:   Bind("PgUp", "page up", "pgup"),
		PageDown: Bind("PgDn", "page down", "pgdown"),
		First:    Bind("Home", "first", "home"),
		Last:     Bind("End", "last", "end"),
		Erase:    Bind("Backspace", "undo", "backspace", "delete"),
		History:  Bind("^r", "history", "ctrl+r"),
	}
}

// Means reports whether msg is a press of one of the keys.
func Means(msg tea.Msg, keys ...key.Binding) bool {
	press, ok := msg.(tea.KeyPressMsg)
	return ok && key.Matches(press, keys...)
}

// Bind is a binding of keys, shown in help by one name, and what it does.
func Bind(shown, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
}

// ListKeys work in dialogs that take no text: the list of ranges, the help and the conversation.
type ListKeys struct{ Up, Down, Left, Right, PageUp, PageDown, Choose, Cancel key.Binding }

// NewListKeys binds them.
func NewListKeys() ListKeys {
	return ListKeys{
		Up:       Bind("k ↑", "up", "k", "up"),
		Down:     Bind("j ↓", "down", "j", "down", "r"),
		Left:     Bind("h ←", "to the left", "h", "left"),
		Right:    Bind("l →", "to the right", "l", "right"),
		PageUp:   Bind("PgUp", "a page up", "pgup"),
		PageDown: Bind("PgDn", "a page down", "pgdown", "space"),
		Choose:   Bind("Enter", "choose", "enter"),
		Cancel:   Bind("Esc", "close", "esc", "q", "?"),
	}
}

// Said is a binding with other words for what it does.
func Said(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// FirstKey is the first of the keys of a binding, as it is shown.
func FirstKey(b key.Binding) string {
	first, _, _ := strings.Cut(b.Help().Key, " ")
	return first
}
