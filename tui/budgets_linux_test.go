package tui

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/flow"
	"weir/node"
	"weir/search"
	"weir/tui/ui"
)

var budgets = flag.Bool("budgets", false, "measure the screen against its budgets, which takes a minute")

// The size of the measurements.
const (
	budgetKeys   = 200             // key presses of each kind
	budgetSpan   = 5 * time.Second // over which CPU and bytes are counted
	budgetStall  = 10 * time.Second
	budgetStream = 10_000 // flows a second
)

// streamStore is a store that new flows stream into at the rate of a busy link. It
// keeps the newest ones.
type streamStore struct {
	mu      sync.Mutex
	kinds   []flow.Record // samples of flows; nil: not loaded yet
	recs    []flow.Record // oldest first
	version uint64
	begun   int64
}

// add appends n flows that start now.
func (s *streamStore) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const most = 4 * search.MaxLimit
	if s.kinds == nil {
		s.kinds, s.recs = sampleFlows(), make([]flow.Record, 0, most)
	}
	now := time.Now()
	for range n {
		s.begun++
		r := s.kinds[s.begun%6]
		r.ID, r.Start, r.Src.Port = s.begun, now, uint16(s.begun)
		if len(s.recs) == most {
			s.recs = s.recs[:copy(s.recs, s.recs[most-search.MaxLimit:])]
		}
		s.recs = append(s.recs, r)
	}
	s.version++
}

// stream adds flows until the test ends.
func (s *streamStore) stream(ctx context.Context) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	begun, added := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			due := int(time.Since(begun).Seconds()*budgetStream) - added
			s.add(due)
			added += due
		}
	}
}

func (s *streamStore) Search(_ context.Context, _ search.Request, after search.Cursor, n int) (search.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !after.IsZero() {
		return search.Page{}, nil
	}
	newest := slices.Clone(s.recs[max(len(s.recs)-n, 0):])
	slices.Reverse(newest)
	return search.Page{Rows: newest, More: len(s.recs) > n}, nil
}

func (s *streamStore) count() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

func (s *streamStore) Count(context.Context, search.Request, int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun, nil
}

func (s *streamStore) Interfaces(context.Context) ([]string, error) { return nil, nil }
func (s *streamStore) Groups(context.Context) (node.Groups, error)  { return nil, nil }

func (s *streamStore) Summaries(context.Context, search.Range) ([]node.Summary, error) {
	return nil, nil
}

func (s *streamStore) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// cpu returns the CPU time of this process.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// share returns the CPU use of this process over budgetSpan, in percent of one CPU.
func share(t *testing.T) float64 {
	t.Helper()
	before, begun := cpu(t), time.Now()
	<-time.After(budgetSpan)
	return float64(cpu(t)-before) / float64(time.Since(begun)) * 100
}

// streamShare returns the CPU use of the stream of flows alone, in percent of one CPU.
func streamShare(t *testing.T) float64 {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go new(streamStore).stream(ctx)
	return share(t)
}

// cost returns the CPU use in percent and the bytes a second over budgetSpan.
func (x *terminal) cost() (percent float64, bytes int) {
	written := x.written()
	percent = share(x.t)
	return percent, int(float64(x.written()-written) / budgetSpan.Seconds())
}

// keyLatency returns the 95th percentile of the time from a key to the first byte of
// output.
func (x *terminal) keyLatency() time.Duration {
	var took []time.Duration
	for i := range budgetKeys {
		<-time.After(time.Duration(20+i%17) * time.Millisecond) // out of step with the frames
		before, begun := x.written(), time.Now()
		x.typeKeys([]string{"j", "k"}[i%2])
		x.until("an answer to a key", func(string) bool { return x.written() > before })
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}

func TestBudgets(t *testing.T) {
	if !*budgets {
		t.Skip("make bench-ui measures")
	}
	line := func(what, budget string, got any) { fmt.Printf("%-44s %12v   budget %s\n", what, got, budget) }
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }
	run := func(store *streamStore, streaming bool) *terminal {
		store.add(2_000)
		begun := time.Now()
		x := startTerminal(t.Context(), t, 160, 48, Config{Store: store, Capturing: "eth0"})
		x.shows("1,000 of")
		if !streaming {
			line("start to first flows", "150 ms", ms(time.Since(begun)))
		} else {
			go store.stream(t.Context())
		}
		return x
	}

	idle := run(&streamStore{}, false)
	idle.typeKeys("j")
	<-time.After(time.Second)
	percent, bytes := idle.cost()
	line("CPU, idle", "1.2 %", fmt.Sprintf("%.2f %%", percent))
	line("bytes a second, idle", "0", bytes)
	line("key to first byte, p95, idle", "20 ms", ms(idle.keyLatency()))
	idle.typeKeys("q")
	_ = idle.wantRestored()

	stream := streamShare(t)
	store := &streamStore{}
	busy := run(store, true)
	<-time.After(time.Second)
	percent, bytes = busy.cost()
	line("CPU at 10,000 flows a second", "5 %", fmt.Sprintf("%.2f %%", percent-stream))
	line("  of which the stream of flows", "-", fmt.Sprintf("%.2f %%", stream))
	line("bytes a second, all rows new", "-", bytes)
	line("key to first byte, p95, 10,000 flows a second", "25 ms", ms(busy.keyLatency()))
	before := store.count()
	busy.stall()
	line("flows that came in while stalled for 10 s", "100,000", ui.Count(store.count()-before))
	line("key to its effect after that", "-", ms(busy.catchUp()))
	busy.typeKeys("q")
	_ = busy.wantRestored()

	view := testing.Benchmark(BenchmarkView)
	line("View at 200x50", "1 ms", ms(time.Duration(view.NsPerOp())))
	line("allocations of a View", "200", view.AllocsPerOp())
	under := testing.Benchmark(BenchmarkViewUnderDialog)
	line("View at 200x50 under a dialog", "1 ms", ms(time.Duration(under.NsPerOp())))
	line("allocations of a View under a dialog", "200", under.AllocsPerOp())
}

// stall leaves the output of the program unread for a while.
func (x *terminal) stall() {
	x.stalled.Lock()
	<-time.After(budgetStall)
	x.stalled.Unlock()
}

// catchUp returns the time until a key that was typed after a stall takes effect.
func (x *terminal) catchUp() time.Duration {
	begun := time.Now()
	x.typeKeys("?")
	x.shows("Keys")
	took := time.Since(begun)
	x.typeKeys("q") // closes the help; Esc and the next key would be read as one
	x.until("the flows", func(screen string) bool { return !strings.Contains(screen, "Keys") })
	return took
}
