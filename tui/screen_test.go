package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/node"
	"weir/search"
	"weir/tui/column"
	"weir/tui/dialog"
	"weir/tui/flows"
	"weir/tui/session"
	"weir/tui/tuitest"
)

// header returns the first line without styles, footer the last one.
func (st *screenTest) header() string { return strings.Split(ansi.Strip(st.screen()), "\n")[0] }

func (st *screenTest) footer() string {
	lines := strings.Split(ansi.Strip(st.screen()), "\n")
	return lines[len(lines)-1]
}

func (st *screenTest) wantIn(where, what string) {
	st.t.Helper()
	if !strings.Contains(where, what) {
		st.t.Errorf("%q is missing in %q", what, where)
	}
}

// newFlow returns a flow that starts after those of the store.
func (st *screenTest) newFlow() flow.Record {
	r := sampleFlows()[0]
	r.ID = 1_000_000 + int64(st.store.Version())
	r.Start = st.now
	r.Last = st.now
	return r
}

func TestNewFlowsAppearAtTheTopWhileLive(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	r := st.newFlow()
	st.store.Add(r)
	st.tick()
	if got := st.m.flows.Rows.At(0).ID; got != r.ID {
		t.Errorf("flow %d is on top, want %d", got, r.ID)
	}
	st.wantIn(st.header(), "LIVE")
}

func TestReadingIsNeverDisturbed(t *testing.T) {
	for _, leave := range []string{"j", "pgdown", "p", "enter", "ctrl+d"} {
		st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
		st.press(leave)
		before := st.m.flows.Rows.Selected().ID
		first := st.m.flows.Rows.At(0).ID
		st.store.Add(st.newFlow())
		st.tick()
		if st.m.flows.Rows.Selected().ID != before || st.m.flows.Rows.At(0).ID != first {
			t.Errorf("%s: the table moved", leave)
		}
		st.wantIn(st.header(), "PAUSED +1 new")
	}
}

func TestARefreshInFlightIsDroppedWhenReadingBegins(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	first := st.m.flows.Rows.At(0).ID
	st.store.Add(st.newFlow())
	st.hold = true
	st.tick()
	st.m.Update(keyPress("j"))
	st.release()
	if got := st.m.flows.Rows.At(0).ID; got != first {
		t.Errorf("flow %d came in on top of one that is being read", got)
	}
	st.tick()
	st.wantIn(st.header(), "PAUSED +1 new")
}

func TestOneKeyGoesBackToLive(t *testing.T) {
	for _, back := range []string{"F", "end", "g", "p"} {
		st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
		st.press("j", "j")
		r := st.newFlow()
		st.store.Add(r)
		st.press(back)
		if got := st.m.flows.Rows.Selected().ID; got != r.ID || st.m.flows.State != flows.Live {
			t.Errorf("%s: flow %d is selected, want %d; state %d", back, got, r.ID, st.m.flows.State)
		}
	}
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("o", "l", "l", "s")
	if st.m.Query.Order != search.Oldest || st.m.flows.State != flows.Still {
		t.Fatal("o and s have no effect")
	}
	st.press("F")
	if st.m.Query.Order != search.Newest || st.m.flows.Rows.Sorted() || st.m.flows.State != flows.Live {
		t.Error("F does not go back from an order that stands still")
	}
}

func TestASortedViewKeepsStillAndSaysSo(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 100, 24, nil)
	st.m.flows.Table.Col = column.Recv
	st.press("s")
	top := st.m.flows.Rows.At(0).ID
	r := st.newFlow()
	r.Recv.Octets = 1 << 60
	st.store.Add(r)
	st.tick()
	if st.m.flows.Rows.At(0).ID != top {
		t.Error("a sorted view changed")
	}
	st.wantIn(st.header(), "all 8 by RECV▼ +1 new")
	st.press("s")
	if st.m.flows.State != flows.Live || st.m.flows.Rows.At(0).ID != r.ID {
		t.Error("unsorting does not go back to live")
	}
}

func TestScrollingLoadsHistoryUpToTheMost(t *testing.T) {
	store := &tuitest.Store{}
	store.Add(manyFlows(12_000)...)
	st := newScreen(t, store, 80, 24, func(c *Config) { c.Query.Limit = search.MaxLimit })
	st.wantIn(st.footer(), "1,000 loaded of 10,000 (limit)")
	for range 15 {
		st.press("G")
	}
	if got := st.m.flows.Rows.Len(); got != search.MaxLimit {
		t.Fatalf("%d flows are loaded, want %d", got, search.MaxLimit)
	}
	st.press("G")
	st.wantIn(st.footer(), "10,000 of 12,000 (limit)")
	st.wantIn(st.footer(), "a search shows at most 10,000")
	for i := 1; i < st.m.flows.Rows.Len(); i++ {
		if a, b := st.m.flows.Rows.At(i-1), st.m.flows.Rows.At(i); !b.Start.Before(a.Start) {
			t.Fatalf("row %d does not begin before the row above", i)
		}
	}
}

