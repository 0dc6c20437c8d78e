package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/tui/ui"
)

// flagField requires each TCP flag to be set, not to be set, or neither. Left and Right
// select the flag, Space cycles through the three states.
type flagField struct {
	need, deny flow.Flags
	at         int // index into flow.FlagTable
}

func (f *flagField) Text() string {
	var words []string
	for _, info := range flow.FlagTable {
		switch {
		case f.need.Has(info.Flag):
			words = append(words, strings.ToLower(info.Name))
		case f.deny.Has(info.Flag):
			words = append(words, "!"+strings.ToLower(info.Name))
		}
	}
	return strings.Join(words, ",")
}

func (f *flagField) SetText(s string) {
	f.need, f.deny = 0, 0
	for word := range strings.SplitSeq(s, ",") {
		name, not := strings.CutPrefix(word, "!")
		for _, info := range flow.FlagTable {
			switch {
			case !strings.EqualFold(info.Name, name):
			case not:
				f.deny |= info.Flag
			default:
				f.need |= info.Flag
			}
		}
	}
}

func (f *flagField) Update(msg tea.Msg, k *ui.DialogKeys) {
	flag := flow.FlagTable[f.at].Flag
	switch n := len(flow.FlagTable); {
	case ui.Means(msg, k.Right):
		f.at = (f.at + 1) % n
	case ui.Means(msg, k.Left):
		f.at = (f.at + n - 1) % n
	case ui.Means(msg, k.First):
		f.at = 0
	case ui.Means(msg, k.Last):
		f.at = n - 1
	case ui.Means(msg, k.Toggle):
		f.cycle(flag)
	case ui.Means(msg, k.Erase):
		f.need &^= flag
		f.deny &^= flag
	}
}

// cycle goes from "either" to "must be set" to "must not be set" and back.
func (f *flagField) cycle(flag flow.Flags) {
	switch {
	case f.need.Has(flag):
		f.need &^= flag
		f.deny |= flag
	case f.deny.Has(flag):
		f.deny &^= flag
	default:
		f.need |= flag
	}
}

func (f *flagField) View(th *ui.Theme, w int, focused bool, _ ui.Role) string {
	names := 3
	if w < len(flow.FlagTable)*7-1 {
		names = 1
	}
	var b strings.Builder
	for i, info := range flow.FlagTable {
		mark, look := "[ ]", ui.Dim
		switch {
		case f.need.Has(info.Flag):
			mark, look = "[x]", ui.Accent
		case f.deny.Has(info.Flag):
			mark, look = "[!]", ui.Warn
		}
		if focused && i == f.at {
			look = ui.Selected
		}
		b.WriteString(th.Paint(look, mark+info.Name[:names]) + " ")
	}
	return ui.Fill(strings.TrimSuffix(b.String(), " "), w)
}
