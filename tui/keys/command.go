package keys

// Command is a command of the screen. Its text is stable, since configuration files
// contain it.
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

// The commands that follow and inspect flows.
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

// The commands that show a screen.
const (
	Flows     Command = "flows"
	Talkers   Command = "talkers"
	Timeline  Command = "timeline"
	Health    Command = "health"
	Aggregate Command = "aggregate"
)

// The commands that change the display.
const (
	Names    Command = "names"
	Services Command = "services"
	Theme    Command = "theme"
	Mouse    Command = "mouse"
	Plain    Command = "plain"
)

// The commands that change the query.
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

// The commands that open, close and quit.
const (
	Palette Command = "commands"
	Close   Command = "close"
	ShowKey Command = "help"
	Suspend Command = "suspend"
	Quit    Command = "quit"
	Kill    Command = "kill"
)

// AboutFlows reports whether the command works on the flow table only.
func (c Command) AboutFlows() bool {
	switch c {
	case Pause, Follow, Conversation, Flags, Export, ExportAs, Yank, Columns, Plain:
		return true
	}
	return false
}

// AboutRows reports whether the command works on the flow table and the talkers only.
func (c Command) AboutRows() bool { return c == Sort || c == Reverse }

// explainedWithFlows reports whether only the help of the flow screen lists the command.
func (c Command) explainedWithFlows() bool {
	return c.AboutFlows() || c.AboutRows() || c == Names || c == Services
}

// Rows returns by how many rows a command moves the cursor (up if negative) where a
// page has that many rows; false: it does not move by rows.
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
