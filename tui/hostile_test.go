package tui

import (
	"context"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"weir/tui/session"
	"weir/tui/tuitest"
)

// ourSequences are the escape sequences that the screen itself draws with.
var ourSequences = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestHostileNamesCannotBreakOrSpoofTheScreen(t *testing.T) {
	for _, name := range tuitest.HostileNames {
		for _, s := range scenes() {
			if s.store != nil {
				continue
			}
			for _, size := range sizes[:3] {
				st := newScreen(t, tuitest.HostileStore(name), size[0], size[1], func(c *Config) {
					c.Host, c.Capturing, c.Notice, c.ExportDir = name, name, "cannot capture on "+name, t.TempDir()
					c.Settings.Names = true
					c.Resolve = func(context.Context, netip.Addr) (string, error) { return name, nil }
				})
				health := tuitest.Health()
				health.Sources[0].Name, health.Sources[0].Err, health.StoreErr, health.Skipped[0].Name = name, name, name, name
				st.send(session.TickMsg{At: st.now, Version: st.store.Version(), Health: health})
				s.open(st)
				screen := st.screen()
				fits(t, screen, size[0], size[1])
				plain := ourSequences.ReplaceAllString(screen, "")
				for _, line := range strings.Split(plain, "\n") {
					if at := strings.IndexFunc(line, tuitest.Dangerous); at >= 0 {
						t.Fatalf("%s at %dx%d: %q draws %q", s.name, size[0], size[1], name, line)
					}
				}
			}
		}
	}
}
