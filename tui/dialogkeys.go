package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// dialogKeys are the keys of the search form, the node list and the flag
// decoder. A dialog that takes text uses no letters, so that none of them is
// lost to typing, and each gives its own words to what it does.
type dialogKeys struct {
	accept, cancel, next, prev, toggle, all, clear, clearAll key.Binding
	up, down, left, right, pageUp, pageDown, first, last     key.Binding
	erase, history                                           key.Binding
}

func newDialogKeys() dialogKeys {
	return dialogKeys{
		accept:   bind("Enter", "take", "enter"),
		cancel:   bind("Esc", "cancel", "esc"),
		next:     bind("Tab", "next", "tab"),
		prev:     bind("Shift-Tab", "previous", "shift+tab"),
		toggle:   bind("Space", "change", "space"),
		all:      bind("^a", "mark all", "ctrl+a"),
		clear:    bind("^u", "clear", "ctrl+u"),
		clearAll: bind("^x", "clear all", "ctrl+x"),
		up:       bind("Up", "up", "up", "ctrl+p"),
		down:     bind("Down", "down", "down", "ctrl+n"),
		left:     bind("Left", "previous", "left"),
		right:    bind("Right", "next", "right"),
		pageUp:   bind("PgUp", "page up", "pgup"),
		pageDown: bind("PgDn", "page down", "pgdown"),
		first:    bind("Home", "first", "home"),
		last:     bind("End", "last", "end"),
		erase:    bind("Backspace", "undo", "backspace", "delete"),
		history:  bind("^r", "history", "ctrl+r"),
	}
}

// means reports whether msg is a press of one of the keys.
func means(msg tea.Msg, keys ...key.Binding) bool {
	press, ok := msg.(tea.KeyPressMsg)
	return ok && key.Matches(press, keys...)
}

// keyLine is the last line of a dialog: what its keys do. Where w columns are
// not enough, the last key, which leads out, is kept before those in the middle.
func keyLine(th *theme, w int, keys ...key.Binding) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = k.Help().Key + " " + k.Help().Desc
	}
	last := len(words) - 1
	for last > 1 && textWidth(strings.Join(words, "  ")) > w {
		words = append(words[:last-1], words[last])
		last--
	}
	return th.paint(roleDim, boxFill(strings.Join(words, "  "), w))
}

func bind(shown, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
}

// listKeys work in dialogs that take no text: the list of ranges, the help and the conversation.
type listKeys struct{ up, down, left, right, pageUp, pageDown, choose, cancel key.Binding }

// scroll is how many lines a key moves a text down whose pages have so many.
func (k *listKeys) scroll(press tea.KeyPressMsg, page int) int {
	switch {
	case key.Matches(press, k.down):
		return 1
	case key.Matches(press, k.up):
		return -1
	case key.Matches(press, k.pageDown):
		return page
	case key.Matches(press, k.pageUp):
		return -page
	}
	return 0
}

func newListKeys() listKeys {
	return listKeys{
		up:       bind("k ↑", "up", "k", "up"),
		down:     bind("j ↓", "down", "j", "down", "r"),
		left:     bind("h ←", "to the left", "h", "left"),
		right:    bind("l →", "to the right", "l", "right"),
		pageUp:   bind("PgUp", "a page up", "pgup"),
		pageDown: bind("PgDn", "a page down", "pgdown", "space"),
		choose:   bind("Enter", "choose", "enter"),
		cancel:   bind("Esc", "close", "esc", "q", "?"),
	}
}

// keyGroup is keys with what they do, as the help shows them together.
type keyGroup struct {
	title string
	keys  []key.Binding
}

// said is a binding with other words for what it does.
func said(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// firstKey is the first of the keys of a binding, as it is shown.
func firstKey(b key.Binding) string {
	first, _, _ := strings.Cut(b.Help().Key, " ")
	return first
}
