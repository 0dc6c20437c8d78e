package keys

// Command is something that the reader can ask of the screen. Its text is stable:
// it stands in configuration files.
type Command string

// The commands that move the cursor.
const (
	Down        Command = "down"
	Up          Command = "up"
	PageDown    Command = "page-down"
	PageUp      Command = "page-up"
	HalfDown    Command = "half-down"
	HalfUp      Command = "half-up"
	Top         Command = "top"
	Bottom      Command = "bottom"
	Left        Command = "left"
	Right       Command = "right"
	FirstColumn Command = "first-column"
	LastColumn  Command = "last-column"
)

// The commands that watch flows and look into them.
const (
	Pause        Command = "pause"
	Follow       Command = "follow"
	Details      Command = "details"
	Conversation Command = "conversation"
	Flags        Command = "flags"
	Export       Command = "export"
	ExportAs     Command = "export-as"
	Sort         Command = "sort"
	Reverse      Command = "reverse"
	Mark         Command = "mark"
	Yank         Command = "yank"
	Columns      Command = "columns"
)

// The commands that go to another screen.
const (
	Flows     Command = "flows"
	Talkers   Command = "talkers"
	Timeline  Command = "timeline"
	Health    Command = "health"
	Aggregate Command = "aggregate"
)

// The commands that change how things look.
const (
	Names    Command = "names"
	Services Command = "services"
	Theme    Command = "theme"
	Mouse    Command = "mouse"
	Plain    Command = "plain"
)

// The commands that change what is searched for.
const (
	Filter    Command = "filter"
	Search    Command = "search"
	Include   Command = "include"
	Exclude   Command = "exclude"
	Drop      Command = "drop"
	Range     Command = "range"
	Order     Command = "order"
	Nodes     Command = "nodes"
	NodesBack Command = "nodes-back"
)

// The commands that leave what is on top.
const (
	Palette Command = "commands"
	Close   Command = "close"
	ShowKey Command = "help"
	Suspend Command = "suspend"
	Quit    Command = "quit"
	Kill    Command = "kill"
)

// AboutFlows reports whether the command is about the table of flows and does
// nothing on another screen.
func (c Command) AboutFlows() bool {
	switch c {
	case Pause, Follow, Conversation, Flags, Export, ExportAs, Sort, Reverse, Yank, Columns, Plain:
		return true
	}
	return false
}

// explainedWithFlows reports whether only the help of the flows explains the command.
func (c Command) explainedWithFlows() bool { return c.AboutFlows() || c == Names || c == Services }

// Rows is how far a command moves the cursor where a page has that many rows:
// down, or up if negative; false: it is not about rows.
func (c Command) Rows(page int) (int, bool) {
	switch c {
	case Down:
		return 1, true
	case Up:
		return -1, true
	case PageDown:
		return page, true
	case PageUp:
		return -page, true
	case HalfDown:
		return max(page/2, 1), true
	case HalfUp:
		return -max(page/2, 1), true
	}
	return 0, false
}
