package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/tui/dialog"
	"weir/tui/form"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// clocked is a window that shows a time or a progress. It gets ticks only when it is
// out of date, since drawing a window and the frame below it costs more than the rest
// of a tick.
type clocked interface {
	OutOfDate(now time.Time) bool
}

// openWindow opens a window in place of the open one.
func (m *model) openWindow(w ui.Window) {
	m.closeWindow()
	m.window, m.box.of = w, nil
}

func (m *model) closeWindow() { m.window, m.NodesListed = nil, false }

// onTop returns the topmost window: the help if it is open.
func (m *model) onTop() ui.Window {
	if m.help != nil {
		return m.help
	}
	return m.window
}

// tellWindow passes a message to the open window, if any, and handles its answer.
func (m *model) tellWindow(msg tea.Msg) tea.Cmd {
	if m.window == nil {
		return nil
	}
	m.box.of = nil
	answer := m.window.Update(msg)
	if answer == nil {
		return nil
	}
	if _, stays := answer.(ui.StaysOpen); !stays {
		m.closeWindow()
	}
	return m.onAnswer(answer)
}

// onAnswer does what the user chose in a window.
func (m *model) onAnswer(answer tea.Msg) tea.Cmd {
	q := m.Query
	switch answer := answer.(type) {
	case form.QueryChosenMsg:
		return m.SearchFor(answer.Query)
	case dialog.NodesChosenMsg:
		q.Nodes = answer.Names
		return m.SetQuery(q)
	case dialog.RangeChosenMsg:
		q.Range = answer.Range
		return m.SetQuery(q)
	case dialog.TermChosenMsg:
		return m.AddTerm(answer.Term)
	case dialog.ColumnsChosenMsg:
		return m.flows.KeepColumns(answer.Columns)
	case dialog.YankChosenMsg:
		return m.yank(answer.Part)
	case dialog.CommandChosenMsg:
		return m.doNamed(keys.Command(answer.Name))
	case dialog.OpenChosenMsg:
		return m.OpenSaved(answer.Name)
	case dialog.SaveChosenMsg:
		return m.SaveSearch(answer.Name)
	case dialog.ForgetChosenMsg:
		return m.ForgetSearch(answer.Name)
	case dialog.ExportChosenMsg:
		return m.exports.BeginExport(answer.Plan)
	case dialog.ExportCanceledMsg:
		m.exports.Cancel()
	}
	return nil
}

// onInventory passes the nodes to the open window, or opens their list if requested.
func (m *model) onInventory(msg session.InventoryChangedMsg) tea.Cmd {
	cmd := m.tellWindow(dialog.NodesCountedMsg{Inventory: m.Inventory, Now: msg.At})
	if msg.Open && m.window == nil && !m.line.editing {
		m.Status = ui.Message{}
		m.openWindow(dialog.NewNodes(m.Inventory, m.Query.Nodes, m.NodesBefore, m.env()))
		m.NodesListed = true
	}
	return cmd
}

// windowBox caches the drawn window until a message reaches it, since the flows behind
// it may change several times a second.
type windowBox struct {
	of   ui.Window // nil: out of date
	th   *ui.Theme
	w, h int
	text string
}

func (b *windowBox) draw(m *model) string {
	top := m.onTop()
	if b.of != top || b.th != m.theme || b.w != m.width || b.h != m.height {
		*b = windowBox{top, m.theme, m.width, m.height, top.View(m.theme, m.width, m.height)}
	}
	return b.text
}
