package plain

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/tuitest"
)

// lineTest is a line mode whose commands run at once.
type lineTest struct {
	t      *testing.T
	x      *mode
	store  *tuitest.Store
	passed atomic.Int64 // ns since tuitest.Now; commands read it on their own goroutines
	out    bytes.Buffer
}

func (st *lineTest) now() time.Time { return tuitest.Now.Add(time.Duration(st.passed.Load())) }

// newLineTest returns a line mode on store, at tuitest.Now.
func newLineTest(t *testing.T, store *tuitest.Store, change func(*session.Config)) *lineTest {
	st := &lineTest{t: t, store: store}
	cfg := session.Config{
		Store: store, Query: search.Query{Range: search.Range{Last: search.DefaultRange}}, Capturing: "eth0", ExportDir: t.TempDir(),
		Now: st.now, Loc: tuitest.Zone, Env: []string{"TERM=dumb"},
	}
	if change != nil {
		change(&cfg)
	}
	st.x = newMode(t.Context(), cfg, &st.out)
	st.x.TickWait = func(context.Context, time.Duration) bool { return false }
	st.x.run(tea.Batch(st.x.flows.Load(true), st.x.Begin()))
	st.enter()
	return st
}

// enter types lines, and waits for each command to finish.
func (st *lineTest) enter(lines ...string) {
	st.t.Helper()
	for _, line := range append([]string{""}, lines...) {
		if line != "" {
			st.out.WriteString("> " + line + "\n")
		}
		typed := make(chan string, 1)
		typed <- line
		close(typed)
		if err := st.x.loop(typed); err != nil {
			st.t.Fatal(err)
		}
	}
}

// TestAStoryInLines replays a session that searches for a flow.
func TestAStoryInLines(t *testing.T) {
	store := tuitest.NewStore()
	store.Add(tuitest.Hops()...)
	st := newLineTest(t, store, nil)
	dir := st.x.Cfg.ExportDir
	st.enter("help", "details 5", "details 1,000,000", "details x", "conversation 3", "flags 0x12", "flags 0x123", "more", "talkers port", "talkers shape", "timeline",
		"complete dpo", "filter dpotr:443", "/proto:udp", "order", "range 1h", "range soon", "nodes", "nodes edge-1", "drop", "drop", "pause", "follow",
		"health", "t", "frobnicate", "export flows.csv", "quit")
	tuitest.Golden(t, "lines", strings.ReplaceAll(st.out.String(), dir, "DIR"))
	if !st.x.left {
		t.Error("quit does not leave")
	}
	if csv, err := os.ReadFile(filepath.Join(dir, "flows.csv")); err != nil || bytes.Count(csv, []byte("\n")) != 8 {
		t.Errorf("the export is not there: %v\n%s", err, csv)
	}
}

func TestFlowsAreToldAsTheyComeAndOnce(t *testing.T) {
	store := tuitest.NewStore()
	st := newLineTest(t, store, nil)
	st.out.Reset()
	flows := tuitest.ManyFlows(14)
	for i := range flows {
		flows[i].ID += 1_000
	}
	store.Add(flows...)
	st.passed.Add(int64(time.Second))
	st.x.take(session.TickMsg{At: st.now(), Version: store.Version()})
	for st.x.flows.PageRequest.Busy {
		st.x.take(<-st.x.msgs)
	}
	st.x.tell()
	st.enter("pause")
	lines := strings.Split(strings.TrimSpace(st.out.String()), "\n")
	if len(lines) != 1+linesAtOnce+2 || lines[0] != "4 more flows arrived: type list to see them." {
		t.Errorf("got %d lines:\n%s", len(lines), st.out.String())
	}
	st.x.tell()
	if again := st.out.String(); strings.Count(again, "seen by") != linesAtOnce {
		t.Errorf("a flow was told twice:\n%s", again)
	}
}

func TestALimitIsRaisedAsTheMessageSays(t *testing.T) {
	store := &tuitest.Store{}
	store.Add(tuitest.ManyFlows(500)...)
	st := newLineTest(t, store, func(c *session.Config) { c.Query.Limit = 10 })
	const want = "limit of 10 reached: add limit:10000 to the filter (filter)"
	if !strings.Contains(st.out.String(), want) {
		t.Errorf("not told %q:\n%s", want, st.out.String())
	}
	st.out.Reset()
	st.enter("filter limit:10000", "more")
	if out := st.out.String(); !strings.Contains(out, "10 of 500 flows listed; type more for the next ones.") || !strings.Contains(out, "20 of 500 flows listed") {
		t.Errorf("the limit was not raised:\n%s", out)
	}
}

func TestACommandSaysWhatIsWrongWithItsArgument(t *testing.T) {
	st := newLineTest(t, tuitest.NewStore(), nil)
	for line, want := range map[string]string{
		"details":        "Missing flow number: expected the number at the start of its line.",
		"details x":      `Invalid flow number "x": expected the number at the start of its line.`,
		"talkers shape":  `Unknown grouping "shape": expected source, destination, pair, port, node, verdict, interface, or fields such as src,dport.`,
		"talkers":        "Top talkers by source, in the last 2h:",
		"conversation 0": "No flow has the number 0.",
	} {
		st.out.Reset()
		st.enter(line)
		if !strings.HasPrefix(st.out.String(), "> "+line+"\n"+want+"\n") {
			t.Errorf("%s: want %q:\n%s", line, want, st.out.String())
		}
	}
}

