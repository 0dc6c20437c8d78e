package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"weir/node"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// look is a kind of terminal.
type look struct {
	name   string
	change func(*Config)
	light  bool
}

var (
	sizes = [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 50}}
	kinds = []look{
		{name: "dark"},
		{name: "light", light: true},
		{name: "NO_COLOR", change: func(c *Config) { c.ColorProfile = colorprofile.ASCII }},
		{name: "ASCII", change: func(c *Config) { c.ASCII = true }},
	}
)

// scene is a state of the screen, and how to get there.
type scene struct {
	name  string
	store func() *tuitest.Store // nil: sampleStore
	open  func(*screenTest)
}

func pressed(names ...string) func(*screenTest) {
	return func(st *screenTest) { st.press(names...) }
}

// typed presses a key, writes a text, and presses more keys.
func typed(first, text string, then ...string) func(*screenTest) {
	return func(st *screenTest) {
		st.press(first)
		st.write(text)
		st.press(then...)
	}
}

// sceneStore is sampleStore with a conversation across three nodes and groups.
func sceneStore() *tuitest.Store {
	s := tuitest.NewStore()
	s.GroupList = node.Groups{{Name: "sites", Members: []string{"branch-office-3", "edge-1"}}}
	s.Recs = s.Recs[1:]
	s.Add(tuitest.Hops()...)
	return s
}

// scenes returns every screen and every window.
func scenes() []scene {
	return []scene{
		{"flows", nil, withRate},
		{"flows-empty", func() *tuitest.Store { return &tuitest.Store{} }, pressed()},
		{"flows-no-match", nil, typed("/", "proto:gre", "enter")},
		{"flows-typing", nil, typed("/", "proto:tcp dpotr:443")},
		{"flows-paused", nil, func(st *screenTest) {
			st.press("j", "space", "space")
			st.store.Add(st.newFlow())
			st.tick()
		}},
		{"flows-details", nil, pressed("j", "enter")},
		{"flows-plain", nil, pressed("L")},
		{"talkers", nil, pressed("2")},
		{"talkers-pair", nil, pressed("2", "a", "a", "j")},
		{"timeline", nil, pressed("3")},
		{"timeline-brush", nil, pressed("3", "h", "h", "space", "h", "h", "h")},
		{"health", nil, func(st *screenTest) {
			st.m.Health = tuitest.Health()
			st.press("4")
		}},
		{"help-flows", nil, pressed("?")},
		{"help-talkers", nil, pressed("2", "?")},
		{"help-timeline", nil, pressed("3", "?")},
		{"help-health", nil, pressed("4", "?")},
		{"help-filter-line", nil, pressed("/", "f1")},
		{"help-nodes", nil, pressed("n", "f1")},
		{"search", nil, pressed("f")},
		{"search-history", nil, func(st *screenTest) {
			typed("/", "proto:udp dport:53", "enter")(st)
			st.press("f", "ctrl+r")
		}},
		{"nodes", nil, pressed("n", "down")},
		{"flags", nil, pressed("j", "t")},
		{"range", nil, pressed("r")},
		{"columns", nil, pressed("c")},
		{"yank", nil, pressed("y")},
		{"palette", nil, typed(":", "co")},
		{"export", nil, pressed("E")},
		{"conversation", nil, pressed("x")},
	}
}

// TestEverySceneLooksAsAgreed compares each scene at every size, and at 80x24 on every
// kind of terminal, with a golden file.
func TestEverySceneLooksAsAgreed(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			var all strings.Builder
			for _, size := range sizes {
				for _, l := range kinds {
					if l.name != "dark" && size != [2]int{80, 24} {
						continue
					}
					screen := s.draw(t, size[0], size[1], l)
					if s.name != "flows-plain" || size[0] >= minWidth {
						fits(t, screen, size[0], size[1])
					}
					fmt.Fprintf(&all, "== %dx%d %s ==\n%s\n", size[0], size[1], l.name, screen)
				}
			}
			golden(t, "scene-"+s.name, all.String())
		})
	}
}

// draw returns the frame of a scene.
func (s *scene) draw(t *testing.T, w, h int, l look) string {
	t.Helper()
	store := sceneStore
	if s.store != nil {
		store = s.store
	}
	st := newScreen(t, store(), w, h, func(c *Config) {
		c.ExportDir = "/home/admin"
		if l.change != nil {
			l.change(c)
		}
	})
	st.m.term.Background = ui.BackgroundOf(!l.light)
	st.m.retheme()
	s.open(st)
	st.m.dirty, st.m.box.of = true, nil
	return st.screen()
}