func TestALimitOfTheReadersOwnIsKept(t *testing.T) {
	store := &tuitest.Store{}
	store.Add(manyFlows(500)...)
	st := newScreen(t, store, 80, 24, func(c *Config) { c.Query.Limit = 50 })
	st.press("G", "G")
	if got := st.m.flows.Rows.Len(); got != 50 {
		t.Errorf("%d flows are loaded, want 50", got)
	}
	st.wantIn(st.footer(), "50 of 500 (limit)")
	st.wantIn(st.footer(), "limit of 50 reached: add limit:10000 to the filter (/)")
}

func TestAnAnswerToAnOldQuestionIsDropped(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.hold = true
	st.press("/")
	st.write("proto:udp")
	st.press("enter")
	old := st.held
	st.held = nil
	st.press("/", "ctrl+u")
	st.write("proto:icmp")
	st.press("enter") // sent while the first request is in flight: it is queued
	st.hold = false
	for _, cmd := range old {
		st.run(cmd)
	}
	for _, cmd := range st.held {
		st.run(cmd)
	}
	if n := st.m.flows.Rows.Len(); n != 1 || st.m.flows.Rows.At(0).Proto != flow.ICMP {
		t.Errorf("%d flows are shown, the first is %v", n, st.m.flows.Rows.At(0).Proto)
	}
	for _, cmd := range old { // again: replies to a request of long ago
		st.run(cmd)
	}
	if st.m.flows.Rows.Len() != 1 || st.m.flows.Rows.At(0).Proto != flow.ICMP {
		t.Error("an answer with an old number was taken")
	}
}

func TestChangingTheRangeKeepsTheFilter(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("/")
	st.write("proto:tcp")
	st.press("enter", "r", "k", "enter")
	if got := search.Text(st.m.Query.Filter); got != "proto:tcp" {
		t.Errorf("the filter is %q", got)
	}
	st.wantIn(st.header(), "last 1h")
	if got := st.m.flows.Rows.Len(); got != 5 {
		t.Errorf("%d flows, want the 5 of TCP that were active in the last hour: one is older and open", got)
	}
}

func TestEscKeepsTheFilterAndEnterAppliesIt(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("/")
	st.write("proto:tcp")
	st.press("enter", "/")
	st.write(" dprot:1")
	st.press("enter") // invalid: the line stays open
	if !st.m.line.editing || st.m.line.err == nil {
		t.Fatal("a filter that does not parse was applied")
	}
	st.press("esc")
	if got := search.Text(st.m.Query.Filter); got != "proto:tcp" || st.m.line.editing {
		t.Errorf("the filter is %q", got)
	}
	st.press("/", "ctrl+u")
	st.write("proto:udp")
	st.press("enter", "/", "up", "up")
	if got := st.m.line.input.Value(); got != "proto:tcp" {
		t.Errorf("history shows %q, want the filter before the last", got)
	}
}

func TestACellBecomesATermAndBackspaceDropsIt(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("l", "=")
	if got := search.Text(st.m.Query.Filter); got != "proto:tcp" {
		t.Errorf("= on PROTO gives %q", got)
	}
	st.press("!")
	if got := search.Text(st.m.Query.Filter); got != "!proto:tcp" {
		t.Errorf("! after = gives %q, the contrary has to go", got)
	}
	st.press("backspace")
	if st.m.Query.Filter != nil {
		t.Errorf("Backspace leaves %q", search.Text(st.m.Query.Filter))
	}
}

func TestEveryCellGivesATermThatParsesOrAReason(t *testing.T) {
	for _, r := range sampleFlows() {
		for c := range column.Num {
			term, why := column.Term(c, &r)
			if (term == nil) == (why == "") {
				t.Errorf("%s of flow %d: term %v, reason %q", c.Words(), r.ID, term, why)
			}
			if term == nil {
				continue
			}
			if _, err := search.Parse(term.String()); err != nil {
				t.Errorf("%s of flow %d: %v", c.Words(), r.ID, err)
			}
		}
	}
}

func TestKeysWorkWhileTheStoreHangs(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.hold = true // no command returns
	st.store.Add(st.newFlow())
	st.tick()
	st.press("j", "enter", "/")
	st.write("proto:udp")
	st.press("enter", "n", "esc", "?", "esc", "e")
	st.wantIn(st.footer(), "searching ...")
	st.wantIn(st.footer(), "still searching")
	st.hold = false
	st.press("q")
	if !st.quit {
		t.Error("q does not quit while the store is blocked")
	}
}