func TestNothingButTextIsWrittenInLines(t *testing.T) {
	store := tuitest.NewStore() // with an escape sequence in the name of a node
	st := newLineTest(t, store, nil)
	st.enter("filter \x1b[31mtcp", "filter proto:tcp", "list", "nodes", "details 2")
	for line := range strings.SplitSeq(st.out.String(), "\n") {
		if strings.ContainsFunc(line, unicode.IsControl) && !strings.HasPrefix(line, "> ") {
			t.Errorf("a control character was written: %q", line)
		}
	}
}

func TestLinesEndWithTheirInputAndSayWhenTheStoreFails(t *testing.T) {
	var out bytes.Buffer
	store := tuitest.NewStore()
	if err := Run(t.Context(), session.Config{Store: store, Loc: tuitest.Zone}, strings.NewReader("filter proto:icmp\n"), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "filter proto:icmp, newest first: 1 flow") {
		t.Errorf("the last command was not answered:\n%s", out.String())
	}
	out.Reset()
	store.Err = os.ErrDeadlineExceeded
	if err := Run(t.Context(), session.Config{Store: store, Loc: tuitest.Zone}, strings.NewReader(""), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "search failed") {
		t.Errorf("the failure was not told:\n%s", out.String())
	}
	if err := Run(t.Context(), session.Config{Store: tuitest.NewStore()}, strings.NewReader("help\n"), failingWriter{}); err == nil {
		t.Error("lines that can't be written are an error")
	}
}

func TestNothingUsesTheStoreAfterTheLineModeEnds(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	store := &slowStore{Store: tuitest.NewStore(), interrupt: interrupt}
	if err := Run(ctx, session.Config{Store: store, Loc: tuitest.Zone}, strings.NewReader(""), io.Discard); err != nil {
		t.Fatal(err)
	}
	if n := store.running.Load(); n != 0 {
		t.Errorf("%d searches run after the end; want none, as the caller closes the store", n)
	}
}

// slowStore interrupts the program in each search, which takes some time to notice.
type slowStore struct {
	*tuitest.Store
	interrupt context.CancelFunc
	running   atomic.Int32
}

func (s *slowStore) Search(ctx context.Context, q search.Request, after search.Cursor, n int) (search.Page, error) {
	s.running.Add(1)
	defer s.running.Add(-1)
	s.interrupt()
	<-ctx.Done()
	time.Sleep(20 * time.Millisecond) // as a disk that is slow
	return s.Store.Search(ctx, q, after, n)
}

// failingWriter always fails.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestCommandsInLinesAreCalledAsOnTheScreen(t *testing.T) {
	own := []string{"complete", "list", "more", "timeline", "talkers", "health"} // screens, and commands that only the line mode has
	for _, c := range lineCommands() {
		if !slices.Contains(keys.New().Commands(), c.name) && !slices.Contains(own, c.name) {
			t.Errorf("%q is not a command of the screen", c.name)
		}
	}
}

func TestHostileNamesCannotBreakTheLineMode(t *testing.T) {
	for _, name := range tuitest.HostileNames {
		st := newLineTest(t, tuitest.HostileStore(name), func(c *session.Config) {
			c.Notice = name
			c.Health = tuitest.Health
		})
		st.x.Health = flow.Health{Sources: []flow.SourceHealth{{Name: name, Err: name}}, StoreErr: name}
		before := st.out.Len()
		st.enter("nodes", "list", "details 1", "conversation 1", "health", "talkers node")
		for line := range strings.SplitSeq(st.out.String()[before:], "\n") {
			if strings.ContainsFunc(line, tuitest.Dangerous) {
				t.Errorf("%q: %q", name, line)
			}
		}
		if st.out.Len()-before < 500 {
			t.Errorf("%q: little was said:\n%s", name, st.out.String())
		}
	}
}

// In the line mode, texts that say what to do name commands instead of keys.
func TestLinesNameCommandsAndNoKeys(t *testing.T) {
	st := newLineTest(t, &tuitest.Store{}, func(c *session.Config) {
		c.Resolve = func(context.Context, netip.Addr) (string, error) { return "", nil }
	})
	st.out.Reset()
	st.enter("filter proto:99", "names", "services")
	for _, want := range []string{
		"drop drops the last term: proto:99", "filter edits the filter, range changes the range, nodes the nodes.",
		"names shows addresses", "services shows port numbers",
	} {
		if !strings.Contains(st.out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, st.out.String())
		}
	}
}

func TestTheLineModeRefusesUnknownWords(t *testing.T) {
	st := newLineTest(t, tuitest.NewStore(), nil)
	for _, text := range []string{"nobody", "not nobody", "tcp or nobody", "edge,nobody", "tcp and not (udp or nobody)"} {
		st.out.Reset()
		st.enter("filter " + text)
		if got := st.out.String(); !strings.Contains(got, `unknown word "nobody"`) || st.x.Query.Filter != nil {
			t.Errorf("%s: %s", text, got)
		}
	}
	st.enter("filter edge")
	if got := search.Text(st.x.Query.Filter); got != "anynode:*edge*" {
		t.Errorf("the filter is %s", got)
	}
}
