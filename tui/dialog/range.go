package dialog

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// RangeChosenMsg: flows of this range are to be shown.
type RangeChosenMsg struct{ Range search.Range }

// Range is the list of usual time ranges. The advanced search sets others.
type Range struct {
	keys    ui.ListKeys
	choices []search.Range
	env     input.Env
	cur     int
}

func NewRange(now search.Range, env input.Env) *Range {
	d := &Range{keys: ui.NewListKeys(), env: env}
	for _, last := range append(input.RangePresets[:], 24*time.Hour) {
		d.choices = append(d.choices, search.Range{Last: last})
	}
	d.choices = append(d.choices, search.Range{})
	for i, r := range d.choices {
		if r == now {
			d.cur = i
			return d
		}
	}
	d.cur = len(d.choices)
	d.choices = append(d.choices, now) // one of the reader's own
	return d
}

func (d *Range) Update(msg tea.Msg) tea.Msg {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	n := len(d.choices)
	switch {
	case key.Matches(press, d.keys.Choose):
		return RangeChosenMsg{d.choices[d.cur]}
	case key.Matches(press, d.keys.Cancel):
		return ui.ClosedMsg{}
	case key.Matches(press, d.keys.Down):
		d.cur = (d.cur + 1) % n
	case key.Matches(press, d.keys.Up):
		d.cur = (d.cur + n - 1) % n
	}
	return nil
}

func (d *Range) View(th *ui.Theme, w, h int) string {
	const width = 38
	lines := make([]string, 0, len(d.choices)+2)
	for i, r := range d.choices {
		text := " " + input.RangeTexts(r, d.env.Loc)[0]
		look := ui.Text
		if i == d.cur {
			text, look = ">"+text[1:], ui.Selected
		}
		lines = append(lines, th.Paint(look, ui.Fill(text, ui.Inner(width))))
	}
	lines = append(lines, "", th.Paint(ui.Dim, "Enter apply  Esc keep  f any other"))
	return ui.Box(th, "Time range", lines, min(width, w), h)
}

func (d *Range) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Time range", Keys: []key.Binding{k.Down, k.Up, ui.Said(k.Choose, "show this range"), ui.Said(k.Cancel, "keep the range")}}
}