func TestAFailingStoreIsNamedAndAskedAgain(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.store.Err = errors.New("database is locked by weir (pid 7)")
	st.store.Add(st.newFlow())
	st.tick()
	st.wantIn(st.screen(), "database is locked by weir (pid 7)")
	st.store.Err = nil
	for range 2 * time.Second / session.TickInterval {
		st.tick()
	}
	if strings.Contains(st.screen(), "locked") || st.m.flows.Rows.Len() != 9 {
		t.Error("the store recovered and the screen did not")
	}
}

func TestNothingIsDrawnWhenNothingChanged(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	before := st.screen()
	for range 20 {
		st.tick()
		if st.m.dirty && st.screen() != before {
			t.Fatal("the screen changed although nothing happened")
		}
	}
}

func TestNobodyIsToldLiveWhileNothingIsCaptured(t *testing.T) {
	const fix = "capture on eth0: permission denied: run `sudo setcap cap_net_raw=ep /usr/bin/weir` once, or run as root"
	for _, change := range []func(*Config){
		func(c *Config) { c.Capturing, c.Health = "", nil },
		func(c *Config) { c.Capturing, c.Notice = "", fix },
	} {
		for _, width := range []int{60, 80, 120} {
			st := newScreen(t, tuitest.NewStore(), width, 24, change)
			if header := st.header(); strings.Contains(header, "LIVE") || !strings.Contains(header, "○") {
				t.Errorf("header: %q", header)
			}
			if st.m.Cfg.Notice != "" {
				st.wantIn(strings.Join(strings.Fields(ansi.Strip(st.screen())), " "), "run `sudo setcap cap_net_raw=ep /usr/bin/weir` once")
			}
		}
	}
}

func TestTheListOfNodesOpensWhenTheyAreKnown(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("n")
	if _, ok := st.m.window.(*dialog.Nodes); !ok {
		t.Fatalf("n opened %T", st.m.window)
	}
	st.press("esc")
	st.hold = true
	st.press("n", "esc")
	st.release()
	if st.m.window != nil {
		t.Error("the list opened after Esc")
	}
}

func TestNodesAreCountedAgainWhenFlowsArrive(t *testing.T) {
	store := &tuitest.Store{}
	st := newScreen(t, store, 80, 24, nil)
	full := tuitest.NewStore()
	store.NodeList = full.NodeList
	store.Add(full.Recs...)
	for range 2 * time.Second / session.TickInterval {
		st.tick()
	}
	st.wantIn(st.header(), "nodes all (2)")
}

func TestTheOpenListOfNodesFollowsTheStore(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("n", "down", "space", "down")
	st.wantIn(ansi.Strip(st.screen()), "edge-1                                         7    3.4G        live")
	st.store.NodeList = append(st.store.NodeList, node.Summary{Node: node.Node{Name: "aa-first"}, Flows: 3, LastSeen: testNow})
	st.store.Add(st.newFlow())
	for range 2 * time.Second / session.TickInterval {
		st.tick()
	}
	screen := ansi.Strip(st.screen())
	st.wantIn(screen, "[ ] aa-first")
	st.wantIn(screen, "[x] branch-office-3")
	st.wantIn(screen, "> [ ] edge-1")
	st.now = st.now.Add(time.Minute)
	st.tick()
	st.wantIn(ansi.Strip(st.screen()), "edge-1                                         7    3.4G      1m ago")
}

func TestAFileThatWasReadIsNotLive(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, nil)
	health := func(sources ...flow.SourceHealth) {
		st.send(session.TickMsg{At: st.now, Version: st.store.Version(), Health: flow.Health{Sources: sources}})
	}
	health(flow.SourceHealth{Name: "a.pcap"}, flow.SourceHealth{Name: "b.pcap", Done: true})
	st.wantIn(st.header(), "LIVE")
	health(flow.SourceHealth{Name: "a.pcap", Done: true}, flow.SourceHealth{Name: "b.pcap", Done: true})
	st.wantIn(st.header(), "2 sources done, 0 flows")
	st.press("4")
	st.wantIn(ansi.Strip(st.screen()), "done")
}

func TestFlowsOfAnotherYearSayWhich(t *testing.T) {
	for _, c := range []struct{ now, want string }{
		{"2024-12-31", "START▼"}, {"2025-01-01", "START 2024▼"},
	} {
		day, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, width := range []int{80, 160} {
			st := newScreen(t, tuitest.NewStore(), width, 24, func(cfg *Config) {
				cfg.Query.Range = search.Range{}
				cfg.Now = func() time.Time { return day.Add(12 * time.Hour) }
			})
			if got := st.heads(); !strings.HasPrefix(got, " "+c.want) {
				t.Errorf("%s, %d columns: %q", c.now, width, got)
			}
			st.press("3")
			if got := strings.Contains(ansi.Strip(st.screen()), "2024-11-14 "); got != (c.now == "2025-01-01") {
				t.Errorf("%s: the timeline says the year: %v", c.now, got)
			}
		}
	}
}
