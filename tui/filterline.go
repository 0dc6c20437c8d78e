package tui

import (
	"errors"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/input"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// filterLine edits the filter as text. Typing changes nothing until it is applied.
type filterLine struct {
	editing bool
	input   input.Line
	err     error  // parse error of the typed text; nil: it is valid
	doubt   string // possible mistake in a valid text
	env     input.Env
	offered input.Offer // completions at the cursor, after Tab

	history session.History // applied filters, oldest first
	place   int             // index in history; len(history): the draft
	draft   string          // the typed text, while the history is shown
}

// open starts editing.
func (l *filterLine) open(text string, past session.History, env input.Env) {
	l.editing, l.env, l.offered = true, env, input.Offer{}
	l.input = input.NewFilterLine(text)
	l.history, l.place, l.draft = past, len(past), text
	l.check()
}

func (l *filterLine) check() {
	text := l.input.Value()
	q, err := search.Query{}.With(text, l.env.Now, l.env.Loc)
	if l.err, l.doubt = err, ""; err != nil || !l.env.Known {
		return
	}
	if len(search.Complete(text, l.input.Cursor(), l.env.Words)) > 0 { // a word is being typed
		l.err = search.CheckGroups(text, q.Filter, l.env.Words.Groups)
		return
	}
	if q, l.err = l.env.With(search.Query{}, text); l.err != nil {
		return
	}
	if name, meant, ok := search.UnknownName(q.Filter, l.env.Words); ok {
		l.doubt = "no node named " + name
		if meant != "" {
			l.doubt += " (did you mean " + meant + "?)"
		}
	}
}

// set replaces the typed text.
func (l *filterLine) set(s string) {
	l.input.Set(s)
	l.check()
}

// browse shows an older (-1) or newer (+1) filter of the history.
func (l *filterLine) browse(by int) {
	if l.place == len(l.history) {
		l.draft = l.input.Value()
	}
	place := l.place + by
	switch {
	case place < 0 || place > len(l.history):
		return
	case place == len(l.history):
		l.set(l.draft)
	default:
		l.set(l.history[place])
	}
	l.place = place
}

// openLine starts editing the filter.
func (m *model) openLine() tea.Cmd {
	m.line.open(m.FilterText, m.Filters, m.env())
	return nil
}

// editLine handles a message for the filter line.
func (m *model) editLine(msg tea.Msg) tea.Cmd {
	l, k := &m.line, &m.keys.Line
	press, ok := msg.(tea.KeyPressMsg)
	l.input.ForgetRefused()
	if ok && !key.Matches(press, k.Complete) {
		l.offered = input.Offer{}
	}
	switch {
	case !ok:
		l.input.Update(msg)
	case key.Matches(press, k.Apply):
		return m.applyLine()
	case key.Matches(press, k.Cancel):
		l.editing = false
		return nil
	case key.Matches(press, k.Older):
		l.browse(-1)
		return nil
	case key.Matches(press, k.Newer):
		l.browse(+1)
		return nil
	case key.Matches(press, k.Complete):
		l.complete(l.env.Words)
		return nil
	default:
		l.input.Update(press)
	}
	if text := l.input.Value(); termsafe.Text(text) != text {
		l.input.Set(termsafe.Text(text)) // pasted
	}
	l.check()
	return nil
}

// applyLine applies the typed filter. A time range, order or limit in it replaces that
// of the query. An invalid filter stays in the line, with the error below.
func (m *model) applyLine() tea.Cmd {
	l := &m.line
	text := strings.TrimSpace(l.input.Value())
	l.env = m.env() // for the current time
	q, err := l.env.With(m.Query, text)
	if err != nil {
		l.err = err
		return nil
	}
	l.editing = false
	if q.Range != m.Query.Range || q.Order != m.Query.Order || q.Limit != m.Query.Limit {
		text = search.Text(q.Filter) // the header shows the rest
	}
	m.RememberFilter(text)
	cmd := tea.Batch(m.SetQuery(q), m.Remember(q))
	m.FilterText = text // as typed, not as printed
	return cmd
}

// drawFilter writes the filter line and whether the filter is valid.
func (m *model) drawFilter(p *ui.Pen) {
	l := &m.line
	p.Space(1)
	p.Put(ui.Accent, "/")
	p.Space(1)
	if !l.editing {
		if m.FilterText == "" {
			p.Put(ui.Dim, ui.Cut("no filter: "+m.Key(keys.Filter)+" to type one, "+m.Key(keys.Search)+" for advanced search", m.width-p.X))
			return
		}
		p.Put(ui.Input, ui.Cut(termsafe.Text(m.FilterText), m.width-p.X))
		return
	}
	verdict, look := "ok", ui.Good
	if l.err != nil {
		verdict, look = "error", ui.Bad
	}
	p.Styled(l.input.Draw(p.Theme, m.lineRoom(), true, ui.Input))
	p.To(m.width - ui.Width(verdict) - 1)
	p.Put(look, verdict)
}

// lineRoom returns the width of the input in terminal columns.
func (m *model) lineRoom() int { return m.width - len(" / ") - len(" error ") }

// offset returns the terminal column of the character at col, counted from 1, in an
// input of room columns that scrolls to its cursor.
func (l *filterLine) offset(col, room int) int {
	text := []rune(l.input.Value())
	upTo := func(n int) int { return ui.Width(string(text[:min(max(n, 0), len(text))])) }
	scrolled := max(upTo(l.input.Model.Position())+1-room, 0)
	return max(upTo(col-1)-scrolled, 0)
}

// drawHint writes the line below the filter being edited: completions, the error at
// its position, or the keys.
func (m *model) drawHint(p *ui.Pen) {
	l, k := &m.line, &m.keys.Line
	var wrong *search.Error
	switch refused := l.input.Refused(); {
	case refused != nil:
		p.Space(3)
		p.Put(ui.Warn, ui.Cut(refused.Error(), m.width-p.X))
	case len(l.offered.Choices) > 1:
		m.drawOffer(p)
	case errors.As(l.err, &wrong):
		text := termsafe.Text(wrong.Msg)
		if wrong.Hint != "" {
			text += " (" + termsafe.Text(wrong.Hint) + ")"
		}
		m.drawCaret(p, l.offset(wrong.Col, m.lineRoom()), text)
	case l.err != nil:
		m.drawCaret(p, 0, ui.OneLine(l.err))
	case l.doubt != "":
		p.Space(3)
		p.Put(ui.Warn, ui.Cut(termsafe.Text(l.doubt), m.width-p.X))
	default:
		p.Space(3)
		for _, b := range []key.Binding{k.Apply, k.Cancel, k.Complete, k.Older} {
			help := b.Help()
			if p.X+ui.Width(help.Key)+ui.Width(help.Desc)+3 > m.width {
				break
			}
			p.Put(ui.Text, help.Key)
			p.Space(1)
			p.Put(ui.Dim, help.Desc)
			p.Space(2)
		}
	}
}

// drawCaret writes a caret at column x after the prompt, and text on the side of it
// with enough room.
func (m *model) drawCaret(p *ui.Pen, x int, text string) {
	const prompt = 3
	x = min(prompt+x, m.width-prompt)
	if room := m.width - x - 3; ui.Width(text) <= room || x < m.width/2 {
		p.To(x)
		p.Put(ui.Bad, "^ "+ui.Cut(text, room))
		return
	}
	text = ui.Cut(text, x-2)
	p.To(x - ui.Width(text) - 1)
	p.Put(ui.Bad, text+" ^")
}

// complete completes the word at the cursor.
func (l *filterLine) complete(env search.Env) {
	l.offered.Complete(&l.input, search.Complete(l.input.Value(), l.input.Cursor(), env))
	l.check()
}

// drawOffer writes the completions, starting with the inserted one.
func (m *model) drawOffer(p *ui.Pen) {
	o := &m.line.offered
	p.Space(3)
	for i := range o.Choices {
		c := &o.Choices[(i+max(o.At, 0))%len(o.Choices)]
		word := ui.Safe(c.Text)
		if p.X+ui.Width(word)+2 > m.width {
			break
		}
		look := ui.Text
		if i == 0 && o.At >= 0 {
			look = ui.Accent
		}
		p.Put(look, word)
		p.Space(2)
	}
	if o.At >= 0 {
		p.Put(ui.Dim, ui.Cut(ui.Safe(o.Choices[o.At].Help), m.width-p.X))
	}
}
