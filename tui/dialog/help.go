package dialog

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// Help lists the keys that work where it was opened. Its text is generated from the
// bindings.
type Help struct {
	keys   ui.ListKeys
	groups []ui.KeyGroup
	signs  bool // explain the signs of the flow table
	scroll ui.Scroll

	lines []string  // the whole text, drawn with th
	th    *ui.Theme // of lines; nil: not drawn yet
}

// NewHelp explains groups of keys; the title of the first one is that of the help. signs
// adds the signs of the flow table.
func NewHelp(groups []ui.KeyGroup, signs bool) *Help {
	return &Help{keys: ui.NewListKeys(), groups: groups, signs: signs, scroll: ui.Scroll{Page: helpPage}}
}

// Update implements [ui.Window].
func (d *Help) Update(msg tea.Msg) tea.Msg {
	if ui.Means(msg, d.keys.Cancel, d.keys.Choose) {
		return ui.ClosedMsg{}
	}
	d.scroll.Update(msg, d.keys.Motion())
	return nil
}

// Help implements [ui.Window].
func (d *Help) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Help", Keys: []key.Binding{k.Down, k.Up, k.PageDown, k.PageUp, k.Cancel}}
}

const (
	keyWidth = 11 // minimum column of the descriptions
	helpPage = 10 // lines scrolled by PgDn
)

// View implements [ui.Window].
func (d *Help) View(th *ui.Theme, w, h int) string {
	if d.th != th {
		d.th, d.lines = th, d.text(th)
	}
	shown := d.scroll.View(d.lines, h-4)
	title := "Keys: " + strings.ToLower(d.groups[0].Title)
	if d.scroll.Over() {
		title += " (j k scroll, Esc closes)"
	}
	return ui.Box(th, title, shown, min(w-2, 72), h)
}

// text returns all lines of the help.
func (d *Help) text(th *ui.Theme) []string {
	wide := keyWidth
	for _, g := range d.groups {
		for _, b := range g.Keys {
			wide = max(wide, ui.Width(b.Help().Key)+2)
		}
	}
	var lines []string
	for i, g := range d.groups {
		if i > 0 {
			lines = append(lines, "", th.Paint(ui.Header, g.Title))
		}
		lines = append(lines, ui.KeyTable(th, wide, g.Keys)...)
	}
	if d.signs {
		line := func(sign, means string) string { return ui.Fill(" "+sign, wide) + " " + th.Paint(ui.Dim, means) }
		lines = append(lines, "", th.Paint(ui.Header, "Signs"), line("x", "refused, reset or unreachable"), line("?", "no answer"),
			line("CEUAPRSF", "flags: CWR ECE URG ACK PSH RST SYN FIN"))
	}
	return lines
}
