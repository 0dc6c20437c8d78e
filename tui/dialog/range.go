package dialog

import (
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// RangeChosenMsg asks to show the flows of this time range.
type RangeChosenMsg struct{ Range search.Range }

// Range is the list of preset time ranges, with a line for any other.
type Range struct {
	keys    rangeKeys
	choices []rangeChoice
	env     input.Env
	at      ui.List
	line    input.Line // what is typed; empty: the list is used
	err     error      // why the line is no time range
}

type rangeChoice struct {
	text string // as in the line
	search.Range
}

// NewRange lists the presets, and the current time range if it is not one.
func NewRange(now search.Range, env input.Env) *Range {
	d := &Range{keys: newRangeKeys(), env: env, line: input.NewLine("")}
	for _, last := range input.RangePresets {
		d.choices = append(d.choices, rangeChoice{input.SpanText(last), search.Range{Last: last}})
	}
	for _, day := range []string{"today", "yesterday", "all"} {
		if r, err := search.ParseSpan(day, env.Now, env.Loc); err == nil {
			d.choices = append(d.choices, rangeChoice{day, r})
		}
	}
	isNow := func(c rangeChoice) bool {
		return c.Last == now.Last && c.From.Equal(now.From) && c.To.Equal(now.To)
	}
	if !slices.ContainsFunc(d.choices, isNow) {
		d.choices = append(d.choices, rangeChoice{Range: now})
	}
	d.at.Wrap = true
	d.at.SetLen(len(d.choices))
	d.at.Go(slices.IndexFunc(d.choices, isNow))
	return d
}

// Update implements [ui.Window].
func (d *Range) Update(msg tea.Msg) tea.Msg {
	k := &d.keys
	typed := d.line.Value() != ""
	switch {
	case ui.Means(msg, k.cancel) && (!typed || !ui.Means(msg, k.letters)):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.choose):
		return d.choose()
	case ui.Means(msg, k.complete):
		d.complete()
	case (!typed || !ui.Means(msg, k.letters)) && d.at.Update(msg, ui.Motion{Up: k.up, Down: k.down}):
		d.line.Set("")
	default:
		d.line.Update(msg)
	}
	d.check()
	return nil
}

// choose answers with the typed range, or with the selected one.
func (d *Range) choose() tea.Msg {
	text := strings.TrimSpace(d.line.Value())
	if text == "" {
		return RangeChosenMsg{d.choices[d.at.Cursor()].Range}
	}
	r, err := search.ParseSpan(text, d.env.Now, d.env.Loc)
	if d.err = err; err != nil {
		return nil
	}
	return RangeChosenMsg{r}
}

func (d *Range) check() {
	d.err = nil
	if text := strings.TrimSpace(d.line.Value()); text != "" {
		_, d.err = search.ParseSpan(text, d.env.Now, d.env.Loc)
	}
}

// complete completes the name of a day. In an empty line it puts the selected range, to be changed.
func (d *Range) complete() {
	text := d.line.Value()
	if text == "" {
		d.line.Set(d.choices[d.at.Cursor()].text)
		return
	}
	head, word := text[:strings.LastIndexByte(text, ' ')+1], strings.ToLower(text[strings.LastIndexByte(text, ' ')+1:])
	days := []string{"today", "yesterday"}
	for day := time.Sunday; day <= time.Saturday; day++ {
		days = append(days, strings.ToLower(day.String()))
	}
	for _, day := range append(days, "all", "last", "since", "until") {
		if word != "" && strings.HasPrefix(day, word) {
			d.line.Set(head + day + " ")
			return
		}
	}
}

// View implements [ui.Window].
func (d *Range) View(th *ui.Theme, w, h int) string {
	const width, fixed = 62, 7
	inner := ui.Inner(min(width, w))
	typed := d.line.Value() != ""
	from, to := d.at.View(max(h-fixed, 1))
	lines := make([]string, 0, to-from+fixed-2)
	for i := from; i < to; i++ {
		text := " " + input.RangeTexts(d.choices[i].Range, d.env.Loc)[0]
		if day := d.choices[i].text; day == "today" || day == "yesterday" {
			text = " " + day
		}
		look := ui.Text
		if i == d.at.Cursor() && !typed {
			text, look = ">"+text[1:], ui.Selected
		}
		lines = append(lines, th.Paint(look, ui.Fill(text, inner)))
	}
	said, look := "as in yesterday 14-15, 9:30-10, 2026-11-20", ui.Dim
	if r, err := search.ParseSpan(d.line.Value(), d.env.Now, d.env.Loc); typed && d.err != nil {
		said, look = ui.OneLine(d.err), ui.Bad
	} else if typed && err == nil {
		said = input.RangeTexts(r, d.env.Loc)[0]
	}
	const label = " other: "
	lines = append(lines, "", th.Paint(ui.Text, label)+d.line.View(th, max(inner-len(label), 1), true, ui.Text), th.Paint(look, ui.Cut(" "+said, inner)),
		ui.KeyLine(th, inner, d.keys.choose, d.keys.complete, d.keys.cancel))
	return ui.Box(th, "Time range", lines, min(width, w), h)
}

// rangeKeys are the keys of the window. Those of letters are typed once the line has text: no range begins
// with one of them.
type rangeKeys struct{ up, down, letters, choose, complete, cancel key.Binding }

func newRangeKeys() rangeKeys {
	return rangeKeys{
		up:       ui.Bind("k ↑", "up", "k", "up"),
		down:     ui.Bind("j ↓", "down", "j", "down", "r"),
		letters:  ui.Bind("j k q ?", "typed in the line", "j", "k", "r", "q", "?"),
		choose:   ui.Bind("Enter", "show this range", "enter"),
		complete: ui.Bind("Tab", "complete", "tab"),
		cancel:   ui.Bind("Esc", "cancel", "esc", "q", "?"),
	}
}

// Help implements [ui.Window].
func (d *Range) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Time range", Keys: []key.Binding{k.down, k.up, k.choose, ui.Said(k.complete, "complete a day; in an empty line: change the selected range"), k.cancel}}
}
