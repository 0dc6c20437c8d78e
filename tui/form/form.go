package form

import (
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/search"
	"weir/tui/input"
	"weir/tui/ui"
)

// Form is the advanced search: a query as a grid of one-line fields.
//
// A field has a term of the filter as text in the syntax of the filter line. Terms that
// the form can't show are kept unchanged, and so are those of fields not edited.
type Form struct {
	env     input.Env
	keys    ui.DialogKeys
	old     search.Query
	cells   [numCells]formCell
	focus   cellID
	terms   []search.Expr // the terms of old.Filter
	kept    []search.Expr // terms that no field shows
	dropped bool          // the user removed the kept ones
	filled  string        // text set by fillCustom; empty: none yet
	offered input.Offer   // completions at the cursor, after Tab
	refused error         // why the last key or paste was not inserted
	past    pastSearches
}

// formCell is a field with its place in the grid.
type formCell struct {
	label    string
	row, col int
	field    input.Field
	term     search.Field // its filter field; FieldNone: not part of the filter
	hint     string       // shown while it has the focus
	opened   string       // text when the form was opened
	shows    int          // index of the term shown when the form was opened, or noTerm
}

const noTerm = -1

// cellID is the index of a cell in tab order.
type cellID int

const (
	cellRange cellID = iota
	cellFrom
	cellTo
	cellNodes
	cellSnode
	cellDnode
	cellSrc
	cellDst
	cellSport
	cellDport
	cellProto
	cellVerdict
	cellFlags
	cellBytes
	cellDuration
	cellSent
	cellRecv
	cellEnd
	cellPayload
	cellRetrans
	cellRTT
	cellOutOfOrder
	cellRTTMin
	cellZeroWindow
	cellRTTMean
	cellLimit
	cellOrder
	numCells
)

// QueryChosenMsg asks to show the results of this query.
type QueryChosenMsg struct{ Query search.Query }

// New opens the form on q. Earlier searches are as [search.Query.Text] writes them,
// oldest first.
func New(q search.Query, earlier []string, env input.Env) *Form {
	f := &Form{past: newPastSearches(earlier), env: env, keys: ui.NewDialogKeys(), old: q, terms: search.Conjuncts(q.Filter), cells: formCells(env)}
	f.keys.Accept.SetHelp("Enter", "search")
	for id := range f.cells {
		f.cells[id].shows = noTerm
	}
	f.showRange(q.Range)
	f.cells[cellNodes].field.SetText(joinNames(q.Nodes))
	f.cells[cellLimit].field.SetText(limitText(q.Limit))
	f.cells[cellOrder].field.SetText(q.Order.String())
	for i, term := range f.terms {
		if !f.showTerm(i, term) {
			f.kept = append(f.kept, term)
		}
	}
	for id := range f.cells {
		f.cells[id].opened = f.cells[id].field.Text()
	}
	return f
}

// showTerm shows a term in the first free field that can represent it exactly.
func (f *Form) showTerm(i int, term search.Expr) bool {
	for id := range f.cells {
		c := &f.cells[id]
		field := c.term
		if _, not := term.(search.Not); cellID(id) == cellNodes && not && c.field.Text() == "" {
			field = search.FieldNode // excluded nodes are a term of the filter; selected ones are separate from it
		}
		if field == search.FieldNone || c.shows >= 0 {
			continue
		}
		text, ok := termText(field, term, f.env)
		if !ok {
			continue
		}
		c.field.SetText(text)
		if back, err := parseTerm(field, c.field.Text(), f.env); err == nil && sameTerm(back, term) {
			c.shows = i
			return true
		}
		c.field.SetText("")
	}
	return false
}

// result returns the query that the form describes, if every field is valid.
func (f *Form) result() search.Query {
	q := f.old
	if r, err := f.timeRange(); err == nil {
		q.Range = r
	}
	if names, err := parseNames(f.nodesChosen()); err == nil && f.changed(cellNodes) {
		q.Nodes = names
	}
	if n, err := parseLimit(f.text(cellLimit)); err == nil && f.changed(cellLimit) {
		q.Limit = n
	}
	if order, err := search.ParseOrder(f.text(cellOrder)); err == nil {
		q.Order = order
	}
	q.Filter = f.filter()
	return q
}

// filter returns the old filter with the terms of edited fields replaced in place,
// removed if the field was cleared, and appended if it was empty.
func (f *Form) filter() search.Expr {
	terms, changed := slices.Clone(f.terms), f.dropped
	var added []search.Expr
	for id := range f.cells {
		c := &f.cells[id]
		field, text := c.term, c.field.Text()
		if cellID(id) == cellNodes && (c.shows >= 0 || f.nodesChosen() != text) {
			field, text = search.FieldNode, strings.TrimPrefix(text, f.nodesChosen())
		}
		if field == search.FieldNone || !f.changed(cellID(id)) {
			continue
		}
		term, err := parseTerm(field, text, f.env)
		switch {
		case err != nil:
			continue
		case c.shows >= 0:
			terms[c.shows] = term
		case term != nil:
			added = append(added, term)
		}
		changed = true
	}
	if !changed {
		return f.old.Filter
	}
	terms = slices.DeleteFunc(append(terms, added...), func(x search.Expr) bool {
		return x == nil || f.dropped && slices.ContainsFunc(f.kept, func(k search.Expr) bool { return sameTerm(k, x) })
	})
	return search.Join(terms)
}

func (f *Form) text(id cellID) string  { return f.cells[id].field.Text() }
func (f *Form) changed(id cellID) bool { return f.text(id) != f.cells[id].opened }

