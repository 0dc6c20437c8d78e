package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/ui"
)

// rangeDialog is the list of usual time ranges. The advanced search sets others.
type rangeDialog struct {
	keys    ui.ListKeys
	choices []search.Range
	env     dialogEnv
	cur     int
}

func newRangeDialog(now search.Range, env dialogEnv, keys ui.ListKeys) *rangeDialog {
	d := &rangeDialog{keys: keys, env: env}
	for _, last := range append(rangePresets[:], 24*time.Hour) {
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

func (d *rangeDialog) result() search.Range { return d.choices[d.cur] }

func (d *rangeDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, stay
	}
	n := len(d.choices)
	switch {
	case key.Matches(press, d.keys.Choose):
		return nil, accepted
	case key.Matches(press, d.keys.Cancel):
		return nil, canceled
	case key.Matches(press, d.keys.Down):
		d.cur = (d.cur + 1) % n
	case key.Matches(press, d.keys.Up):
		d.cur = (d.cur + n - 1) % n
	}
	return nil, stay
}

func (d *rangeDialog) view(th *ui.Theme, w, h int) string {
	const width = 38
	lines := make([]string, 0, len(d.choices)+2)
	for i, r := range d.choices {
		text := " " + rangeTexts(r, d.env.loc)[0]
		look := ui.Text
		if i == d.cur {
			text, look = ">"+text[1:], ui.Selected
		}
		lines = append(lines, th.Paint(look, ui.Fill(text, ui.Inner(width))))
	}
	lines = append(lines, "", th.Paint(ui.Dim, "Enter apply  Esc keep  f any other"))
	return ui.Box(th, "Time range", lines, min(width, w), h)
}
