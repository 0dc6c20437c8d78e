package keys

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// Binding is the keys of a command, with a description.
type Binding struct {
	Command Command
	key.Binding
}

// Group is a section of the help.
type Group struct {
	Title    string
	Bindings []Binding
}

// MoveTitle is the title of the commands that move the cursor.
const MoveTitle = "Move"

// Map is the keys of all commands, and those of the filter line. The letters A B C D
// and O and the brackets are never bound: over a slow link an arrow key arrives as
// Esc, "[" and one of them.
type Map struct {
	Groups []Group
	Line   LineKeys
}

// LineKeys are the keys of the filter line, apart from those for editing.
type LineKeys struct{ Apply, Cancel, Complete, Older, Newer key.Binding }

// New returns the default keys.
func New() *Map {
	return &Map{
		Groups: []Group{
			{MoveTitle, moveKeys()}, {"Watch", watchKeys()}, {"Screens", screenKeys()},
			{"Display", lookKeys()}, {"Search", searchKeys()}, {"Exit", leaveKeys()},
		},
		Line: newLineKeys(),
	}
}

func bind(c Command, shown, does string, names ...string) Binding {
	return Binding{c, ui.Bind(shown, does, names...)}
}

func moveKeys() []Binding {
	return []Binding{
		bind(Down, "j ↓", "one flow down; stops following", "j", "down"),
		bind(Up, "k ↑", "one flow up", "k", "up"),
		bind(PageDown, "PgDn", "one page down; loads more flows", "pgdown"),
		bind(PageUp, "PgUp", "one page up", "pgup"),
		bind(HalfDown, "^d", "half a page down", "ctrl+d"),
		bind(HalfUp, "^u", "half a page up", "ctrl+u"),
		bind(Top, "g Home", "first flow; follow again", "g", "home"),
		bind(Bottom, "G", "last loaded flow", "G"),
		bind(Left, "h ←", "column or time to the left", "h", "left"),
		bind(Right, "l →", "column or time to the right", "l", "right"),
		bind(FirstColumn, "0", "first column", "0"),
		bind(LastColumn, "$", "last column", "$"),
	}
}

func watchKeys() []Binding {
	return []Binding{
		bind(Pause, "p", "pause or resume the view; capture continues", "p"),
		bind(Follow, "F End", "follow again", "F", "end"),
		bind(Details, "Enter", "details of the flow; flows of the talker or the time span", "enter"),
		bind(Conversation, "x", "follow the conversation across nodes and NAT", "x"),
		bind(Flags, "t", "decode TCP flags", "t"),
		bind(Export, "e", "export the view to a CSV file", "e"),
		bind(ExportAs, "E", "export: format, columns, path, all matches", "E"),
		bind(Sort, "s", "sort by this column; again: undo", "s"),
		bind(Reverse, "S", "reverse the sort order", "S"),
		bind(Mark, "Space", "mark the flow and move down; in the timeline: start a time span", "space"),
		bind(Yank, "y", "copy the flow, part of it, or the command for this view", "y"),
		bind(Columns, "c", "columns: choose, move, resize", "c"),
	}
}

func screenKeys() []Binding {
	return []Binding{
		bind(Flows, "1", "flows", "1"),
		bind(Talkers, "2", "talkers: sums by source, destination, pair, port, verdict and more", "2"),
		bind(Timeline, "3", "timeline: flows and bytes over time", "3"),
		bind(Health, "4", "health: counters, losses, packets not counted as flows", "4"),
		bind(Aggregate, "a", "group by this column; again: next grouping", "a"),
	}
}

func lookKeys() []Binding {
	return []Binding{
		bind(Names, "d", "show host names or addresses", "d"),
		bind(Services, "P", "show service names or port numbers", "P"),
		bind(Theme, "T", "next theme", "T"),
		bind(Mouse, "M", "mouse on or off (off: select text)", "M"),
		bind(Plain, "L", "plain text, to select with the mouse", "L"),
	}
}

