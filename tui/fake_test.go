package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"weir/flow"
	"weir/node"
	"weir/search"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/tuitest"
)

// The present, the place and the flows of the tests.
var (
	testZone    = tuitest.Zone
	testNow     = tuitest.Now
	sampleFlows = tuitest.Flows
	manyFlows   = tuitest.ManyFlows
)

// fakeStore keeps flows in memory, newest first. It matches ranges, nodes and
// the protocol of a filter; that is enough to see whether the screen asks the
// right thing.
type fakeStore struct {
	mu       sync.Mutex
	recs     []flow.Record // newest first
	version  uint64
	nodes    []node.Summary
	groups   node.Groups
	err      error // of every question, if set
	searches []search.Query
	gate     chan struct{} // if set, every Search waits for it or for its context

	reports chan func(done, planned int64) // if set, gets what a Search is to tell how far it is, if it has room
}

func (s *fakeStore) add(recs ...flow.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recs = append(s.recs, recs...)
	slices.SortFunc(s.recs, func(a, b flow.Record) int {
		if n := b.Start.Compare(a.Start); n != 0 {
			return n
		}
		return int(b.ID - a.ID)
	})
	s.version++
}

func (s *fakeStore) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

func (s *fakeStore) matching(q search.Query) []flow.Record {
	var out []flow.Record
	for _, r := range s.recs {
		if !q.Range.From.IsZero() && r.Start.Before(q.Range.From) || !q.Range.To.IsZero() && !r.Start.Before(q.Range.To) {
			continue
		}
		if len(q.Nodes) > 0 && !slices.Contains(q.Nodes, r.Node) || !matches(q.Filter, &r) {
			continue
		}
		out = append(out, r)
	}
	if q.Order == search.Oldest {
		slices.Reverse(out)
	}
	return out
}

func matches(x search.Expr, r *flow.Record) bool {
	for _, term := range search.Conjuncts(x) {
		switch term := term.(type) {
		case search.Not:
			if matches(term.X, r) {
				return false
			}
		case search.Numbers:
			n := map[search.Field]int64{search.FieldProto: int64(r.Proto), search.FieldDport: int64(r.Dst.Port),
				search.FieldSrcISN: int64(r.SrcSide.ISN.Value), search.FieldDstISN: int64(r.DstSide.ISN.Value), search.FieldSrcIPID: int64(r.SrcSide.IPID.Value)}[term.Field]
			if !slices.ContainsFunc(term.Ranges, func(i search.Interval) bool { return i.Lo <= n && n <= i.Hi }) {
				return false
			}
		}
	}
	return true
}

func (s *fakeStore) Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error) {
	s.mu.Lock()
	gate := s.gate
	s.searches = append(s.searches, q.Query)
	s.mu.Unlock()
	if q.Progress != nil {
		select {
		case s.reports <- q.Progress:
		default:
		}
	}
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return search.Page{}, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return search.Page{}, s.err
	}
	if q.Range.Last != 0 {
		return search.Page{}, errors.New("the screen left a range relative")
	}
	all := s.matching(q.Query)
	from := 0
	if !after.IsZero() {
		from = 1 + slices.IndexFunc(all, func(r flow.Record) bool { return r.ID == after.ID })
	}
	to := min(from+n, len(all))
	return search.Page{Rows: slices.Clone(all[from:to]), More: to < len(all)}, nil
}

func (s *fakeStore) Count(_ context.Context, q search.Request, most int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(int64(len(s.matching(q.Query))), most+1), s.err
}

func (s *fakeStore) Groups(context.Context) (node.Groups, error) { return s.groups, nil }

func (s *fakeStore) Summaries(context.Context, search.Range) ([]node.Summary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nodes, s.err
}

// screenTest is a screen without a program: messages go in by hand, and what
// the commands answer goes in after them.
type screenTest struct {
	t     testing.TB
	m     *model
	store *fakeStore
	now   time.Time
	held  []tea.Cmd // commands that hold runs later
	hold  bool
	quit  bool
}

// newScreen shows store at w by h, in 16 colours unless change says otherwise,
// with the first flows loaded.
func newScreen(t testing.TB, store *fakeStore, w, h int, change func(*Config)) *screenTest {
	st := &screenTest{t: t, store: store, now: testNow}
	cfg := Config{
		Store: store, Query: search.Query{Range: search.Range{Last: search.DefaultRange}},
		Capturing: "eth0, wlan0", Now: func() time.Time { return st.now }, Loc: testZone, Env: []string{"TERM=xterm"},
		ColorProfile: colorprofile.ANSI,
		Health: func() flow.Health {
			return flow.Health{Sources: []flow.SourceHealth{{Name: "eth0"}}}
		},
	}
	if change != nil {
		change(&cfg)
	}
	st.m = newModel(t.Context(), cfg)
	st.m.Wait = func(context.Context, time.Duration) bool { return false } // pulses are sent by hand
	st.run(st.m.Init())
	st.send(tea.WindowSizeMsg{Width: w, Height: h})
	return st
}

