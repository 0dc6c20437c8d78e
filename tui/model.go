package tui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// viewState says whether the table follows what is captured.
type viewState uint8

const (
	live   viewState = iota // newest flows appear at the top
	paused                  // the reader paused it, or moved away from the top
	still                   // the order chosen has no place for new flows to appear
)

// model is the root: it routes messages and owns all state of the screen.
// Only Update changes it; commands get copies.
type model struct {
	cfg  Config
	ctx  context.Context
	keys keyMap

	groups []commandGroup

	settings Settings

	profile       colorprofile.Profile
	dark          bool
	th            *ui.Theme
	width, height int

	place     place
	talkers   talkers
	timeline  timeline
	healthTop int // first visible line

	query   search.Query // what is asked for
	state   viewState
	table   table
	details bool
	window  ui.Window // nil: none is open
	about   subject   // of the open window
	help    ui.Window // lies over it; nil: not open
	line    filterLine
	past    history
	status  ui.Message // until the next key

	feed   feed
	health flow.Health
	rate   rate

	inventory
	nodesBefore *[]string // the query's nodes before the present ones; nil: there were no others

	exports   *exportsOpen
	writing   *exportJob // the one that the open window is about; nil: none
	exporting int        // exports asked for and not reported back
	leaving   bool       // as soon as they are

	names        names
	conversation lane // looks for the records of a conversation
	blame        lane // looks for the culprit
	culprit      culprit
	plain        bool // the plain page is shown
	bodyTop      int  // line of the screen where the present place begins
	bodyHeight   int

	runTool func(ctx context.Context, tool []string, text string) error // a clipboard program

	crashed error // not nil: a panic, the screen is being left

	pen   ui.Pen
	under []byte // the screen without the dialog that is drawn over it
	box   windowBox
	frame string // the last drawn screen
	dirty bool   // the frame is out of date
}

func newModel(ctx context.Context, cfg Config) *model {
	m := &model{
		cfg: cfg.withDefaults(), ctx: ctx, keys: newKeyMap(),
		profile: cfg.ColorProfile, dark: true, dirty: true,
		query: cfg.Query, exports: new(exportsOpen), runTool: runTool,
	}
	if m.query.Order == search.Oldest {
		m.state = still
	}
	_ = m.keys.rebind(m.cfg.Keys) // the caller had them checked; what is wrong is left out
	m.groups = m.keys.commandGroups()
	m.feed.matches, m.feed.wait = -1, sleep
	for _, l := range [...]*lane{&m.feed.page, &m.feed.total, &m.feed.fresh, &m.feed.nodes, &m.talkers.lane, &m.timeline.lane, &m.conversation, &m.blame} {
		l.ctx, l.now = ctx, m.cfg.Now
	}
	m.table.widths = minWidths()
	m.apply(cfg.Settings)
	m.table.style.Loc = m.cfg.Loc
	m.line.text = search.Text(m.query.Filter)
	m.past = history(cfg.Past)[max(0, len(cfg.Past)-input.HistoryMax):]
	m.line.history = m.past.filters(m.env())
	m.retheme()
	return m
}

// Init asks for the first flows and for the colour of the background. Bubble
// Tea asks a terminal for synchronized output (mode 2026) unless it is at the
// other end of ssh, where it matters most; terminals that don't know the mode
// ignore it, so it is turned on there.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor, m.load(true), m.askNodes(false), m.pulse()}
	if m.cfg.remote() {
		cmds = append(cmds, func() tea.Msg {
			return tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset}
		})
	}
	return tea.Batch(cmds...)
}

// route hands a message to what it is for.
func (m *model) route(msg tea.Msg) tea.Cmd {
	wasDirty := m.dirty
	m.dirty = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return m.resize(msg.Width, msg.Height)
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.retheme()
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.retheme()
	case pulsedMsg:
		changed, cmd := m.onPulse(msg)
		m.dirty = wasDirty || changed || m.window != nil
		return cmd
	case pageLoadedMsg:
		return m.onPage(msg)
	case totalCountedMsg:
		return m.onTotal(msg)
	case newCountedMsg:
		return m.onNew(msg)
	case nodesLoadedMsg:
		return m.onNodes(msg)
	case talkersLoadedMsg:
		return m.onTalkers(msg)
	case timelineLoadedMsg:
		return m.onTimeline(msg)
	case exportEndedMsg:
		return m.onExportEnded(msg)
	case exportedMsg:
		return m.onExported(msg)
	case copiedMsg:
		return m.onCopied(msg)
	case historyKeptMsg:
		m.onHistoryKept(msg)
	case searchesLoadedMsg:
		return m.onSearches(msg)
	case searchOpenedMsg:
		return m.onSearchOpened(msg)
	case searchKeptMsg:
		m.onSearchKept(msg)
	case settingsSavedMsg:
		m.onSaved(msg)
	case crashedMsg:
		m.crashed = msg.err
	case conversationFoundMsg:
		return m.onConversation(msg)
	case culpritFoundMsg:
		return m.onCulprit(msg)
	case nameFoundMsg:
		return m.onName(msg)
	case tea.MouseMsg:
		return m.onMouse(msg)
	case tea.KeyPressMsg:
		return m.onKey(msg)
	default: // pastes
		return m.toFocus(msg)
	}
	return nil
}

// resize fits everything into a window of w by h.
func (m *model) resize(w, h int) tea.Cmd {
	m.width, m.height = w, h
	m.table.reorder(w)
	if m.place == atTimeline && m.timeline.asked != w-timelineMargin-1 {
		return m.askTimeline()
	}
	return nil
}

func (m *model) retheme() {
	m.th = ui.NewTheme(m.profile, m.dark, m.cfg.ASCII)
	m.th.Colour(m.settings.Theme, m.profile)
}

// tooSmall reports whether the screen can't be read at its size.
func (m *model) tooSmall() bool { return m.width < minWidth || m.height < minHeight }

// onKey routes a key: leaving works from anywhere, the rest goes to what is on top.
func (m *model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	m.status = ui.Message{}
	if key.Matches(msg, m.keys.kill) {
		return m.quit()
	}
	if m.tooSmall() { // nobody should type blindly
		if key.Matches(msg, m.keys.quit) {
			return m.quit()
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
	return m.onScreenKey(msg)
}

// toFocus hands a message to the window on top or to the filter line.
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

func (m *model) env() input.Env { return input.Env{Now: m.cfg.Now(), Loc: m.cfg.Loc, Words: m.words()} }

func (m *model) say(look ui.Role, text string) { m.status = ui.Message{Look: look, Text: text} }

// now is the time in the zone of the screen.
func (m *model) now() time.Time { return m.cfg.Now().In(m.cfg.Loc) }
