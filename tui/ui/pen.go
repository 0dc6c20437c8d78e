package ui

// Pen writes lines of styled text and keeps count of the columns. Its buffer
// is used again for every frame, so that drawing allocates next to nothing.
type Pen struct {
	Theme *Theme
	Buf   []byte
	X     int  // columns written on the present line
	flat  bool // inside a selected row: roles don't show
}

// Put writes s, which must be safe to draw, in the look of r.
func (p *Pen) Put(r Role, s string) {
	sgr := p.Theme.sgr[r]
	if p.flat || sgr == "" || s == "" {
		p.Buf = append(p.Buf, s...)
	} else {
		p.Buf = append(p.Buf, sgr...)
		p.Buf = append(p.Buf, s...)
		p.Buf = append(p.Buf, reset...)
	}
	p.X += Width(s)
}

// Bytes is Put for text in a buffer.
func (p *Pen) Bytes(r Role, b []byte) {
	sgr := p.Theme.sgr[r]
	if p.flat || sgr == "" || len(b) == 0 {
		p.Buf = append(p.Buf, b...)
	} else {
		p.Buf = append(p.Buf, sgr...)
		p.Buf = append(p.Buf, b...)
		p.Buf = append(p.Buf, reset...)
	}
	if IsASCII(b) {
		p.X += len(b)
	} else {
		p.X += Width(string(b))
	}
}

// Styled writes s, which holds its own escape sequences.
func (p *Pen) Styled(s string) {
	p.Buf = append(p.Buf, s...)
	p.X += Width(s)
}

// Space writes n blanks.
func (p *Pen) Space(n int) {
	if n <= 0 {
		return
	}
	p.X += n
	p.Buf = appendBlanks(p.Buf, n)
}

// To writes blanks up to column x.
func (p *Pen) To(x int) { p.Space(x - p.X) }

// Newline ends the line.
func (p *Pen) Newline() {
	p.Buf = append(p.Buf, '\n')
	p.X = 0
}

// Begin draws what follows in the look of r, whatever its own roles, until End.
func (p *Pen) Begin(r Role) {
	p.Buf = append(p.Buf, p.Theme.sgr[r]...)
	p.flat = true
}

// End ends what Begin began.
func (p *Pen) End() {
	p.Buf = append(p.Buf, reset...)
	p.flat = false
}
