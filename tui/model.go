package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/export"
	"weir/tui/flows"
	"weir/tui/health"
	"weir/tui/input"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/talkers"
	"weir/tui/timeline"
	"weir/tui/ui"
)

// model is the root: it routes messages to the session, the screens and the open
// window, and draws header, filter line and footer. Only Update changes it, apart from
// sizes and scroll positions, which View fits to the frame.
type model struct {
	*session.Session
	keys     *keys.Map
	commands map[keys.Command]func(*model) tea.Cmd // of the root

	flows   *flows.Screen
	talkers *talkers.Screen
	screens [4]shownScreen // in the order of their keys
	active  keys.Command   // the visible one

	line   filterLine
	window ui.Window // nil: none is open
	help   ui.Window // drawn over the window; nil: closed
	plain  bool      // the flows are shown as plain text

	exports   export.Exporter
	lookup    flows.Lookup
	runTool   func(ctx context.Context, tool []string, text string) error // runs a clipboard program
	term      ui.Terminal
	theme     *ui.Theme
	crashed   error // not nil: a panic was recovered, the program is quitting
	width     int
	height    int
	bodyTop   int // first line of the visible screen
	bodyLines int
	dragging  bool // the left mouse button was pressed on the visible screen

	pen   ui.Pen
	under []byte // the frame below the window
	box   windowBox
	hints hintLine
	frame string // the last one
	dirty bool   // frame is out of date
}

func newModel(ctx context.Context, cfg Config) *model {
	s := session.New(ctx, cfg)
	m := &model{Session: s, keys: keys.New(), commands: rootCommands(), active: keys.Flows, runTool: runTool, dirty: true}
	m.term = ui.Terminal{Profile: s.Cfg.ColorProfile, ASCII: s.Cfg.ASCII}
	_ = m.keys.Rebind(s.Cfg.Keys) // validated by the caller; invalid ones are skipped
	s.Key = m.keys.Name
	m.flows = flows.New(s)
	m.talkers = talkers.New(s, m.flows.Result)
	m.screens = [...]shownScreen{
		{keys.Flows, m.flows}, {keys.Talkers, m.talkers}, {keys.Timeline, timeline.New(s)}, {keys.Health, health.New(s)},
	}
	m.exports = export.New(s, m.flows.Result)
	m.lookup = flows.NewLookup(m.flows.Result)
	s.WatchQuery(func(search.Query) tea.Cmd {
		s.Post(queryChangedMsg{})
		return nil
	})
	s.WatchSettings(m.retheme)
	return m
}

// queryChangedMsg reports that the query has changed.
type queryChangedMsg struct{}

// Init requests the first flows and the background colour. Bubble Tea queries the
// terminal for synchronized output (mode 2026) except over ssh, where it matters most.
// Terminals ignore modes they don't know, so it is turned on there without a query.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor, m.flows.Load(true), m.Begin()}
	if m.Cfg.Remote() {
		cmds = append(cmds, func() tea.Msg {
			return tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset}
		})
	}
	return tea.Batch(cmds...)
}

// Update handles a message. It does no IO and does not wait. A panic ends the program
// the way quitting does.
func (m *model) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			m.crashed = session.Crash(r)
		}
		if m.crashed != nil {
			next, cmd = m, tea.Quit
		}
	}()
	cmd = m.route(msg)
	for posted := m.TakePosted(); len(posted) > 0; posted = m.TakePosted() {
		for _, p := range posted {
			cmd = tea.Batch(cmd, m.route(p))
		}
	}
	return m, cmd
}

