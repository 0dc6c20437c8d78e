package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/tui/column"
	"weir/tui/flows"
	"weir/tui/tuitest"
)

// heads returns the line of the column heads.
func (st *screenTest) heads() string {
	for _, line := range strings.Split(ansi.Strip(st.screen()), "\n") {
		if strings.Contains(line, "PORT") || strings.Contains(line, "START") {
			return line
		}
	}
	return ""
}

func TestColumnsAreShownAsChosenAndRemembered(t *testing.T) {
	var saved Settings
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) {
		c.Save = func(s Settings) error { saved = s; return nil }
	})
	st.press("c", "j", "space", "G", "j", "K", "K", "+", "enter") // END away, PROTO up by two, wider: it is at its most already
	if got := strings.Fields(st.heads())[:3]; !slices.Equal(got, []string{"PROTO", "START▼", "SNODE"}) {
		t.Errorf("heads: %q", st.heads())
	}
	if len(saved.Columns) != len(flows.WideOrder)-1 || saved.Columns[0] != (ColumnSetting{Name: "proto", Width: 6}) {
		t.Errorf("saved: %v", saved.Columns)
	}

	again := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) { c.Settings = saved })
	if again.heads() != st.heads() {
		t.Errorf("heads the next time: %q", again.heads())
	}
	again.press("c", "u", "enter")
	if len(again.m.flows.Table.Chosen) != 0 {
		t.Error("u does not bring the usual columns back")
	}
}

func TestTheLastColumnStaysAndUnknownOnesAreIgnored(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, func(c *Config) {
		c.Settings.Columns = []ColumnSetting{{Name: "colour", Width: 7}, {Name: "dst", Width: 1_000}, {Name: "dst", Width: 4}}
		c.Save = func(Settings) error { return errors.New("disk full") }
	})
	want := []column.Chosen{{Column: column.DstIP, Width: column.All[column.DstIP].Max}}
	if !slices.Equal(st.m.flows.Table.Chosen, want) {
		t.Errorf("%v, want %v", st.m.flows.Table.Chosen, want)
	}
	st.press("c", "space", "enter")
	if heads := strings.TrimSpace(st.lineWith("DST IP")); heads != "DST IP" || !slices.Equal(st.m.flows.Table.Chosen, want) {
		t.Errorf("the last column was hidden: %q", heads)
	}
	st.wantIn(st.footer(), "not saved: disk full")
	st.press("l", "h", "$", "0", "s", "=") // with a single column
	st.screen()
}

func TestEscKeepsTheColumns(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	before := st.heads()
	st.press("c", "space", "J", "-", "esc")
	if st.heads() != before {
		t.Errorf("heads: %q", st.heads())
	}
}

func TestColumnsOfTCPHealthAreShownOnlyIfChosenAndSort(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 200, 24, nil)
	for _, head := range []string{"PAYLOAD", "RETRANS", "ZEROWIN"} {
		if strings.Contains(st.heads(), head) {
			t.Errorf("%s is shown by default", head)
		}
	}
	var all []ColumnSetting
	for _, c := range append([]column.Column{column.Start}, column.Optional()[:6]...) {
		all = append(all, ColumnSetting{Name: column.All[c].Name})
	}
	st = newScreen(t, tuitest.NewStore(), 80, 24, func(c *Config) { c.Settings.Columns = all })
	if got := strings.Fields(st.heads()); !slices.Equal(got, []string{"START▼", "PAYLOAD", "RETRANS", "OOO", "ZEROWIN", "RTTMIN", "RTTMEAN"}) {
		t.Errorf("heads: %q", got)
	}
	st.press("l", "l", "l", "l", "s")
	if got := strings.Fields(st.heads()); !slices.Contains(got, "ZEROWIN▼") {
		t.Errorf("heads when sorted: %q", got)
	}
	if first := st.m.flows.Rows.At(0); first.ID != 104 {
		t.Errorf("flow %d is first, want 104, with the most zero windows", first.ID)
	}
	st.wantIn(ansi.Strip(st.screen()), "12.4K        2     1        1  11.9ms   16.8ms")
	st.press("=")
	st.wantIn(ansi.Strip(st.screen()), "zerowindow:3")
}

func TestPresetsOfColumns(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 200, 24, nil)
	st.press("c", "p")
	st.wantIn(ansi.Strip(st.screen()), "Columns: nat")
	st.press("enter")
	if got := strings.Join(strings.Fields(st.heads()), " "); got != "START▼ PROTO SRC NODE SRC IP PORT DST NODE DST IP PORT SISN SIPID IFACE NODE VERDICT" {
		t.Errorf("nat: %q", got)
	}
	st.press("c", "p", "p", "enter")
	st.wantIn(st.heads(), "RETRANS")
	st.press("c", "u", "enter")
	if got := st.heads(); strings.Contains(got, "RETRANS") || !strings.Contains(got, "FLAGS") {
		t.Errorf("default: %q", got)
	}
}

// Every column sorts, and its cell becomes a term, or says why not.
func TestEveryFieldIsAColumnOfTheScreen(t *testing.T) {
	for c := range column.Num {
		st := newScreen(t, tuitest.NewStore(), 80, 24, func(cfg *Config) { cfg.Settings.Columns = []ColumnSetting{{Name: "start"}, {Name: column.All[c].Name}} })
		if info := column.All[c]; !strings.Contains(st.heads(), info.Title) && !strings.Contains(st.heads(), info.Long) {
			t.Errorf("heads: %q", st.heads())
		}
		st.press("l", "s")
		r := st.m.flows.Rows.Selected()
		term, why := column.Term(c, r)
		if (term == nil) == (why == "") {
			t.Errorf("%s: %v, %q", column.All[c].Name, term, why)
		}
		st.screen()
	}
}
