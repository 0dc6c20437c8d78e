package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/tui/ui"
)

// command is something that a key does. Keys are routed by the table of
// commands; help, palette, README and the
// configuration's table of keys are made of it.
type command struct {
	name string       // stable: it is in configuration files
	keys *key.Binding // of the key map, and what they do in words
	run  func(*model) tea.Cmd
}

// commandGroup is the commands that the help shows together.
type commandGroup struct {
	title    string
	commands []command
}

// moveTitle is the group of what moves the cursor.
const moveTitle = "Move"

// commandGroups is all commands of the screen.
func (k *keyMap) commandGroups() []commandGroup {
	return []commandGroup{
		{moveTitle, k.moveCommands()},
		{"Watch", k.watchCommands()},
		{"Screens", k.screenCommands()},
		{"Look", []command{
			{"names", &k.names, (*model).toggleNames},
			{"services", &k.services, (*model).toggleServices},
			{"theme", &k.theme, (*model).nextTheme},
			{"mouse", &k.mouse, (*model).toggleMouse},
			{"plain", &k.plain, ofFlows((*model).openPlain)},
		}},
		{"Search", k.searchCommands()},
		{"Leave", []command{
			{"commands", &k.palette, (*model).openPalette},
			{"close", &k.closeTop, act((*model).closeTop)},
			{"help", &k.help, (*model).openHelp},
			{"suspend", &k.suspend, func(*model) tea.Cmd { return tea.Suspend }},
			{quitCommand, &k.quit, (*model).back},
			{"kill", &k.kill, (*model).quit},
		}},
	}
}

func (k *keyMap) moveCommands() []command {
	by := func(rows func(page int) int) func(*model) tea.Cmd {
		return func(m *model) tea.Cmd { return m.moveRows(rows(m.pageRowsShown())) }
	}
	sideways := func(by int) func(*model) tea.Cmd {
		return func(m *model) tea.Cmd { return m.moveSideways(by) }
	}
	return []command{
		{"down", &k.down, by(func(int) int { return 1 })},
		{"up", &k.up, by(func(int) int { return -1 })},
		{"page-down", &k.pageDown, by(func(page int) int { return page })},
		{"page-up", &k.pageUp, by(func(page int) int { return -page })},
		{"half-down", &k.halfDown, by(func(page int) int { return max(page/2, 1) })},
		{"half-up", &k.halfUp, by(func(page int) int { return -max(page/2, 1) })},
		{"top", &k.top, (*model).moveTop},
		{"bottom", &k.bottom, (*model).moveEnd},
		{"left", &k.left, sideways(-1)},
		{"right", &k.right, sideways(+1)},
		{"first-column", &k.first, func(m *model) tea.Cmd { return m.moveSidewaysEnd(-1) }},
		{"last-column", &k.last, func(m *model) tea.Cmd { return m.moveSidewaysEnd(+1) }},
	}
}

func (k *keyMap) watchCommands() []command {
	return []command{
		{"pause", &k.pause, ofFlows((*model).togglePause)},
		{"follow", &k.follow, ofFlows((*model).follow)},
		{"details", &k.details, (*model).enter},
		{"conversation", &k.conversation, ofFlows((*model).followConversation)},
		{"flags", &k.flags, ofFlows((*model).openFlags)},
		{"export", &k.export, ofFlows((*model).export)},
		{"export-as", &k.exportAs, ofFlows((*model).openExport)},
		{"sort", &k.sort, ofFlows((*model).toggleSort)},
		{"reverse", &k.reverse, ofFlows(act((*model).reverseSort))},
		{"mark", &k.mark, (*model).markHere},
		{"yank", &k.yank, ofFlows((*model).openYank)},
		{"columns", &k.columns, ofFlows((*model).openColumns)},
	}
}

func (k *keyMap) screenCommands() []command {
	to := func(p place) func(*model) tea.Cmd {
		return func(m *model) tea.Cmd { return m.goTo(p) }
	}
	return []command{
		{"flows", &k.flowsScreen, to(atFlows)},
		{"talkers", &k.talkersScreen, to(atTalkers)},
		{"timeline", &k.timelineScreen, to(atTimeline)},
		{"health", &k.healthScreen, to(atHealth)},
		{"aggregate", &k.aggregate, (*model).aggregate},
	}
}

func (k *keyMap) searchCommands() []command {
	return []command{
		{"filter", &k.filter, act(func(m *model) { m.line.open(m.env()) })},
		{"search", &k.search, (*model).openSearch},
		{"include", &k.include, func(m *model) tea.Cmd { return m.narrow(true) }},
		{"exclude", &k.exclude, func(m *model) tea.Cmd { return m.narrow(false) }},
		{"drop", &k.drop, (*model).dropTerm},
		{"range", &k.span, (*model).openRange},
		{"order", &k.order, (*model).toggleOrder},
		{"nodes", &k.nodes, (*model).openNodes},
		{"nodes-back", &k.nodesBack, (*model).nodesBack},
	}
}

// ofFlows is a command about the table of flows; elsewhere it says where that is.
func ofFlows(run func(*model) tea.Cmd) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		if m.place == atFlows {
			return run(m)
		}
		m.say(ui.Text, "that is about the flows: "+m.keys.flowsScreen.Help().Key+" shows them")
		return nil
	}
}

// act is a command that needs nothing from outside.
func act(do func(*model)) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		do(m)
		return nil
	}
}

// onScreenKey does what a key means while no dialog is open.
func (m *model) onScreenKey(msg tea.KeyPressMsg) tea.Cmd {
	for i := range m.groups {
		for j := range m.groups[i].commands {
			if c := &m.groups[i].commands[j]; key.Matches(msg, *c.keys) {
				return c.run(m)
			}
		}
	}
	return nil
}

// quitCommand is the command of the key that goes back before it quits.
const quitCommand = "quit"

// paletteCommands is what the palette finds: all commands but those that move,
// which nobody types.
func paletteCommands(groups []commandGroup) []paletteCommand {
	var all []paletteCommand
	for _, g := range groups {
		if g.title == moveTitle {
			continue
		}
		for _, c := range g.commands {
			help := c.keys.Help()
			if c.name == quitCommand {
				help.Desc = "quit"
			}
			all = append(all, paletteCommand{Name: c.name, Key: help.Key, Help: help.Desc})
		}
	}
	return all
}

// doCommand does what was chosen in the palette.
func (m *model) doCommand(name string) tea.Cmd {
	if name == quitCommand { // who writes the word does not mean "back"
		return m.quit()
	}
	for _, g := range m.groups {
		for _, c := range g.commands {
			if c.name == name {
				return c.run(m)
			}
		}
	}
	return nil
}

// keyGroups is all keys that the help explains.
func (k *keyMap) keyGroups() []ui.KeyGroup {
	var groups []ui.KeyGroup
	for _, g := range k.commandGroups() {
		shown := ui.KeyGroup{Title: g.title}
		for _, c := range g.commands {
			shown.Keys = append(shown.Keys, *c.keys)
		}
		groups = append(groups, shown)
	}
	line := k.line.help()
	line.Title = "In the filter line"
	return append(groups, line)
}

// KeyTable returns the keys as a Markdown table, for the README.
func KeyTable() string {
	keys := newKeyMap()
	var b strings.Builder
	b.WriteString("| Key | What it does |\n|---|---|\n")
	for _, g := range keys.keyGroups() {
		fmt.Fprintf(&b, "| **%s** | |\n", g.Title)
		for _, binding := range g.Keys {
			names := strings.Fields(binding.Help().Key)
			fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(names, "` `"), binding.Help().Desc)
		}
	}
	return b.String()
}
