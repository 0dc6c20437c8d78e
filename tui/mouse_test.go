package tui

import (
	"context"
	"errors"
	"image/color"
	"net/netip"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/flows"
	"weir/tui/keys"
	"weir/tui/timeline"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// click clicks on the first place of a text below the filter line.
func (st *screenTest) click(what string) {
	st.t.Helper()
	for y, line := range strings.Split(ansi.Strip(st.screen()), "\n") {
		if at := strings.Index(line, what); at >= 0 && y >= st.m.bodyTop {
			st.send(tea.MouseClickMsg{X: ansi.StringWidth(line[:at]), Y: y, Button: tea.MouseLeft})
			return
		}
	}
	st.t.Fatalf("%q is not on the screen", what)
}

func TestTheMouseSelectsSortsAndScrolls(t *testing.T) {
	store := tuitest.NewStore()
	store.Add(manyFlows(100)...)
	st := newScreen(t, store, 120, 24, nil)
	st.click("RECV")
	if st.m.Query.Order != search.OrderBy(search.FieldRecv, false) {
		t.Error("a click on RECV does not sort")
	}
	st.click("RECV")
	if st.m.Query.Order != search.OrderBy(search.FieldRecv, true) {
		t.Error("a second click does not reverse the sort order")
	}
	st.press("F")
	st.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if st.m.flows.Rows.Cursor() != ui.WheelRows || st.m.flows.State != flows.Paused {
		t.Errorf("the wheel goes to row %d, state %d", st.m.flows.Rows.Cursor(), st.m.flows.State)
	}
	for range 3 {
		st.send(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	}
	if st.m.flows.State != flows.Live {
		t.Error("the wheel at the top does not go back to live")
	}
	st.send(tea.MouseClickMsg{X: 60, Y: 6, Button: tea.MouseLeft})
	if st.m.flows.Rows.Cursor() != 3 || st.m.flows.State != flows.Paused || st.detailsOpen() {
		t.Errorf("a click selects row %d", st.m.flows.Rows.Cursor())
	}
	st.send(tea.MouseClickMsg{X: 60, Y: 6, Button: tea.MouseLeft})
	if !st.detailsOpen() {
		t.Error("a click on the selected cell does not open the details")
	}
	st.press("n")
	st.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if !strings.Contains(ansi.Strip(st.screen()), "> [ ] branch-office-3") {
		t.Error("the wheel does not move in the list of nodes")
	}
}

func TestTheMouseGroupsAndBrushes(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("2")
	st.click("port")
	if st.m.talkers.Word() != "port" {
		t.Errorf("grouped by %s", st.m.talkers.By)
	}
	st.click("UDP 53")
	st.click("UDP 53")
	if got := search.Text(st.m.Query.Filter); got != "proto:udp dport:53" {
		t.Errorf("filter %q", got)
	}
	st.press("backspace", "backspace", "3")
	st.send(tea.MouseClickMsg{X: 20, Y: 8, Button: tea.MouseLeft})
	st.send(tea.MouseMotionMsg{X: 30, Y: 8, Button: tea.MouseLeft})
	if first, last := st.picked(); first != 20-timeline.Margin || last != 30-timeline.Margin {
		t.Errorf("brushed %d to %d", first, last)
	}
}

func TestADragThatDoesNotBeginOnTheChartMakesNoSpan(t *testing.T) {
	for _, from := range []tea.MouseClickMsg{{X: 3, Y: 0}, {X: 30, Y: 1}, {X: timeline.Margin - 1, Y: 8}, {X: 119, Y: 8}, {X: 30, Y: 39}} {
		st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
		st.press("3")
		st.send(tea.MouseClickMsg{X: 60, Y: 8, Button: tea.MouseLeft}) // an earlier click, on the chart
		from.Button = tea.MouseLeft
		st.send(from)
		st.press("esc") // the filter line
		if st.m.active != keys.Timeline {
			st.press("3")
		}
		st.send(tea.MouseMotionMsg{X: 40, Y: 8, Button: tea.MouseLeft})
		if first, last := st.picked(); first != last {
			t.Errorf("a drag from %d,%d picks %d to %d", from.X, from.Y, first, last)
		}
	}
}

func TestMGivesTheMouseToTheTerminal(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	if st.m.View().MouseMode == tea.MouseModeNone {
		t.Error("the mouse is off at first")
	}
	st.press("M")
	if st.m.View().MouseMode != tea.MouseModeNone {
		t.Error("M does not turn the mouse off")
	}
	st.send(tea.MouseClickMsg{X: 60, Y: 6, Button: tea.MouseLeft})
	if st.m.flows.State != flows.Live {
		t.Error("a click was taken although the mouse is off")
	}
}

func TestThePlainPageIsTextOnly(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, nil)
	st.press("L")
	screen := st.screen()
	fits(t, screen, 120, 24)
	if strings.Contains(screen, "\x1b") || st.m.View().MouseMode != tea.MouseModeNone {
		t.Error("the plain page has looks, or takes the mouse")
	}
	golden(t, "plain-120x24", screen)
	st.press("x")
	if !strings.Contains(st.screen(), "\x1b") {
		t.Error("no key goes back")
	}
}

func TestNamesComeWhenTheyAreKnown(t *testing.T) {
	asked := 0
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) {
		c.Resolve = func(_ context.Context, a netip.Addr) (string, error) {
			asked++
			if a.String() == "10.100.1.17" {
				return "pc\x1b[31m.lan.", nil
			}
			return "", errors.New("no such host")
		}
	})
	if asked != 0 {
		t.Error("names are looked up although they are off")
	}
	st.screen()
	st.press("d")
	st.wantIn(ansi.Strip(st.screen()), "pc^[[31m.lan")
	before := asked
	st.tick()
	st.press("d", "d")
	if asked != before {
		t.Errorf("%d names were asked for again", asked-before)
	}
	st.press("l", "l", "l", "l", "=") // the filter is about the address
	if got := search.Text(st.m.Query.Filter); got != "src:10.100.1.17" {
		t.Errorf("filter %q", got)
	}
}

