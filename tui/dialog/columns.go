package dialog

import (
	"fmt"
	"slices"
	"strconv"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/column"
	"weir/tui/ui"
)

// Columns edits the columns of the flow table: which, in which order, how wide.
type Columns struct {
	keys  columnKeys
	usual []column.Column // default columns in their order; the optional ones follow them
	items []columnItem
	at    ui.List

	preset int // number of the last one chosen; 0: the default
}

type columnItem struct {
	column.Chosen
	shown bool
}

// ColumnsChosenMsg asks to show these columns in this order; none: chosen by the width
// of the window.
type ColumnsChosenMsg struct{ Columns []column.Chosen }

// NewColumns lists the chosen columns, followed by the others: those of usual, which is
// the default columns in their order, and the optional ones. None chosen means the default.
func NewColumns(chosen []column.Chosen, usual []column.Column) *Columns {
	d := &Columns{keys: newColumnKeys(), usual: usual}
	d.list(chosen)
	return d
}

func (d *Columns) list(chosen []column.Chosen) {
	d.items = nil
	for _, c := range chosen {
		d.items = append(d.items, columnItem{c, true})
	}
	for _, c := range d.usual {
		if !slices.ContainsFunc(chosen, func(old column.Chosen) bool { return old.Column == c }) {
			d.items = append(d.items, columnItem{column.Chosen{Column: c}, len(chosen) == 0})
		}
	}
	for _, c := range column.Optional() {
		if !slices.ContainsFunc(chosen, func(old column.Chosen) bool { return old.Column == c }) {
			d.items = append(d.items, columnItem{column.Chosen{Column: c}, false})
		}
	}
	d.at.SetLen(len(d.items))
}

// result returns the shown columns; none if they are the default.
func (d *Columns) result() []column.Chosen {
	var out []column.Chosen
	usual := true
	for i, item := range d.items {
		isUsual := i < len(d.usual)
		usual = usual && item.shown == isUsual && (!isUsual || item.Width == 0 && item.Column == d.usual[i])
		if item.shown {
			out = append(out, item.Chosen)
		}
	}
	if usual {
		return nil
	}
	return out
}

// Update implements [ui.Window].
func (d *Columns) Update(msg tea.Msg) tea.Msg {
	item := &d.items[d.at.Cursor()]
	switch k := &d.keys; {
	case d.at.Update(msg, ui.Motion{Up: k.up, Down: k.down}):
	case ui.Means(msg, k.cancel):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.accept):
		return ColumnsChosenMsg{d.result()}
	case ui.Means(msg, k.toggle):
		if shown := len(d.result()); !item.shown || shown != 1 { // one column has to stay
			item.shown = !item.shown
		}
	case ui.Means(msg, k.earlier):
		d.move(-1)
	case ui.Means(msg, k.later):
		d.move(+1)
	case ui.Means(msg, k.wider):
		d.widen(+1)
	case ui.Means(msg, k.narrower):
		d.widen(-1)
	case ui.Means(msg, k.auto):
		item.Width = 0
	case ui.Means(msg, k.usual):
		d.preset = 0
		d.list(nil)
	case ui.Means(msg, k.presets):
		d.nextPreset()
	}
	return nil
}

// nextPreset chooses the columns of the next preset.
func (d *Columns) nextPreset() {
	presets := column.Presets()
	d.preset = (d.preset + 1) % len(presets)
	var chosen []column.Chosen
	for _, c := range presets[d.preset].Columns {
		chosen = append(chosen, column.Chosen{Column: c})
	}
	d.list(chosen)
	d.at.Go(0)
}

// title returns the title of the window, with the name of the preset.
func (d *Columns) title() string {
	if d.preset == 0 {
		return "Columns"
	}
	return "Columns: " + column.Presets()[d.preset].Name
}

// move swaps the column with its neighbour.
func (d *Columns) move(by int) {
	from := d.at.Cursor()
	d.at.Move(by)
	to := d.at.Cursor()
	d.items[from], d.items[to] = d.items[to], d.items[from]
}

func (d *Columns) widen(by int) {
	item := &d.items[d.at.Cursor()]
	if item.Width == 0 {
		item.Width = column.All[item.Column].Min
	}
	item.Width = column.All[item.Column].InBounds(item.Width + by)
}

// View implements [ui.Window].
func (d *Columns) View(th *ui.Theme, w, h int) string {
	const fixed, titles, widths = 4, 15, 8 // lines of keys, and the width of the columns beside the description
	width := min(max(58, min(88, w-4)), w)
	inner := ui.Inner(width)
	about := max(inner-titles-widths, 0)
	rows := min(max(h-2-fixed, 1), len(d.items))
	lines := make([]string, 0, rows+fixed)
	from, to := d.at.View(rows)
	for i := from; i < to; i++ {
		item := d.items[i]
		sign, mark, wide := "  ", "[ ] ", "auto"
		if i == d.at.Cursor() {
			sign = "> "
		}
		if item.shown {
			mark = "[x] "
		}
		if item.Width > 0 {
			wide = strconv.Itoa(item.Width) + " wide"
		}
		look := ui.Text
		switch {
		case i == d.at.Cursor():
			look = ui.Selected
		case !item.shown:
			look = ui.Dim
		}
		text := ui.Fill(sign+mark+column.All[item.Column].Title, titles) + ui.Fill(ui.Cut(item.Column.About(), about-1), about) + wide
		lines = append(lines, th.Paint(look, ui.Fill(text, inner)))
	}
	place := ""
	if rows < len(d.items) {
		place = th.Paint(ui.Dim, fmt.Sprintf(" columns %d-%d of %d", from+1, to, len(d.items)))
	}
	k := &d.keys
	lines = append(lines, place,
		ui.KeyLine(th, inner, k.toggle, k.earlier, k.later),
		ui.KeyLine(th, inner, k.wider, k.narrower, k.auto, k.presets),
		ui.KeyLine(th, inner, k.accept, k.usual, k.cancel))
	return ui.Box(th, d.title(), lines, width, h)
}

// columnKeys are the keys of the window.
type columnKeys struct {
	up, down, toggle, earlier, later, wider, narrower, auto, usual, presets, accept, cancel key.Binding
}

func newColumnKeys() columnKeys {
	return columnKeys{
		up:       ui.Bind("k ↑", "up", "k", "up"),
		down:     ui.Bind("j ↓", "down", "j", "down"),
		toggle:   ui.Bind("Space", "show or hide", "space"),
		earlier:  ui.Bind("K", "move left", "K", "shift+up"),
		later:    ui.Bind("J", "move right", "J", "shift+down"),
		wider:    ui.Bind("+", "wider", "+", "right", "l"),
		narrower: ui.Bind("-", "narrower", "-", "left", "h"),
		auto:     ui.Bind("0", "auto width", "0"),
		usual:    ui.Bind("u", "default columns", "u"),
		presets:  ui.Bind("p", "next preset", "p"),
		accept:   ui.Bind("Enter", "apply", "enter"),
		cancel:   ui.Bind("Esc", "cancel", "esc", "q"),
	}
}

// Help implements [ui.Window].
func (d *Columns) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Columns", Keys: []key.Binding{
		k.down, k.up, k.toggle, k.earlier, k.later, k.wider, k.narrower, k.auto, k.usual, k.presets, k.accept, k.cancel,
	}}
}
