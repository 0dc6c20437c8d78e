// Command pictures converts the output of `tmux capture-pane -ep` on standard
// input to SVG on standard output. Unlike most converters to HTML it preserves
// dim text, reverse video across color changes, and the character grid.
//
// make.sh generates the pictures of the documentation.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// The character grid in pixels. Characters of DejaVu Sans Mono at fontSize are
// cellWidth wide.
const (
	fontSize   = 15
	cellWidth  = 9
	cellHeight = 17
	baseline   = 13 // from the top of a cell
	margin     = 8
)

func main() {
	light := flag.Bool("light", false, "a light background")
	flag.Parse()
	colors := &dark
	if *light {
		colors = &bright
	}
	if err := draw(os.Stdin, os.Stdout, colors); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// palette holds the colors of a terminal as 0xRRGGBB.
type palette struct {
	back, fore uint32
	ansi       [16]uint32
}

var (
	dark = palette{0x16161e, 0xc0caf5, [16]uint32{
		0x15161e, 0xdb4b4b, 0x9ece6a, 0xe0af68, 0x7aa2f7, 0xbb9af7, 0x7dcfff, 0xa9b1d6,
		0x565f89, 0xff7a93, 0xb9f27c, 0xffd75f, 0x7da6ff, 0xc7a9ff, 0x6fdcff, 0xffffff,
	}}
	bright = palette{0xfbfbf8, 0x2b2b33, [16]uint32{
		0x2b2b33, 0xb3261e, 0x1a6e2e, 0x8a5a00, 0x1a56c4, 0x8a2aa8, 0x00708a, 0xd0d0d0,
		0x70707a, 0xd0342c, 0x2a8f45, 0xa87000, 0x3a70dc, 0xa544c4, 0x008aa8, 0xfbfbf8,
	}}
)

// style is the state of SGR attributes.
type style struct {
	fore, back               int64 // 0xRRGGBB; -1: default of the palette
	bold, dim, under, invert bool
}

var plain = style{fore: -1, back: -1}

// run is a sequence of characters with the same style.
type run struct {
	style
	text []rune
}

// draw reads lines with SGR sequences and writes them as SVG.
func draw(in io.Reader, out io.Writer, p *palette) error {
	var lines [][]run
	wide := 0
	current := plain
	scan := bufio.NewScanner(in)
	for scan.Scan() {
		var runs []run
		runs, current = parse(scan.Text(), current, p)
		columns := 0
		for _, r := range runs {
			columns += len(r.text)
		}
		wide = max(wide, columns)
		lines = append(lines, runs)
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("read the screen: %w", err)
	}
	w := bufio.NewWriter(out)
	width, height := wide*cellWidth+2*margin, len(lines)*cellHeight+2*margin
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="%d">`+"\n", width, height, fontSize)
	fmt.Fprintf(w, `<rect width="%d" height="%d" fill="#%06x"/>`+"\n", width, height, p.back)
	for y, runs := range lines {
		x := 0
		for _, r := range runs {
			r.draw(w, margin+x*cellWidth, margin+y*cellHeight, p)
			x += len(r.text)
		}
	}
	fmt.Fprintln(w, "</svg>")
	return w.Flush()
}

// draw writes a run and, unless it is the default, its background.
func (r *run) draw(w io.Writer, x, y int, p *palette) {
	fore, back := r.colors(p)
	width := len(r.text) * cellWidth
	if back != p.back {
		fmt.Fprintf(w, `<rect x="%d" y="%d" width="%d" height="%d" fill="#%06x"/>`+"\n", x, y, width, cellHeight, back)
	}
	text := string(r.text)
	if strings.TrimSpace(text) == "" && !r.under {
		return
	}
	more := ""
	if r.bold {
		more += ` font-weight="bold"`
	}
	if r.under {
		more += ` text-decoration="underline"`
	}
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	fmt.Fprintf(w, `<text x="%d" y="%d" textLength="%d" fill="#%06x"%s xml:space="preserve">%s</text>`+"\n", x, y+baseline, width, fore, more, text)
}

// colors returns the foreground and background.
func (s *style) colors(p *palette) (fore, back uint32) {
	fore, back = p.fore, p.back
	if s.fore >= 0 {
		fore = uint32(s.fore)
	}
	if s.back >= 0 {
		back = uint32(s.back)
	}
	if s.dim {
		fore = mix(fore, back)
	}
	if s.invert {
		fore, back = back, fore
	}
	return fore, back
}

// mix returns a color of 3/5 a and 2/5 b.
func mix(a, b uint32) uint32 {
	part := func(shift int) uint32 { return ((a>>shift&0xff)*3 + (b>>shift&0xff)*2) / 5 << shift }
	return part(16) | part(8) | part(0)
}

// parse splits a line into runs. current is the style at its start; the result
// includes the style at its end.
func parse(line string, current style, p *palette) ([]run, style) {
	var runs []run
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				return runs, current
			}
			if rest[end] == 'm' {
				current.set(rest[:end], p)
			}
			line = rest[end+1:]
			continue
		}
		text, _, _ := strings.Cut(line, "\x1b")
		if text == "" { // an escape sequence other than CSI
			line = line[1:]
			continue
		}
		runs = append(runs, run{current, []rune(text)})
		line = line[len(text):]
	}
	return runs, current
}

// set applies the parameters of an SGR sequence.
func (s *style) set(params string, p *palette) {
	codes := strings.Split(params, ";")
	for i := 0; i < len(codes); i++ {
		n, _ := strconv.Atoi(codes[i]) // empty is 0
		switch {
		case n == 0:
			*s = plain
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case n == 4:
			s.under = true
		case n == 7:
			s.invert = true
		case n == 22:
			s.bold, s.dim = false, false
		case n == 24:
			s.under = false
		case n == 27:
			s.invert = false
		case n >= 30 && n <= 37:
			s.fore = int64(p.ansi[n-30])
		case n == 39:
			s.fore = -1
		case n >= 40 && n <= 47:
			s.back = int64(p.ansi[n-40])
		case n == 49:
			s.back = -1
		case n >= 90 && n <= 97:
			s.fore = int64(p.ansi[n-90+8])
		case (n == 38 || n == 48) && i+4 < len(codes) && codes[i+1] == "2":
			c := rgb(codes[i+2 : i+5])
			if n == 38 {
				s.fore = c
			} else {
				s.back = c
			}
			i += 4
		}
	}
}

func rgb(parts []string) int64 {
	var c int64
	for _, part := range parts {
		n, _ := strconv.ParseUint(part, 10, 8)
		c = c<<8 | int64(n)
	}
	return c
}
