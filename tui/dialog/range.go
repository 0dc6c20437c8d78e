package dialog

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// RangeChosenMsg asks to show the flows of this time range.
type RangeChosenMsg struct{ Range search.Range }

// Range is the list of preset time ranges. The advanced search sets any other.
type Range struct {
	keys    ui.ListKeys
	choices []search.Range
	env     input.Env
	at      ui.List
}

// NewRange lists the presets, and the current time range if it is not one.
func NewRange(now search.Range, env input.Env) *Range {
	d := &Range{keys: ui.NewListKeys(), env: env}
	for _, last := range append(input.RangePresets[:], 24*time.Hour) {
		d.choices = append(d.choices, search.Range{Last: last})
	}
	d.choices = append(d.choices, search.Range{})
	if !slices.Contains(d.choices, now) { // not a preset
		d.choices = append(d.choices, now)
	}
	d.at.Wrap = true
	d.at.SetLen(len(d.choices))
	d.at.Go(slices.Index(d.choices, now))
	return d
}

// Update implements [ui.Window].
func (d *Range) Update(msg tea.Msg) tea.Msg {
	switch k := &d.keys; {
	case d.at.Update(msg, ui.Motion{Up: k.Up, Down: k.Down}):
	case ui.Means(msg, k.Choose):
		return RangeChosenMsg{d.choices[d.at.Cursor()]}
	case ui.Means(msg, k.Cancel):
		return ui.ClosedMsg{}
	}
	return nil
}

// View implements [ui.Window].
func (d *Range) View(th *ui.Theme, w, h int) string {
	const width, fixed = 38, 4
	from, to := d.at.View(h - fixed)
	lines := make([]string, 0, len(d.choices)+2)
	for i := from; i < to; i++ {
		text := " " + input.RangeTexts(d.choices[i], d.env.Loc)[0]
		look := ui.Text
		if i == d.at.Cursor() {
			text, look = ">"+text[1:], ui.Selected
		}
		lines = append(lines, th.Paint(look, ui.Fill(text, ui.Inner(width))))
	}
	lines = append(lines, "", th.Paint(ui.Dim, "Enter apply  Esc cancel"))
	return ui.Box(th, "Time range", lines, min(width, w), h)
}

// Help implements [ui.Window].
func (d *Range) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Time range", Keys: []key.Binding{k.Down, k.Up, ui.Said(k.Choose, "show this range"), ui.Said(k.Cancel, "cancel")}}
}
