package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"

	"weir/tui/keys"
	"weir/tui/ui"
)

// drawFooter writes how many flows are loaded, and the status message or the most
// important keys.
func (m *model) drawFooter(p *ui.Pen) {
	p.Space(1)
	p.Put(ui.Text, m.amount())
	if percent, ok := m.flows.Searched(); ok {
		p.Space(1)
		p.Styled(ui.Progress(p.Theme, percent, barWidth))
	}
	if n := len(m.flows.Rows.Marks); n > 0 {
		p.Put(ui.Accent, ", "+ui.Count(n)+" marked")
	}
	p.Space(3)
	if m.Status.Text != "" {
		p.Put(m.Status.Look, ui.Cut(m.Status.Text, m.width-p.X))
		return
	}
	m.drawHints(p)
}

// drawHints writes as many keys as fit. Help and quit are always among them.
func (m *model) drawHints(p *ui.Pen) {
	switch {
	case m.help != nil:
		m.drawLeast(p, ui.FirstKey(ui.NewListKeys().Down), "down", "Esc", "close")
		return
	case m.window != nil || m.line.editing:
		m.drawLeast(p, m.helpHint(), "help", "Esc", "close")
		return
	}
	help, quit := ui.FirstKey(m.keys.Of(keys.ShowKey)), ui.FirstKey(m.keys.Of(keys.Quit))
	room := m.width - ui.Width(help+" help  "+quit+" "+m.quitWord()+" ")
	m.hints.draw(p, m.keys, m.inSight().Keys().Hints, room)
	m.drawLeast(p, help, "help", quit, m.quitWord())
}

// hintLine is the key hints in the footer. It caches the output of bubbles/help, which
// every frame draws and which seldom changes.
type hintLine struct {
	th    *ui.Theme
	shown []keys.Hint
	text  string

	fits []keys.Hint // room for those of the next frame
}

// draw writes the hints that fit before column room.
func (l *hintLine) draw(p *ui.Pen, keyMap *keys.Map, hints []keys.Hint, room int) {
	l.fits = l.fits[:0]
	x := p.X
	for _, h := range hints {
		if w := ui.HintWidth(ui.FirstKey(keyMap.Of(h.Command)), h.Word); x+w <= room {
			l.fits = append(l.fits, h)
			x += w
		}
	}
	if l.th != p.Theme || !slices.Equal(l.fits, l.shown) {
		l.th, l.shown = p.Theme, slices.Clone(l.fits)
		bindings := make([]key.Binding, len(l.shown))
		for i, h := range l.shown {
			b := keyMap.Of(h.Command)
			bindings[i] = ui.Bind(ui.FirstKey(b), h.Word, b.Keys()...)
		}
		l.text = ui.KeyHints(p.Theme, bindings)
	}
	p.Styled(l.text)
	p.To(x)
}

// quitWord returns what the key to quit does on the visible screen.
func (m *model) quitWord() string {
	if m.active == keys.Flows {
		return "quit"
	}
	return "back"
}

// drawLeast writes two keys at the end of the line: help, and close or quit.
func (m *model) drawLeast(p *ui.Pen, know, knows, leave, leaves string) {
	p.To(m.width - ui.Width(know+" "+knows+"  "+leave+" "+leaves+" "))
	p.Put(ui.Text, know)
	p.Put(ui.Dim, " "+knows+"  ")
	p.Put(ui.Text, leave)
	p.Put(ui.Dim, " "+leaves)
}

// amount returns how much the visible screen shows.
func (m *model) amount() string {
	if text := m.inSight().Amount(); text != "" && !m.flows.Loading {
		return text
	}
	return m.flows.Amount()
}