// nodesChosen returns the text of the reporting nodes; empty if they are excluded by a
// leading "!".
func (f *Form) nodesChosen() string {
	if text := f.text(cellNodes); !strings.HasPrefix(text, "!") {
		return text
	}
	return ""
}

// problem returns why a field is invalid; nil if it is valid.
func (f *Form) problem(id cellID) error {
	c := &f.cells[id]
	var err error
	switch {
	case id == cellFrom || id == cellTo:
		err = f.rangeProblem(id)
	case id == cellNodes && f.nodesChosen() == c.field.Text():
		_, err = parseNames(c.field.Text())
	case id == cellNodes:
		_, err = parseTerm(search.FieldNode, c.field.Text(), f.env)
	case id == cellLimit:
		_, err = parseLimit(c.field.Text())
	case c.term != search.FieldNone:
		_, err = parseTerm(c.term, c.field.Text(), f.env)
	}
	return err
}

// Update implements [ui.Window].
func (f *Form) Update(msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
	default:
		return nil // an update must not end a completion or clear an error
	}
	if f.past.open {
		return f.updateHistory(msg)
	}
	k := &f.keys
	f.refused = nil
	if ui.Means(msg, k.Next) && f.completes() {
		f.complete()
		return nil
	}
	f.offered = input.Offer{}
	switch {
	case ui.Means(msg, k.History):
		f.past.open = true
		f.past.at.Go(0)
	case ui.Means(msg, k.Cancel):
		return ui.ClosedMsg{}
	case ui.Means(msg, k.Accept):
		return f.run()
	case ui.Means(msg, k.Next):
		f.step(1)
	case ui.Means(msg, k.Prev):
		f.step(-1)
	case ui.Means(msg, k.Down):
		f.stepRow(1)
	case ui.Means(msg, k.Up):
		f.stepRow(-1)
	case ui.Means(msg, k.Clear):
		f.cells[f.focus].field.SetText("")
	case ui.Means(msg, k.ClearAll):
		f.clearAll()
	default:
		f.edit(msg)
	}
	return nil
}

// edit passes a message to the field under the cursor.
func (f *Form) edit(msg tea.Msg) {
	before := f.text(cellRange)
	field := f.cells[f.focus].field
	field.Update(msg, &f.keys)
	if typed, ok := field.(interface{ Refused() error }); ok {
		f.refused = typed.Refused()
	}
	if after := f.text(cellRange); after != before {
		f.fillCustom(before, after)
	}
}

// run answers with the query, or moves to the first invalid field.
func (f *Form) run() tea.Msg {
	for id := range numCells {
		if f.problem(id) != nil {
			f.focus = id
			return nil
		}
	}
	return QueryChosenMsg{f.result()}
}

// clearAll clears all fields. If they are empty already it drops the terms that no field
// shows, so that a single key does not remove invisible terms.
func (f *Form) clearAll() {
	empty := true
	for id := range f.cells {
		before := f.text(cellID(id))
		f.cells[id].field.SetText("")
		empty = empty && f.text(cellID(id)) == before
	}
	f.dropped = f.dropped || empty
	if !f.canFocus(f.focus) {
		f.focus = cellRange
	}
}

// canFocus reports whether a field can have the focus: the ends of the time range can be
// edited only if it is a custom one.
func (f *Form) canFocus(id cellID) bool {
	return id != cellFrom && id != cellTo || f.text(cellRange) == customRange
}

func (f *Form) step(by cellID) {
	for {
		f.focus = (f.focus + by + numCells) % numCells
		if f.canFocus(f.focus) {
			return
		}
	}
}

// stepRow moves to the next row, in the same column if it has one.
func (f *Form) stepRow(by cellID) {
	from := f.cells[f.focus]
	for f.cells[f.focus].row == from.row {
		f.step(by)
	}
	if other := f.focus + by; other >= 0 && other < numCells && f.cells[other].row == f.cells[f.focus].row && f.cells[other].col == from.col {
		f.focus = other
	}
}

func limitText(n int) string {
	switch {
	case n == 0:
		return ""
	case n < 0 || n > search.MaxLimit:
		return strconv.Itoa(search.MaxLimit) // the maximum
	}
	return strconv.Itoa(n)
}

// parseLimit is the inverse of limitText.
func parseLimit(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.ReplaceAll(s, ",", ""))
	if err != nil || n < 1 || n > search.MaxLimit {
		return 0, errLimit
	}
	return n, nil
}

// Help implements [ui.Window].
func (f *Form) Help() ui.KeyGroup {
	k := &f.keys
	if f.past.open {
		return ui.KeyGroup{Title: "Earlier searches", Keys: []key.Binding{
			ui.Said(k.Accept, "search again"), ui.Said(k.Next, "edit in the form"), k.Up, k.Down, k.PageUp, k.PageDown, k.First, k.Last,
			ui.Said(k.Cancel, "back to the form"),
		}}
	}
	return ui.KeyGroup{Title: "Advanced search", Keys: []key.Binding{
		ui.Said(k.Accept, "search, from any field"), ui.Said(k.Next, "next field"), ui.Said(k.Prev, "previous field"),
		ui.Said(k.Up, "field above"), ui.Said(k.Down, "field below"), ui.Said(k.Left, "previous choice, or cursor left"),
		ui.Said(k.Right, "next choice, or cursor right"), ui.Said(k.Toggle, "tick, untick, or next choice"),
		ui.Said(k.Clear, "clear the field"), ui.Said(k.ClearAll, "clear all fields"), ui.Said(k.History, "earlier searches"), ui.Said(k.Cancel, "cancel"),
	}}
}