func searchKeys() []Binding {
	return []Binding{
		bind(Filter, "/", "edit the filter", "/"),
		bind(Search, "f", "advanced search", "f"),
		bind(Include, "=", "only flows with this value, or of this talker", "="),
		bind(Exclude, "!", "exclude flows with this value", "!"),
		bind(Drop, "Backspace", "drop the last term of the filter", "backspace"),
		bind(Range, "r", "time range", "r"),
		bind(Order, "o", "newest or oldest first", "o"),
		bind(Nodes, "n", "nodes and groups of nodes", "n"),
		bind(NodesBack, "N", "previous set of nodes", "N"),
	}
}

func leaveKeys() []Binding {
	return []Binding{
		bind(Palette, ":", "commands by name; save and open searches", ":"),
		bind(Close, "Esc", "close the window or details; back to flows", "esc"),
		bind(ShowKey, "? ^g F1", "keys of this screen or window", "?", "ctrl+g", "f1"),
		bind(Suspend, "^z", "suspend; fg resumes", "ctrl+z"),
		bind(Quit, "q", "back; quit from flows", "q"),
		bind(Kill, "^c", "quit from anywhere", "ctrl+c"),
	}
}

func newLineKeys() LineKeys {
	return LineKeys{
		Apply:    ui.Bind("Enter", "apply the filter", "enter"),
		Cancel:   ui.Bind("Esc", "cancel", "esc"),
		Complete: ui.Bind("Tab", "complete the word", "tab"),
		Older:    ui.Bind("↑", "previous filter", "up"),
		Newer:    ui.Bind("↓", "next filter", "down"),
	}
}

// Command returns the command of a key; false: none.
func (m *Map) Command(press tea.KeyPressMsg) (Command, bool) {
	for i := range m.Groups {
		for j := range m.Groups[i].Bindings {
			if b := &m.Groups[i].Bindings[j]; key.Matches(press, b.Binding) {
				return b.Command, true
			}
		}
	}
	return "", false
}

// Of returns the keys of a command.
func (m *Map) Of(c Command) key.Binding {
	if b := m.find(c); b != nil {
		return b.Binding
	}
	return key.Binding{}
}

// Name returns the first key of a command as shown in texts; for a command without
// keys, how to run it from the palette.
func (m *Map) Name(c Command) string {
	if b := m.Of(c); len(b.Keys()) > 0 {
		return ui.FirstKey(b)
	}
	return ui.FirstKey(m.Of(Palette)) + string(c)
}

func (m *Map) find(c Command) *Binding {
	for i := range m.Groups {
		for j := range m.Groups[i].Bindings {
			if b := &m.Groups[i].Bindings[j]; b.Command == c {
				return b
			}
		}
	}
	return nil
}

// Commands returns the names of all commands, in the order of the help.
func (m *Map) Commands() []string {
	var names []string
	for _, g := range m.Groups {
		for _, b := range g.Bindings {
			names = append(names, string(b.Command))
		}
	}
	return names
}

// Help returns the keys of the filter line.
func (k *LineKeys) Help() ui.KeyGroup {
	return ui.KeyGroup{Title: "Filter line", Keys: []key.Binding{k.Apply, k.Cancel, k.Complete, k.Older, k.Newer}}
}

// Table returns all keys as a Markdown table, for the README.
func (m *Map) Table() string {
	var b strings.Builder
	b.WriteString("| Key | What it does |\n|---|---|\n")
	for _, g := range m.all() {
		fmt.Fprintf(&b, "| **%s** | |\n", g.Title)
		for _, binding := range g.Keys {
			names := strings.Fields(binding.Help().Key)
			fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(names, "` `"), binding.Help().Desc)
		}
	}
	return b.String()
}

// all returns every key that the help explains.
func (m *Map) all() []ui.KeyGroup {
	var groups []ui.KeyGroup
	for _, g := range m.Groups {
		shown := ui.KeyGroup{Title: g.Title}
		for _, b := range g.Bindings {
			shown.Keys = append(shown.Keys, b.Binding)
		}
		groups = append(groups, shown)
	}
	line := m.Line.Help()
	line.Title = "In the filter line"
	return append(groups, line)
}
