package cli

import (
	"bufio"
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/db"
	"weir/flow"
)

// someFlow is a TCP flow that began at start, known by its source port.
func someFlow(id int64, start time.Time, port uint16) flow.Record {
	return flow.Record{
		ID: id, Node: "edge-1", Start: start, Last: start, Proto: flow.TCP, Verdict: flow.NoAnswer,
		Src: flow.Endpoint{Addr: netip.MustParseAddr("10.0.0.1"), Port: port}, Dst: flow.Endpoint{Addr: netip.MustParseAddr("10.0.0.2"), Port: 443},
	}
}

// writtenStore is an open store that flows can be put into, and its path.
func writtenStore(t *testing.T) (*db.Writer, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir.db")
	store, err := db.Open(t.Context(), path, db.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- store.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = store.Close()
	})
	return store, path
}

func put(t *testing.T, store *db.Writer, recs ...flow.Record) {
	t.Helper()
	if err := store.Put(t.Context(), recs); err != nil {
		t.Fatal(err)
	}
	if err := store.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// following runs `weir query --follow` and hands out the source ports of what it prints.
type following struct {
	t     *testing.T
	lines *bufio.Scanner
	stop  context.CancelFunc
	code  chan int
}

func follow(t *testing.T, args ...string) *following {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	f := &following{t: t, lines: bufio.NewScanner(r), stop: stop, code: make(chan int, 1)}
	go func() {
		f.code <- run(ctx, append([]string{"query", "--follow", "--csv"}, args...), strings.NewReader(""), w, os.Stderr)
		_ = w.Close()
	}()
	return f
}

// next is the source port of the next n flows.
func (f *following) next(n int) (ports []int) {
	f.t.Helper()
	for len(ports) < n {
		if !f.lines.Scan() {
			f.t.Fatalf("the output ended after %v", ports)
		}
		cells := strings.Split(f.lines.Text(), ",")
		if cells[0] == "startTime" {
			continue
		}
		port, err := strconv.Atoi(cells[7])
		if err != nil {
			f.t.Fatal(err)
		}
		ports = append(ports, port)
	}
	return ports
}

func (f *following) interrupt() {
	f.t.Helper()
	f.stop()
	for f.lines.Scan() {
		f.t.Errorf("after the end: %s", f.lines.Text())
	}
	if code := <-f.code; code != exitOK {
		f.t.Errorf("exit code %d", code)
	}
}

func TestFollowPrintsHistoryAndThenNewFlowsNothingTwice(t *testing.T) {
	store, path := writtenStore(t)
	now := time.Now()
	old := someFlow(1, now.Add(-2*time.Hour), 1)
	old.EndReason = flow.EndOfFlow // else it is active until now
	put(t, store, old, someFlow(2, now.Add(-time.Minute), 2), someFlow(3, now.Add(-time.Second), 3))
	f := follow(t, "--db", path, "--since", "1h")
	if got := f.next(2); !slices.Equal(got, []int{2, 3}) {
		t.Fatalf("history %v", got)
	}
	ended := someFlow(3, now.Add(-time.Second), 3)
	ended.EndReason, ended.Verdict = flow.EndOfFlow, flow.Closed
	put(t, store, ended, someFlow(4, time.Now(), 4))
	if got := f.next(1); !slices.Equal(got, []int{4}) {
		t.Fatalf("then %v", got)
	}
	put(t, store, someFlow(5, time.Now(), 5), someFlow(6, time.Now().Add(-30*time.Second), 6)) // the last one comes late
	got := f.next(2)
	if slices.Sort(got); !slices.Equal(got, []int{5, 6}) {
		t.Fatalf("then %v", got)
	}
	f.interrupt()
}

func TestFollowPrintsAFlowWhenItFirstMatches(t *testing.T) {
	store, path := writtenStore(t)
	start := time.Now().Add(-40 * time.Minute) // long before what every look goes over
	open, refused := someFlow(1, start, 1), someFlow(2, start, 2)
	put(t, store, open, refused, someFlow(3, start, 3))
	f := follow(t, "--db", path, "--since", "1h", "verdict:refused", "open:no")
	refused.Verdict, refused.EndReason = flow.Refused, flow.EndOfFlow
	open.Verdict = flow.Refused // and is not over yet
	put(t, store, refused, open)
	if got := f.next(1); !slices.Equal(got, []int{2}) {
		t.Fatalf("got %v", got)
	}
	open.EndReason = flow.EndOfFlow
	put(t, store, open)
	if got := f.next(1); !slices.Equal(got, []int{1}) {
		t.Fatalf("got %v", got)
	}
	f.interrupt()
}

func TestFollowWithoutARangePrintsOnlyWhatStartsFromNowOn(t *testing.T) {
	store, path := writtenStore(t)
	put(t, store, someFlow(1, time.Now().Add(-time.Second), 1))
	f := follow(t, "--db", path)
	if !f.lines.Scan() { // the header is there once it looked
		t.Fatal("no header")
	}
	put(t, store, someFlow(2, time.Now(), 2))
	if got := f.next(1); !slices.Equal(got, []int{2}) {
		t.Errorf("got %v", got)
	}
	f.interrupt()
}

func TestIdsAreNewOnce(t *testing.T) {
	s := idSet{}
	for _, id := range []int64{1, 63, 64, 8191, 8192, 1 << 40, 0} {
		if !s.add(id) || s.add(id) {
			t.Errorf("%d", id)
		}
	}
}

func TestTheOlderAFlowTheRarerItIsLookedAt(t *testing.T) {
	f := &follower{}
	var got []time.Duration
	for range 8 {
		got = append(got, f.window()/followWindow)
	}
	if want := []time.Duration{1, 2, 1, 4, 1, 2, 1, 8}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