func TestServicesStandForPortsWhereTheyFit(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, nil)
	st.press("P")
	screen := ansi.Strip(st.screen())
	st.wantIn(screen, " https ")
	st.wantIn(screen, " 51422 ")
	st.wantIn(screen, "  8443 ") // https-alt is too long
}

func TestThemesChangeColoursOnly(t *testing.T) {
	for _, c := range []struct {
		profile colorprofile.Profile
		looks   int
	}{
		{colorprofile.TrueColor, len(ui.ThemeNames()) + 1}, {colorprofile.ANSI256, len(ui.ThemeNames()) + 1}, {colorprofile.ANSI, 3},
	} {
		st := newScreen(t, tuitest.NewStore(), 80, 24, func(cfg *Config) { cfg.ColorProfile = c.profile })
		plain := ansi.Strip(st.screen())
		seen := map[string]bool{}
		for range c.looks {
			st.press("T", "esc")
			if ansi.Strip(st.screen()) != plain {
				t.Errorf("%s: theme %q changes the text", c.profile, st.m.Settings.Theme)
			}
			seen[st.screen()] = true
		}
		if len(seen) != c.looks || st.m.Settings.Theme != "" {
			t.Errorf("%s: %d looks, want %d; at last %q", c.profile, len(seen), c.looks, st.m.Settings.Theme)
		}
	}
}

func TestTheKeyOfThemesSaysWhatATerminalCannotShow(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile colorprofile.Profile
		light   bool
		keeps   string // the theme that is chosen
		says    string
	}{
		{"16 colours", colorprofile.ANSI, false, "ember", "theme: ember (dusk, river look the same here)"},
		{"16 colours on a light background", colorprofile.ANSI, true, "", "no other theme for this terminal: paper, chalk look the same here; dusk, river, ember need a dark background"},
		{"NO_COLOR", colorprofile.ASCII, false, "", "themes need a terminal with colours, and NO_COLOR not set"},
	} {
		st := newScreen(t, tuitest.NewStore(), 160, 24, func(cfg *Config) { cfg.ColorProfile = c.profile })
		if c.light {
			st.send(tea.BackgroundColorMsg{Color: color.White})
		}
		before := st.screen()
		st.press("T")
		st.wantIn(st.footer(), c.says)
		st.press("esc")
		if st.m.Settings.Theme != c.keeps || (c.keeps == "") != (st.screen() == before) {
			t.Errorf("%s: the theme is %q, want %q", c.name, st.m.Settings.Theme, c.keeps)
		}
	}
}
