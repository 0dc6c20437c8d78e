package dialog

import (
	"maps"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/node"
	"weir/tui/input"
	"weir/tui/ui"
)

// Nodes picks the nodes and groups whose flows are shown, from a list with their sums.
// Typing filters the list, so all its keys are ones that type no character.
type Nodes struct {
	env    input.Env
	keys   ui.DialogKeys
	all    []node.Entry    // groups, then nodes, each in the order of node.CompareNames
	total  node.Summary    // of all nodes
	marked map[string]bool // by name, listed or not
	before *[]string       // previous set of nodes; nil: none
	filter input.Line

	listed []int   // matching indexes into all; allRow first without a filter
	at     ui.List // in listed
}

// allRow is the index of the row for all nodes.
const allRow = -1

// NodesChosenMsg asks to show the flows of these nodes and groups; none: of all.
type NodesChosenMsg struct{ Names []string }

// NodesCountedMsg delivers current sums of the nodes.
type NodesCountedMsg struct {
	Inventory node.Inventory
	Now       time.Time
}

// NewNodes lists nodes and groups with those in selected marked; none means all. A
// selected node without a summary is listed too, so that every restriction is visible.
func NewNodes(inv node.Inventory, selected []string, before *[]string, env input.Env) *Nodes {
	d := &Nodes{env: env, keys: ui.NewDialogKeys(), marked: map[string]bool{}, before: before, filter: input.NewLine("")}
	d.keys.Accept.SetHelp("Enter", "select")
	d.keys.Toggle.SetHelp("Space", "mark")
	d.keys.Clear.SetHelp("^u", "clear")
	d.keys.History.SetHelp("^r", "previous")
	d.keys.History.SetEnabled(before != nil)
	d.markOnly(selected)
	d.take(inv)
	d.list()
	d.toMarked()
	return d
}

// toMarked moves the cursor to the first marked row, else to all nodes.
func (d *Nodes) toMarked() {
	d.at.Go(slices.IndexFunc(d.listed, func(i int) bool { return i != allRow && d.marked[d.all[i].Name] }))
}

// markOnly marks those names and no others.
func (d *Nodes) markOnly(names []string) {
	clear(d.marked)
	for _, name := range names {
		d.marked[name] = true
	}
}

// take sets the list: nodes, groups, and marked names that are neither.
func (d *Nodes) take(inv node.Inventory) {
	d.all, d.total = inv.List(slices.Collect(maps.Keys(d.marked))), node.Summary{}
	for _, s := range inv.Nodes {
		d.total.Flows += s.Flows
		d.total.Octets += s.Octets
		if s.LastSeen.After(d.total.LastSeen) {
			d.total.LastSeen = s.LastSeen
		}
	}
}

// refresh replaces the sums. Cursor, marks and filter stay.
func (d *Nodes) refresh(inv node.Inventory) {
	name, onNode := "", d.index() != allRow
	if onNode {
		name = d.all[d.index()].Name
	}
	d.take(inv)
	d.match()
	d.at.SetLen(len(d.listed))
	if onNode {
		d.at.Go(slices.IndexFunc(d.listed, func(i int) bool { return i != allRow && d.all[i].Name == name }))
	}
}

// result returns the names of the marked nodes and groups in list order, else the one
// under the cursor. None means all nodes.
func (d *Nodes) result() []string {
	var names []string
	for i := range d.all {
		if d.marked[d.all[i].Name] {
			names = append(names, d.all[i].Name)
		}
	}
	switch {
	case d.allMarked():
		return nil
	case len(names) > 0 || d.index() == allRow:
		return names
	}
	return []string{d.all[d.index()].Name}
}

// index returns the index in all of the row under the cursor; allRow also if nothing is
// listed.
func (d *Nodes) index() int {
	if len(d.listed) == 0 {
		return allRow
	}
	return d.listed[d.at.Cursor()]
}

