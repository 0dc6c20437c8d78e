package tui

import (
	"context"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"weir/flow"
	"weir/node"
	"weir/tui/session"
)

// hostileNames is what a network, a file or a resolver may hand out as a name.
var hostileNames = []string{
	"\x1b[2J\x1b[31mred",                              // clears the screen
	"\x1b]0;title\x07\x1b]52;c;cm0gLXJm\x07",          // sets title and clipboard
	"\x9b31m\u009b2J",                                 // the same in 8 bits
	"\u202egnp.exe\u2066x\u200f",                      // right to left
	"世界世界世界世界世界世界世界",                                  // wide
	"Z" + strings.Repeat("\u0301\u0334\u0489", 40),    // a pile of combining characters
	"a\tb\r\nc\x00\x08\x7f",                           // moves the cursor
	"\u200b\u00ad\ufeff",                              // nothing to see
	"👩‍👩‍👧‍👦🇩🇪",                                       // several characters in one place
	string([]byte{0xff, 0xfe, 'x'}),                   // no UTF-8
	strings.Repeat("very-long-name.", 20) + "example", // longer than any column
}

// ourSequences are the escape sequences that the screen itself draws with.
var ourSequences = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// hostileStore is a store in which every name is the given one.
func hostileStore(name string) *fakeStore {
	s := &fakeStore{nodes: []node.Summary{{Node: node.Node{Name: name}, Flows: 8, LastSeen: testNow}}, groups: node.Groups{{Name: name + "s", Members: []string{name}}}}
	recs := append(hops(), sampleFlows()[1:]...)
	for i := range recs {
		recs[i].Node, recs[i].Interface, recs[i].Src.Node, recs[i].Dst.Node = name, name, name, name
	}
	s.add(recs...)
	return s
}

func TestHostileNamesCannotBreakOrSpoofTheScreen(t *testing.T) {
	for _, name := range hostileNames {
		for _, s := range scenes() {
			if s.store != nil {
				continue
			}
			for _, size := range sizes[:3] {
				st := newScreen(t, hostileStore(name), size[0], size[1], func(c *Config) {
					c.Host, c.Capturing, c.Notice, c.ExportDir = name, name, "cannot capture on "+name, t.TempDir()
					c.Settings.Names = true
					c.Resolve = func(context.Context, netip.Addr) (string, error) { return name, nil }
				})
				health := sampleHealth()
				health.Sources[0].Name, health.Sources[0].Err, health.StoreErr, health.Skipped[0].Name = name, name, name, name
				st.send(session.PulsedMsg{At: st.now, Version: st.store.Version(), Health: health})
				s.open(st)
				screen := st.screen()
				fits(t, screen, size[0], size[1])
				plain := ourSequences.ReplaceAllString(screen, "")
				for _, line := range strings.Split(plain, "\n") {
					if at := strings.IndexFunc(line, dangerous); at >= 0 {
						t.Fatalf("%s at %dx%d: %q draws %q", s.name, size[0], size[1], name, line)
					}
				}
			}
		}
	}
}

// dangerous reports whether a terminal may do something else with a character
// than draw it in its place.
func dangerous(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\ufeff' || r == '\u2028' || r == '\u2029'
}

func TestHostileNamesCannotBreakTheLineMode(t *testing.T) {
	for _, name := range hostileNames {
		st := newLineTest(t, hostileStore(name), func(c *Config) {
			c.Notice = name
			c.Health = func() flow.Health { return sampleHealth() }
		})
		st.x.Health = flow.Health{Sources: []flow.SourceHealth{{Name: name, Err: name}}, StoreErr: name}
		before := st.out.Len()
		st.enter("nodes", "list", "details 1", "conversation 1", "health", "talkers node")
		for line := range strings.SplitSeq(st.out.String()[before:], "\n") {
			if strings.ContainsFunc(line, dangerous) {
				t.Errorf("%q: %q", name, line)
			}
		}
		if st.out.Len()-before < 500 {
			t.Errorf("%q: little was said:\n%s", name, st.out.String())
		}
	}
}
