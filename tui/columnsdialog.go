package tui

import (
	"slices"
	"strconv"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// columnsDialog chooses the columns of the table: which, in which order, how wide.
type columnsDialog struct {
	keys  columnKeys
	items []columnItem
	cur   int
	top   int // first item on the screen
}

type columnItem struct {
	chosenColumn
	shown bool
}

// newColumnsDialog lists the chosen columns and behind them the others; none
// chosen means those of a wide window.
func newColumnsDialog(chosen []chosenColumn, keys columnKeys) *columnsDialog {
	d := &columnsDialog{keys: keys}
	for _, c := range chosen {
		d.items = append(d.items, columnItem{c, true})
	}
	for _, c := range wideOrder {
		if !slices.ContainsFunc(chosen, func(old chosenColumn) bool { return old.col == c }) {
			d.items = append(d.items, columnItem{chosenColumn{col: c}, len(chosen) == 0})
		}
	}
	return d
}

// result is the shown columns, or none if they are those of a wide window.
func (d *columnsDialog) result() []ColumnSetting {
	var out []ColumnSetting
	usual := true
	for i, item := range d.items {
		usual = usual && item.shown && item.width == 0 && item.col == wideOrder[i]
		if item.shown {
			out = append(out, ColumnSetting{columns[item.col].name, item.width})
		}
	}
	if usual {
		return nil
	}
	return out
}

func (d *columnsDialog) update(msg tea.Msg) (tea.Cmd, outcome) {
	item := &d.items[d.cur]
	switch k := &d.keys; {
	case means(msg, k.cancel):
		return nil, canceled
	case means(msg, k.accept):
		return nil, accepted
	case means(msg, k.up):
		d.cur = max(d.cur-1, 0)
	case means(msg, k.down):
		d.cur = min(d.cur+1, len(d.items)-1)
	case means(msg, k.toggle):
		if shown := len(d.result()); !item.shown || shown != 1 { // one column has to stay
			item.shown = !item.shown
		}
	case means(msg, k.earlier):
		d.move(-1)
	case means(msg, k.later):
		d.move(+1)
	case means(msg, k.wider):
		d.widen(+1)
	case means(msg, k.narrower):
		d.widen(-1)
	case means(msg, k.auto):
		item.width = 0
	case means(msg, k.usual):
		d.items = newColumnsDialog(nil, d.keys).items
	}
	return nil, stay
}

// move swaps the column with its neighbour.
func (d *columnsDialog) move(by int) {
	to := d.cur + by
	if to >= 0 && to < len(d.items) {
		d.items[d.cur], d.items[to] = d.items[to], d.items[d.cur]
		d.cur = to
	}
}

func (d *columnsDialog) widen(by int) {
	item := &d.items[d.cur]
	if item.width == 0 {
		item.width = columns[item.col].min
	}
	item.width = columns[item.col].inBounds(item.width + by)
}

func (d *columnsDialog) view(th *theme, w, h int) string {
	const width, fixed = 58, 4
	inner := boxInner(min(width, w))
	rows := min(max(h-2-fixed, 1), len(d.items))
	d.top = max(min(d.top, d.cur), d.cur-rows+1)
	lines := make([]string, 0, rows+fixed)
	for i := d.top; i < d.top+rows; i++ {
		item := d.items[i]
		sign, mark, wide := "  ", "[ ] ", "as needed"
		if i == d.cur {
			sign = "> "
		}
		if item.shown {
			mark = "[x] "
		}
		if item.width > 0 {
			wide = strconv.Itoa(item.width) + " wide"
		}
		look := roleText
		switch {
		case i == d.cur:
			look = roleSelected
		case !item.shown:
			look = roleDim
		}
		text := boxFill(sign+mark+columns[item.col].title, 15) + boxFill(item.col.about(), 28) + wide
		lines = append(lines, th.paint(look, boxFill(text, inner)))
	}
	k := &d.keys
	lines = append(lines, "",
		keyLine(th, inner, k.toggle, k.earlier, k.later),
		keyLine(th, inner, k.wider, k.narrower, k.auto),
		keyLine(th, inner, k.accept, k.usual, k.cancel))
	return drawBox(th, "Columns", lines, min(width, w), h)
}

// columnKeys work in the columns dialog.
type columnKeys struct {
	up, down, toggle, earlier, later, wider, narrower, auto, usual, accept, cancel key.Binding
}

func newColumnKeys() columnKeys {
	return columnKeys{
		up:       bind("k ↑", "up", "k", "up"),
		down:     bind("j ↓", "down", "j", "down"),
		toggle:   bind("Space", "show or hide", "space"),
		earlier:  bind("K", "further left", "K", "shift+up"),
		later:    bind("J", "further right", "J", "shift+down"),
		wider:    bind("+", "wider", "+", "right", "l"),
		narrower: bind("-", "narrower", "-", "left", "h"),
		auto:     bind("0", "as wide as needed", "0"),
		usual:    bind("u", "the usual columns", "u"),
		accept:   bind("Enter", "apply", "enter"),
		cancel:   bind("Esc", "cancel", "esc", "q"),
	}
}
