package dialog

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/input"
	"weir/tui/session"
	"weir/tui/ui"
)

// Palette finds a command by its name or description. The commands without a key take
// the name of a saved search.
type Palette struct {
	keys   ui.DialogKeys
	all    []entry
	input  input.Line
	listed []entry // matching entries
	at     ui.List // in listed
	saved  session.SavedSearches
	loaded bool // saved is loaded
}

// Command is a command of the palette: its name, its keys and its description.
type Command struct{ Name, Key, Help string }

// CommandChosenMsg asks to run the command of this name.
type CommandChosenMsg struct{ Name string }

// OpenChosenMsg asks to open the saved search of this name.
type OpenChosenMsg struct{ Name string }

// SaveChosenMsg asks to save the current search under this name.
type SaveChosenMsg struct{ Name string }

// ForgetChosenMsg asks to delete the saved search of this name.
type ForgetChosenMsg struct{ Name string }

// entry is a line of the palette.
type entry struct {
	name, key, help string
	answer          tea.Msg                   // nil: it takes a name
	named           func(name string) tea.Msg // returns the answer for the name of a search
}

// NewPalette lists commands; searches adds those for saved searches.
func NewPalette(commands []Command, searches bool) *Palette {
	d := &Palette{keys: ui.NewDialogKeys(), input: input.NewLine("")}
	d.keys.Accept.SetHelp("Enter", "run")
	d.keys.Next.SetHelp("Tab", "complete")
	for _, c := range commands {
		d.all = append(d.all, entry{name: c.Name, key: c.Key, help: c.Help, answer: CommandChosenMsg{c.Name}})
	}
	if searches {
		d.all = append(d.all,
			entry{name: openCommand, key: "NAME", help: "open a saved search", named: func(name string) tea.Msg { return OpenChosenMsg{name} }},
			entry{name: saveCommand, key: "NAME", help: "save this search", named: func(name string) tea.Msg { return SaveChosenMsg{name} }},
			entry{name: forgetCommand, key: "NAME", help: "delete a saved search", named: func(name string) tea.Msg { return ForgetChosenMsg{name} }})
	}
	d.list()
	return d
}

// The commands that take the name of a saved search.
const (
	openCommand   = "open"
	saveCommand   = "save"
	forgetCommand = "forget"
)

// result returns the answer of the entry under the cursor; nil: nothing matches, or a
// name is missing.
func (d *Palette) result() tea.Msg {
	if len(d.listed) == 0 {
		return nil
	}
	return d.listed[d.at.Cursor()].answer
}

// know sets the saved searches.
func (d *Palette) know(s session.SavedSearches) {
	cursor := d.at.Cursor()
	d.saved, d.loaded = s, true
	d.list()
	d.at.Go(cursor)
}

// Update implements [ui.Window].
func (d *Palette) Update(msg tea.Msg) tea.Msg {
	if msg, ok := msg.(session.SearchesReadMsg); ok {
		d.know(msg.List)
		return nil
	}
	switch k := &d.keys; {
	case d.at.Update(msg, ui.Motion{Up: k.Up, Down: k.Down}):
	case ui.Means(msg, k.Prev):
		d.at.Move(-1)
	case ui.Means(msg, k.Cancel):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.Accept):
		if answer := d.result(); answer != nil {
			return answer
		}
		d.complete()
	case ui.Means(msg, k.Next):
		d.complete()
	case ui.Means(msg, k.Clear, k.ClearAll):
		d.input.Set("")
		d.list()
	default:
		before := d.input.Value()
		if d.input.Update(msg); d.input.Value() != before {
			d.list()
		}
	}
	return nil
}

// complete inserts the name of the command under the cursor.
func (d *Palette) complete() {
	if len(d.listed) == 0 {
		return
	}
	c := &d.listed[d.at.Cursor()]
	text := c.name
	if c.answer == nil {
		text += " "
	}
	d.input.Set(text)
	d.list()
}

// list updates the list and moves the cursor to its first row.
func (d *Palette) list() {
	d.listed = d.matching()
	d.at.Reset(len(d.listed))
}