// timeline is the screen of that name.
func (st *screenTest) timeline() *timelineScreen {
	return st.m.screens[keys.Timeline].(*timelineScreen)
}

// send hands a message over and does what it leads to.
func (st *screenTest) send(msg tea.Msg) {
	_, cmd := st.m.Update(msg)
	st.run(cmd)
}

func (st *screenTest) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if st.hold {
		st.held = append(st.held, cmd)
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			st.run(c)
		}
	case tea.QuitMsg:
		st.quit = true
	default:
		st.send(msg)
	}
}

// release does what was held.
func (st *screenTest) release() {
	held := st.held
	st.hold, st.held = false, nil
	for _, cmd := range held {
		st.run(cmd)
	}
}

// pulse lets a moment pass.
func (st *screenTest) pulse() {
	st.now = st.now.Add(session.PulseInterval)
	st.send(session.PulsedMsg{At: st.now, Version: st.store.Version(), Health: st.m.Health})
}

// press types keys by the names that bindings use.
func (st *screenTest) press(keys ...string) {
	for _, k := range keys {
		st.send(keyPress(k))
	}
}

// write types a text.
func (st *screenTest) write(text string) {
	for _, r := range text {
		st.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func keyPress(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace,
		"space": tea.KeySpace, "f1": tea.KeyF1, "f2": tea.KeyF2,
	}
	if code, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if code, ok := codes[strings.TrimPrefix(name, "shift+")]; ok {
		return tea.KeyPressMsg{Code: code, Mod: tea.ModShift}
	}
	var ctrl rune
	if n, _ := fmt.Sscanf(name, "ctrl+%c", &ctrl); n == 1 {
		return tea.KeyPressMsg{Code: ctrl, Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// screen is what is on the screen.
func (st *screenTest) screen() string { return st.m.View().Content }

// Top adds up as the store does.
func (s *fakeStore) Top(_ context.Context, q search.Request, by search.By, n int) ([]search.Talker, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := map[string]*search.Talker{}
	for _, r := range s.matching(fakeRange(q.Query)) {
		t := search.Talker{}
		switch by {
		case search.BySrc:
			t.Src = r.Src.Addr
		case search.ByDst:
			t.Dst = r.Dst.Addr
		case search.ByPair:
			t.Src, t.Dst = r.Src.Addr, r.Dst.Addr
		case search.ByPort:
			t.Proto, t.Port = r.Proto, r.Dst.Port
		case search.ByNode:
			t.Node = r.Node
		}
		if sums[t.Key(by)] == nil {
			sums[t.Key(by)] = &t
		}
		sum := sums[t.Key(by)]
		sum.Flows++
		sum.Octets += r.Sent.Octets + r.Recv.Octets
		sum.Packets += r.Sent.Packets + r.Recv.Packets
	}
	var out []search.Talker
	for _, t := range sums {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b search.Talker) int {
		return cmp.Or(cmp.Compare(b.Octets, a.Octets), cmp.Compare(b.Flows, a.Flows), strings.Compare(a.Key(by), b.Key(by)))
	})
	return out[:min(n, len(out))], s.err
}

// Buckets spreads flows over the range, whose end is testNow.
func (s *fakeStore) Buckets(_ context.Context, q search.Request, n int) ([]search.Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	recs := s.matching(fakeRange(q.Query))
	if len(recs) == 0 {
		return nil, s.err
	}
	from, to := q.Range.Bounds(testNow)
	if from.IsZero() {
		from = recs[len(recs)-1].Start
	}
	if to.IsZero() {
		to = testNow
	}
	width := to.Sub(from)/time.Duration(n) + 1
	out := make([]search.Bucket, n)
	for i := range out {
		out[i] = search.Bucket{Start: from.Add(time.Duration(i) * width), Width: width}
	}
	for _, r := range recs {
		b := &out[min(max(int(r.Start.Sub(from)/width), 0), n-1)]
		b.Flows++
		b.Octets += r.Sent.Octets + r.Recv.Octets
	}
	return out, s.err
}

// fakeRange resolves the range of q at testNow.
func fakeRange(q search.Query) search.Query {
	q.Range.From, q.Range.To = q.Range.Bounds(testNow)
	q.Range.Last = 0
	return q
}
