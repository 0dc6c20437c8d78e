package tui

import (
	"weir/tui/keys"
	"weir/tui/ui"
)

// drawFooter writes how much of the result is loaded, and the keys that matter
// most or what the last key led to.
func (m *model) drawFooter(p *ui.Pen) {
	p.Space(1)
	p.Put(ui.Text, m.amount())
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

// drawHints writes as many keys as there is room for. Help and quit come last
// and stay longest.
func (m *model) drawHints(p *ui.Pen) {
	switch {
	case m.help != nil:
		m.drawLeast(p, ui.FirstKey(m.keys.List.Down), "down", "Esc", "close")
		return
	case m.window != nil || m.line.editing:
		m.drawLeast(p, m.helpHint(), "help", "Esc", "close")
		return
	}
	help, quit := ui.FirstKey(m.keys.Of(keys.ShowKey)), ui.FirstKey(m.keys.Of(keys.Quit))
	room := m.width - ui.Width(help+" help  "+quit+" "+m.quitWord()+" ")
	for _, h := range m.screens[m.active].Keys().Hints {
		name := ui.FirstKey(m.keys.Of(h.Command))
		if p.X+ui.Width(name)+1+ui.Width(h.Word)+2 > room {
			continue
		}
		p.Put(ui.Text, name)
		p.Space(1)
		p.Put(ui.Dim, h.Word)
		p.Space(2)
	}
	m.drawLeast(p, help, "help", quit, m.quitWord())
}

// quitWord is what the key to quit does here.
func (m *model) quitWord() string {
	if m.active == keys.Flows {
		return "quit"
	}
	return "back"
}

// drawLeast writes two keys at the end of the line: the way to know and the way out.
func (m *model) drawLeast(p *ui.Pen, know, knows, leave, leaves string) {
	p.To(m.width - ui.Width(know+" "+knows+"  "+leave+" "+leaves+" "))
	p.Put(ui.Text, know)
	p.Put(ui.Dim, " "+knows+"  ")
	p.Put(ui.Text, leave)
	p.Put(ui.Dim, " "+leaves)
}

// amount says how much the screen in sight shows.
func (m *model) amount() string {
	if text := m.screens[m.active].Amount(); text != "" && !m.flows.Loading {
		return text
	}
	return m.flows.Amount()
}