// matching returns the entries whose names begin with the typed text, then those whose
// names contain it, then those whose descriptions do.
func (d *Palette) matching() []entry {
	if word, name, ok := strings.Cut(strings.TrimLeft(d.input.Value(), " "), " "); ok {
		for i := range d.all {
			if c := &d.all[i]; c.named != nil && strings.EqualFold(c.name, word) {
				return d.named(c, strings.TrimPrefix(strings.TrimSpace(name), "@"))
			}
		}
	}
	want := strings.ToLower(strings.TrimSpace(d.input.Value()))
	return ranked(d.all, func(c *entry) int {
		switch {
		case strings.HasPrefix(c.name, want):
			return 0
		case strings.Contains(c.name, want):
			return 1
		case strings.Contains(strings.ToLower(c.help), want):
			return 2
		}
		return -1
	})
}

// ranked returns the entries with a rank from 0 to 2, by rank.
func ranked(all []entry, rank func(*entry) int) []entry {
	var list []entry
	for r := range 3 {
		for i := range all {
			if rank(&all[i]) == r {
				list = append(list, all[i])
			}
		}
	}
	return list
}

// named returns a command with each possible name: those of saved searches, and the
// typed one if it is to be saved.
func (d *Palette) named(c *entry, typed string) []entry {
	with := func(name, help string) entry {
		return entry{name: c.name + " " + name, help: help, answer: c.named(name)}
	}
	var list []entry
	if typed != "" && (c.name == saveCommand && d.saved.Find(typed) == nil || !d.loaded) {
		list = append(list, with(typed, c.help))
	}
	for _, s := range d.saved {
		help := s.Text
		if c.name == saveCommand {
			help = "replaces " + s.Text
		}
		if strings.HasPrefix(strings.ToLower(s.Name), strings.ToLower(typed)) {
			list = append(list, with(s.Name, help))
		}
	}
	return list
}

// empty returns why nothing is listed.
func (d *Palette) empty() string {
	word, _, named := strings.Cut(strings.TrimLeft(d.input.Value(), " "), " ")
	switch {
	case named && strings.EqualFold(word, saveCommand):
		return "Type a name for this search: letters, digits, dots, hyphens."
	case named && d.loaded && len(d.saved) == 0:
		return "No saved searches yet: save NAME saves the current one."
	case named && !d.loaded:
		return "Reading the saved searches ..."
	}
	return "Nothing matches; ^u clears."
}

// The size of the window in terminal columns and lines.
const (
	paletteWidth = 72
	paletteRows  = 14
	paletteName  = 14
	paletteKey   = 11
)

// View implements [ui.Window].
func (d *Palette) View(th *ui.Theme, w, h int) string {
	width := min(paletteWidth, w)
	inner := ui.Inner(width)
	rows := min(max(h-2-3, 1), paletteRows)
	from, to := d.at.View(rows)
	names := paletteName
	for i := range d.listed {
		names = max(names, min(ui.Width(d.listed[i].name)+2, inner/2))
	}
	lines := []string{th.Paint(ui.Accent, ":") + d.input.View(th, inner-1, true, ui.Input)}
	for i := from; i < to; i++ {
		c := &d.listed[i]
		text := ui.Fill(" "+ui.Safe(c.name), names-1) + " " + ui.Safe(c.help)
		if c.key != "" {
			text = ui.Fill(" "+c.name, names-1) + " " + ui.Fill(c.key, paletteKey) + c.help
		}
		look := ui.Text
		if i == d.at.Cursor() {
			look = ui.Selected
		}
		lines = append(lines, th.Paint(look, ui.Fill(text, inner)))
	}
	if len(d.listed) == 0 {
		lines = append(lines, th.Paint(ui.Warn, d.empty()))
	}
	for len(lines) < 1+rows { // the window keeps its size during typing
		lines = append(lines, "")
	}
	lines = append(lines, "", ui.KeyLine(th, inner, d.keys.Accept, d.keys.Next, d.keys.Clear, d.keys.Cancel))
	return ui.Box(th, "Commands", ui.Squeeze(lines, 1, h-2), width, h)
}

// Help implements [ui.Window].
func (d *Palette) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Commands", Keys: []key.Binding{
		ui.Said(k.Accept, "run the selected command"), ui.Said(k.Next, "complete its name"), k.Up, k.Down, ui.Said(k.Clear, "clear"), ui.Said(k.Cancel, "close"),
	}}
}
