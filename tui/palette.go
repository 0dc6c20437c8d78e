package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// paletteDialog finds a command by its name or by what it does.
type paletteDialog struct {
	keys   dialogKeys
	all    []command
	input  lineInput
	listed []int // indexes into all that match
	cur    int   // index into listed
	top    int
}

func newPaletteDialog(groups []commandGroup) *paletteDialog {
	d := &paletteDialog{keys: newDialogKeys(), input: newLineInput("")}
	d.keys.accept.SetHelp("Enter", "do it")
	d.keys.next.SetHelp("Tab", "complete")
	for _, g := range groups {
		if g.title != moveTitle { // nobody types to move
			d.all = append(d.all, g.commands...)
		}
	}
	d.list()
	return d
}

// result is the chosen command; false: nothing matches.
func (d *paletteDialog) result() (command, bool) {
	if len(d.listed) == 0 {
		return command{}, false
	}
	return d.all[d.listed[d.cur]], true
}

func (d *paletteDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	switch k := &d.keys; {
	case means(msg, k.cancel):
		return nil, canceled
	case means(msg, k.accept):
		if _, ok := d.result(); ok {
			return nil, accepted
		}
	case means(msg, k.up, k.prev):
		d.cur = max(d.cur-1, 0)
	case means(msg, k.down):
		d.cur = min(d.cur+1, max(len(d.listed)-1, 0))
	case means(msg, k.next):
		d.complete()
	case means(msg, k.clear, k.clearAll):
		d.input.set("")
		d.list()
	default:
		before := d.input.value()
		if d.input.update(msg); d.input.value() != before {
			d.list()
		}
	}
	return nil, stay
}

// complete types the name of the command under the cursor.
func (d *paletteDialog) complete() {
	if c, ok := d.result(); ok {
		d.input.set(c.name)
		d.list()
	}
}

// list finds what matches: names that begin with what was typed come first,
// then names that hold it, then descriptions.
func (d *paletteDialog) list() {
	want := strings.ToLower(strings.TrimSpace(d.input.value()))
	d.listed, d.cur, d.top = d.listed[:0], 0, 0
	rank := func(c *command) int {
		switch {
		case strings.HasPrefix(c.name, want):
			return 0
		case strings.Contains(c.name, want):
			return 1
		case strings.Contains(strings.ToLower(c.keys.Help().Desc), want):
			return 2
		}
		return -1
	}
	for r := range 3 {
		for i := range d.all {
			if rank(&d.all[i]) == r {
				d.listed = append(d.listed, i)
			}
		}
	}
}

// The palette, in columns and lines.
const (
	paletteWidth = 72
	paletteRows  = 14
	paletteName  = 14
	paletteKey   = 11
)

func (d *paletteDialog) view(th *theme, w, h int) string {
	width := min(paletteWidth, w)
	inner := boxInner(width)
	rows := min(max(h-2-3, 1), paletteRows)
	d.top = max(min(d.top, d.cur), d.cur-rows+1)
	lines := []string{th.paint(roleAccent, ":") + d.input.view(th, inner-1, true, roleInput)}
	for i := d.top; i < d.top+rows; i++ {
		if i >= len(d.listed) {
			text := ""
			if i == 0 {
				text = th.paint(roleWarn, "No command matches; ^u clears.")
			}
			lines = append(lines, text)
			continue
		}
		c := &d.all[d.listed[i]]
		text := boxFill(" "+c.name, paletteName) + boxFill(c.keys.Help().Key, paletteKey) + c.keys.Help().Desc
		look := roleText
		if i == d.cur {
			look = roleSelected
		}
		lines = append(lines, th.paint(look, boxFill(text, inner)))
	}
	lines = append(lines, "", keyLine(th, inner, d.keys.accept, d.keys.next, d.keys.clear, d.keys.cancel))
	return drawBox(th, "Commands", boxSqueeze(lines, 1, h-2), width, h)
}
