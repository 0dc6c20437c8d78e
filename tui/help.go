package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// helpDialog lists the keys that work where it was opened. Its text comes from
// the bindings themselves.
type helpDialog struct {
	keys   ui.ListKeys
	groups []ui.KeyGroup
	signs  bool // of the table
	top    int  // first visible line
	most   int  // last value of top that makes sense, known since it was drawn
}

// openHelp explains the keys of what is on top: a dialog, the filter line, or
// the present place.
func (m *model) openHelp() tea.Cmd {
	h := &helpDialog{keys: m.keys.list}
	switch {
	case m.dialog != nil:
		h.groups = []ui.KeyGroup{m.dialog.help()}
	case m.line.editing:
		h.groups = []ui.KeyGroup{m.keys.line.help()}
	default:
		h.groups, h.signs = m.keys.groupsAt(m.place), m.place == atFlows
	}
	m.help, m.box.of = h, nil
	return nil
}

// asksHelp reports whether the key opens the help over a dialog or the filter
// line: one that types nothing, so that it can't be missed in a text.
func (m *model) asksHelp(msg tea.Msg) bool {
	press, ok := msg.(tea.KeyPressMsg)
	return ok && m.help == nil && press.Text == "" && key.Matches(press, m.keys.help)
}

// helpHint is the first of the help's keys that works over a dialog, as it is shown.
func (m *model) helpHint() string {
	for _, name := range m.keys.help.Keys() {
		if len([]rune(name)) > 1 {
			return shownKeys([]string{name})
		}
	}
	return ""
}

func (d *helpDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, stay
	}
	const page = 10
	if key.Matches(press, d.keys.Cancel, d.keys.Choose) {
		return nil, canceled
	}
	d.top = min(max(d.top+d.keys.Scroll(press, page), 0), d.most)
	return nil, stay
}

func (d *helpDialog) help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Help", Keys: []key.Binding{k.Down, k.Up, k.PageDown, k.PageUp, k.Cancel}}
}

// keyWidth is the least column of the explanations.
const keyWidth = 11

func (d *helpDialog) view(th *ui.Theme, w, h int) string {
	width := min(w-2, 72)
	wide := keyWidth
	for _, g := range d.groups {
		for _, b := range g.Keys {
			wide = max(wide, ui.Width(b.Help().Key)+2)
		}
	}
	line := func(name, does string) string { return ui.Fill(" "+name, wide) + " " + th.Paint(ui.Dim, does) }
	var lines []string
	for i, g := range d.groups {
		if i > 0 {
			lines = append(lines, "", th.Paint(ui.Header, g.Title))
		}
		for _, b := range g.Keys {
			if b.Enabled() {
				lines = append(lines, line(b.Help().Key, b.Help().Desc))
			}
		}
	}
	if d.signs {
		lines = append(lines, "", th.Paint(ui.Header, "Signs"), line("x", "refused, reset or unreachable"), line("?", "no answer"),
			line("CEUAPRSF", "flags: CWR ECE URG ACK PSH RST SYN FIN"))
	}
	room := max(h-4, 1)
	d.most = max(len(lines)-room, 0)
	d.top = min(d.top, d.most)
	title := "Keys: " + strings.ToLower(d.groups[0].Title)
	if d.most > 0 {
		title += " (j k scroll, Esc closes)"
	}
	return ui.Box(th, title, lines[d.top:min(d.top+room, len(lines))], width, h)
}
