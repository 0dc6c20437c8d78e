package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"weir/tui/dialog"
	"weir/tui/flows"
	"weir/tui/form"
	"weir/tui/keys"
	"weir/tui/ui"
)

func (m *model) openSearch() tea.Cmd {
	m.openWindow(form.New(m.Query, m.Past, m.env()))
	return nil
}

func (m *model) openFlags() tea.Cmd {
	m.openWindow(dialog.NewFlags(m.flows.Rows.Selected()))
	return nil
}

func (m *model) openRange() tea.Cmd {
	m.openWindow(dialog.NewRange(m.Query.Range, m.env()))
	return nil
}

func (m *model) openColumns() tea.Cmd {
	m.openWindow(dialog.NewColumns(m.flows.Table.Chosen, flows.WideOrder[:]))
	return nil
}

func (m *model) openPalette() tea.Cmd {
	m.openWindow(dialog.NewPalette(paletteCommands(m.keys), m.Cfg.Searches != nil))
	return m.LoadSearches()
}

// paletteCommands returns the commands of the palette: all but those that move the
// cursor, which are of no use there.
func paletteCommands(k *keys.Map) []dialog.Command {
	var all []dialog.Command
	for _, g := range k.Groups {
		if g.Title == keys.MoveTitle {
			continue
		}
		for _, b := range g.Bindings {
			does := b.Help().Desc
			if b.Command == keys.Quit {
				does = "quit"
			}
			all = append(all, dialog.Command{Name: string(b.Command), Key: b.Help().Key, Help: does})
		}
	}
	return all
}

// doNamed runs a command chosen by name.
func (m *model) doNamed(c keys.Command) tea.Cmd {
	if c == keys.Quit { // by name it never means "back"
		return m.exports.Quit()
	}
	return m.do(c)
}

func (m *model) openNodes() tea.Cmd {
	m.Say(ui.Dim, "loading nodes ...")
	return m.AskNodes(true)
}

// openHelp shows the keys of what has the focus: a window, the filter line, or the
// visible screen.
func (m *model) openHelp() tea.Cmd {
	switch {
	case m.window != nil:
		m.help = dialog.NewHelp([]ui.KeyGroup{m.window.Help()}, false)
	case m.line.editing:
		m.help = dialog.NewHelp([]ui.KeyGroup{m.keys.Line.Help()}, false)
	default:
		m.help = dialog.NewHelp(m.keys.At(m.inSight().Keys()), m.active == keys.Flows)
	}
	m.box.of = nil
	return nil
}

// asksHelp reports whether a key opens the help over a window or the filter line. It
// must be one that types no character.
func (m *model) asksHelp(msg tea.Msg) bool {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok || m.help != nil || press.Text != "" {
		return false
	}
	c, _ := m.keys.Command(press)
	return c == keys.ShowKey
}

// nextTheme switches to the next theme that the terminal supports.
func (m *model) nextTheme() tea.Cmd {
	if m.term.Profile < colorprofile.ANSI {
		m.Say(ui.Text, "themes need a terminal with colours, and NO_COLOR not set")
		return nil
	}
	s := m.Settings
	next, passed := ui.NextTheme(m.term, s.Theme)
	if next == s.Theme {
		m.Say(ui.Text, "no other theme for this terminal: "+passed)
		return nil
	}
	s.Theme = next
	text := "theme: " + next
	if next == "" {
		text += ui.AnsiTheme
	}
	if passed != "" {
		text += " (" + passed + ")"
	}
	cmd := m.Keep(s)
	m.Say(ui.Text, text)
	return cmd
}

// openExport opens the export window.
func (m *model) openExport() tea.Cmd {
	if m.flows.Unanswered || m.flows.Rows.Len() == 0 {
		return m.exports.Export() // says why there is nothing to export
	}
	m.openWindow(dialog.NewExport(m.Cfg.ExportDir, m.Now(), m.Query.Nodes, m.flows.Rows.Len(), m.flows.MatchText()))
	return nil
}

// followConversation searches for the records that all nodes have of the selected flow.
func (m *model) followConversation() tea.Cmd {
	r := m.flows.Rows.Selected()
	if r == nil {
		m.Say(ui.Text, "no flow is selected")
		return nil
	}
	return m.lookup.Find(r)
}

// onConversation shows the records of a conversation.
func (m *model) onConversation(msg flows.ConversationFoundMsg) tea.Cmd {
	found, next := m.lookup.OnFound(msg)
	if found != nil && m.window == nil && !m.line.editing {
		m.Status = ui.Message{}
		m.openWindow(dialog.NewConversation(found, m.env()))
	}
	return next
}