// allMarked reports whether every node is marked.
func (d *Nodes) allMarked() bool {
	return !slices.ContainsFunc(d.all, func(e node.Entry) bool { return !e.Group && !d.marked[e.Name] })
}

// OutOfDate reports whether the ages of the nodes, in seconds, may have changed.
func (d *Nodes) OutOfDate(now time.Time) bool { return now.Sub(d.env.Now) >= time.Second }

// Update implements [ui.Window].
func (d *Nodes) Update(msg tea.Msg) tea.Msg {
	switch msg := msg.(type) {
	case NodesCountedMsg:
		d.env.Now = msg.Now
		d.refresh(msg.Inventory)
		return nil
	case ui.TimePassedMsg:
		d.env.Now = msg.Now
		return nil
	}
	switch k := &d.keys; {
	case d.at.Update(msg, k.Motion()):
	case ui.Means(msg, k.Prev):
		d.at.Move(-1)
	case ui.Means(msg, k.Next):
		d.at.Move(1)
	case ui.Means(msg, k.Cancel):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.Accept):
		if len(d.listed) == 0 && len(d.marked) == 0 {
			return nil // nothing matches
		}
		return NodesChosenMsg{d.result()}
	case ui.Means(msg, k.Toggle):
		d.toggle()
	case ui.Means(msg, k.All):
		d.toggleAll()
	case ui.Means(msg, k.History):
		d.markOnly(*d.before)
		d.filter.Set("")
		d.list()
		d.toMarked()
	case ui.Means(msg, k.Clear):
		d.filter.Set("")
		d.list()
	default:
		d.edit(msg)
	}
	return nil
}

// edit passes a message to the filter and updates the list.
func (d *Nodes) edit(msg tea.Msg) {
	before := d.filter.Value()
	d.filter.Update(msg)
	if d.filter.Value() != before {
		d.list()
	}
}

// toggle marks or unmarks the node under the cursor. On the row of all nodes it clears
// all marks.
func (d *Nodes) toggle() {
	switch i := d.index(); {
	case len(d.listed) == 0:
	case i == allRow:
		clear(d.marked)
	default:
		d.mark(d.all[i].Name, !d.marked[d.all[i].Name])
	}
}

// toggleAll marks all listed nodes, or unmarks them if all are marked.
func (d *Nodes) toggleAll() {
	on := slices.ContainsFunc(d.listed, func(i int) bool { return i != allRow && !d.all[i].Group && !d.marked[d.all[i].Name] })
	for _, i := range d.listed {
		if i != allRow && (!d.all[i].Group || !on) {
			d.mark(d.all[i].Name, on)
		}
	}
}

func (d *Nodes) mark(name string, on bool) {
	if on {
		d.marked[name] = true
	} else {
		delete(d.marked, name)
	}
}

// list updates the list and moves the cursor to its first row.
func (d *Nodes) list() {
	d.match()
	d.at.Reset(len(d.listed))
}

// match updates the list.
func (d *Nodes) match() {
	want := strings.ToLower(strings.TrimSpace(d.filter.Value()))
	d.listed = d.listed[:0]
	if want == "" {
		d.listed = append(d.listed, allRow)
	}
	for i := range d.all {
		if want == "" || matches(&d.all[i], want) {
			d.listed = append(d.listed, i)
		}
	}
}

// Help implements [ui.Window].
func (d *Nodes) Help() ui.KeyGroup {
	k := &d.keys
	return ui.KeyGroup{Title: "Nodes", Keys: []key.Binding{
		ui.Said(k.Accept, "show the marked ones, or the selected one"), ui.Said(k.Toggle, "mark a node or a group"), ui.Said(k.All, "mark all listed ones, or none"),
		ui.Said(k.History, "mark the previous set"), ui.Said(k.Clear, "clear the filter"), k.Up, k.Down, k.PageUp, k.PageDown, k.First, k.Last,
		ui.Said(k.Cancel, "cancel"),
	}}
}
