package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// DialogKeys are the keys of the search form, the node list and the flag
// decoder. A dialog that takes text uses no letters, so that none of them is
// lost to typing, and each describes what it does.
type DialogKeys struct {
	Accept, Cancel, Next, Prev, Toggle, All, Clear, ClearAll key.Binding
	Up, Down, Left, Right, PageUp, PageDown, First, Last     key.Binding
	Erase, History                                           key.Binding
}

// NewDialogKeys returns the keys, with the descriptions that fit most dialogs.
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

// Bind returns a binding of keys: shown is their name in the help, does their description.
func Bind(shown, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
}

// ListKeys work in dialogs that take no text: the list of ranges, the help and the conversation.
type ListKeys struct{ Up, Down, Left, Right, PageUp, PageDown, Choose, Cancel key.Binding }

// NewListKeys returns the keys.
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

// Said returns a binding with another description.
func Said(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// FirstKey returns the first key of a binding, as shown.
func FirstKey(b key.Binding) string {
	first, _, _ := strings.Cut(b.Help().Key, " ")
	return first
}
