package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// helpDialog lists all keys. Its text comes from the bindings themselves.
type helpDialog struct {
	keys   listKeys
	groups []keyGroup
	top    int // first visible line
	most   int // last value of top that makes sense, known since it was drawn
}

func newHelpDialog(k *keyMap) *helpDialog {
	return &helpDialog{keys: k.list, groups: k.keyGroups()}
}

func (d *helpDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, stay
	}
	const page = 10
	switch {
	case key.Matches(press, d.keys.cancel), key.Matches(press, d.keys.choose):
		return nil, canceled
	case key.Matches(press, d.keys.down):
		d.top++
	case key.Matches(press, d.keys.up):
		d.top--
	case key.Matches(press, d.keys.pageDown):
		d.top += page
	case key.Matches(press, d.keys.pageUp):
		d.top -= page
	}
	d.top = min(max(d.top, 0), d.most)
	return nil, stay
}

// keyWidth is the column of the explanations.
const keyWidth = 11

func (d *helpDialog) view(th *theme, w, h int) string {
	width := min(w-2, 72)
	var lines []string
	for i, g := range d.groups {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, th.paint(roleHeader, g.title))
		for _, b := range g.keys {
			lines = append(lines, boxFill(" "+b.Help().Key, keyWidth)+" "+th.paint(roleDim, b.Help().Desc))
		}
	}
	lines = append(lines, "", th.paint(roleHeader, "Signs"),
		boxFill(" x", keyWidth)+" "+th.paint(roleDim, "refused, reset or unreachable"),
		boxFill(" ?", keyWidth)+" "+th.paint(roleDim, "no answer"),
		boxFill(" CEUAPRSF", keyWidth)+" "+th.paint(roleDim, "flags: CWR ECE URG ACK PSH RST SYN FIN"))
	room := max(h-4, 1)
	d.most = max(len(lines)-room, 0)
	d.top = min(d.top, d.most)
	title := "Keys"
	if d.most > 0 {
		title = "Keys (j k scroll, Esc closes)"
	}
	return drawBox(th, title, lines[d.top:min(d.top+room, len(lines))], width, h)
}