// View returns the frame. Bubble Tea calls it after every message; the last frame is
// kept until a message changes it.
func (m *model) View() tea.View {
	if m.dirty && m.crashed == nil {
		m.redrawFrame()
	}
	v := tea.NewView(m.frame)
	v.AltScreen = true
	if !m.Settings.NoMouse && !m.plain {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

func (m *model) redrawFrame() {
	defer func() {
		if r := recover(); r != nil {
			m.crashed = session.Crash(r) // the next message quits
		}
	}()
	m.frame = m.draw()
	m.dirty = false
}

// route routes a message: those about the terminal to the root, keys to what has the
// focus, all others with routeAnswer.
func (m *model) route(msg tea.Msg) tea.Cmd {
	wasDirty := m.dirty
	m.dirty = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.setSize(m.height - chromeLines)
		return m.inSight().Update(msg)
	case tea.ColorProfileMsg:
		m.term.Profile = msg.Profile
		m.retheme()
	case tea.BackgroundColorMsg:
		m.term.Background = ui.BackgroundOf(msg.IsDark())
		m.retheme()
	case tea.MouseMsg:
		return m.onMouse(msg)
	case tea.KeyPressMsg:
		return m.onKey(msg)
	case keys.Command:
		return m.do(msg)
	case session.TickMsg:
		cmd := m.onTime(msg)
		m.dirty = m.TakeRedraw() || wasDirty
		return cmd
	case queryChangedMsg:
		return m.inSight().Refresh()
	case session.CrashedMsg:
		m.crashed = msg.Err
	default:
		return m.routeAnswer(msg)
	}
	return nil
}

// onTime passes a tick to the session, the screens and the open window.
func (m *model) onTime(msg session.TickMsg) tea.Cmd {
	cmds := []tea.Cmd{m.OnTick(&msg)}
	for _, s := range m.screens {
		cmds = append(cmds, s.Update(msg))
	}
	if w, ok := m.window.(clocked); ok && w.OutOfDate(msg.At) {
		m.Redraw()
		cmds = append(cmds, m.tellWindow(ui.TimePassedMsg{Now: msg.At}))
	}
	return tea.Batch(cmds...)
}

// routeAnswer routes the results of commands to their receivers, and a paste to what
// has the focus.
func (m *model) routeAnswer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case session.InventoryChangedMsg:
		return m.onInventory(msg)
	case flows.ConversationFoundMsg:
		return m.onConversation(msg)
	case export.ExportedMsg:
		return m.exports.OnExported(msg)
	case export.EndedMsg:
		return m.exports.OnEnded(msg)
	case copiedMsg:
		return m.onCopied(msg)
	case session.SearchesReadMsg, export.BegunMsg, export.FinishedMsg:
		return m.tellWindow(msg)
	case tea.PasteMsg:
		return m.toFocus(msg)
	}
	cmds := []tea.Cmd{m.Take(msg)}
	for _, s := range m.screens {
		cmds = append(cmds, s.Update(msg))
	}
	return tea.Batch(cmds...)
}

func (m *model) retheme() {
	m.theme = ui.NewTheme(m.term, m.Settings.Theme)
}

// tooSmall reports whether the terminal is too small to draw the screen.
func (m *model) tooSmall() bool { return m.width < minWidth || m.height < minHeight }

// onKey routes a key: quitting works everywhere, all others go to what has the focus.
func (m *model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	m.Status = ui.Message{}
	c, means := m.keys.Command(msg)
	if c == keys.Kill {
		return m.exports.Quit()
	}
	if m.tooSmall() { // no typing into what is not visible
		if c == keys.Quit {
			return m.exports.Quit()
		}
		return nil
	}
	if m.plain {
		m.plain = false
		return nil
	}
	if m.onTop() != nil || m.line.editing {
		return m.toFocus(msg)
	}
	if !means {
		return nil
	}
	return m.do(c)
}

// toFocus passes a message to the window on top or to the filter line.
func (m *model) toFocus(msg tea.Msg) tea.Cmd {
	if m.asksHelp(msg) {
		return m.openHelp()
	}
	switch {
	case m.help != nil:
		m.box.of = nil
		if m.help.Update(msg) != nil {
			m.help = nil
		}
	case m.window != nil:
		return m.tellWindow(msg)
	case m.line.editing:
		return m.editLine(msg)
	}
	return nil
}

// env returns the environment of windows and the filter line.
func (m *model) env() input.Env {
	return input.Env{Now: m.Cfg.Now(), Loc: m.Cfg.Loc, Words: m.Words(m.flows.Rows.Recs), Known: m.NamesRead}
}
