package ui

import (
	"strings"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	"charm.land/lipgloss/v2"
)

// keyGap is between two keys on a line.
const keyGap = "  "

// KeyGroup is a section of the help: keys and what they do.
type KeyGroup struct {
	Title string
	Keys  []key.Binding
}

// KeyHints returns keys and what they do, on one line.
func KeyHints(th *Theme, keys []key.Binding) string {
	h := help.Model{ShortSeparator: keyGap, Styles: help.Styles{ShortKey: th.Style(Text), ShortDesc: th.Style(Dim)}}
	return h.ShortHelpView(keys)
}

// HintWidth returns the columns that a key takes in KeyHints, including the gap after it.
func HintWidth(name, does string) int { return Width(name) + 1 + Width(does) + len(keyGap) }

// KeyLine returns the last line of a dialog: what its keys do. Where w columns are
// not enough, the last key, which leads out, is kept before those in the middle.
func KeyLine(th *Theme, w int, keys ...key.Binding) string {
	long := -len(keyGap)
	for _, k := range keys {
		long += HintWidth(k.Help().Key, k.Help().Desc)
	}
	for n := len(keys); n > 2 && long > w; n-- {
		out := keys[n-2].Help()
		long -= HintWidth(out.Key, out.Desc)
		keys = append(keys[:n-2:n-2], keys[n-1])
	}
	hints := make([]string, 0, len(keys))
	for _, k := range keys {
		if k.Enabled() {
			hints = append(hints, k.Help().Key+" "+k.Help().Desc)
		}
	}
	return th.Paint(Dim, Fill(strings.Join(hints, keyGap), w))
}

// KeyTable returns a line for each enabled key: its name, padded to w columns, and what
// it does.
func KeyTable(th *Theme, w int, keys []key.Binding) []string {
	h := help.Model{Styles: help.Styles{FullKey: lipgloss.NewStyle().PaddingLeft(1).Width(w), FullDesc: th.Style(Dim)}}
	text := h.FullHelpView([][]key.Binding{keys})
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ") // it pads them to the longest one
	}
	return lines
}
