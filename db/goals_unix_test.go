//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package db

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// Set by `make bench-store`. Without it TestGoals is skipped.
var (
	goalSizes = flag.String("goals", "", "measure the goals with stores of so many flows: 1000000,10000000")
	naiveRows = flag.Int("naive", 1_000_000, "flows in the naive store that TestGoals compares with")
)

// TestGoals measures the store and prints the figures beside the goals. It fails for wrong answers
// only: figures are for people to judge.
func TestGoals(t *testing.T) {
	if *goalSizes == "" {
		t.Skip("measures for minutes; run it with -goals 1000000")
	}
	baseline := measureNaive(t, *naiveRows)
	for text := range strings.SplitSeq(*goalSizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("-goals: %v", err)
		}
		measureGoals(t, n, baseline)
	}
}

// figure is a row of the table.
type figure struct{ what, goal, quiet, cpu, writing, naive string }

func printFigures(title string, figures []figure) {
	fmt.Printf("\n%s\n%-50s %-22s %-24s %-10s %-24s %s\n", title, "", "goal", "quiet: median, p99", "cpu", "writing: median, p99", "naive")
	for _, f := range figures {
		fmt.Printf("%-50s %-22s %-24s %-10s %-24s %s\n", f.what, f.goal, f.quiet, f.cpu, f.writing, f.naive)
	}
}

// question is a query of the goals.
type question struct {
	what, goal string
	sql        string // the query of the naive store
	ask        func(s *Reader) error
}

func questions(from, to time.Time) []question {
	page := func(q search.Query, n int) func(*Reader) error {
		return func(s *Reader) error {
			_, err := s.Search(context.Background(), search.Request{Query: q}, search.Cursor{}, n)
			return err
		}
	}
	filter := func(text string) search.Query {
		x, err := search.Parse(text)
		if err != nil {
			panic(err)
		}
		return search.Query{Filter: x}
	}
	lately, fixed := search.Range{From: from}, search.Range{From: from, To: to}
	since := fmt.Sprintf("start_ns >= %d", block.Nanos(from))
	const newest = " ORDER BY start_ns DESC LIMIT "
	return []question{
		{"newest 1,000 of 2 h, all nodes", "5 ms; p99 20 writing", since + newest + "1000", page(search.Query{Range: lately}, 1000)},
		{"newest 1,000 of 2 h, one node", "5 ms; p99 20 writing", since + " AND node_id = 7" + newest + "1000", page(search.Query{Range: lately, Nodes: []string{"node-07"}}, 1000)},
		{"one address (rare), newest 10,000", "100 ms", "(src_ip = x'0a000d16' OR dst_ip = x'0a000d16')" + newest + "10000", page(filter("ip:10.0.13.22"), 10_000)},
		{"one address (common), newest 10,000", "100 ms", "(src_ip = x'c6120003' OR dst_ip = x'c6120003')" + newest + "10000", page(filter("ip:198.18.0.3"), 10_000)},
		{"one /24, newest 10,000", "100 ms", "src_ip BETWEEN x'0a000d00' AND x'0a000dff' AND length(src_ip) = 4" + newest + "10000", page(filter("src:10.0.13.0/24"), 10_000)},
		{"one port, newest 10,000", "100 ms", "dst_port = 5432" + newest + "10000", page(filter("dport:5432"), 10_000)},
		{"a port that few have, newest 10,000", "100 ms", "dst_port = 7777" + newest + "10000", page(filter("dport:7777"), 10_000)},
		{"/16, port and flags, newest 10,000", "150 ms", "src_ip BETWEEN x'0a010000' AND x'0a01ffff' AND length(src_ip) = 4 AND dst_port = 8443 AND proto = 6 AND (src_flags | dst_flags) & 4 = 4" + newest + "10000",
			page(filter("src:10.1.0.0/16 dport:8443 flags:rst"), 10_000)},
		{"no match, not visible in headers", "700 ms", "sent_octets = 4001 AND recv_octets > 3000", page(filter("sent:4001 recv:>3000"), 10_000)},
		{"one TCP sequence number", "700 ms", "src_isn = 77", page(filter("sisn:77"), 10_000)},
		{"no match, a column in rows only", "700 ms", "src_ip_id = 70000", page(filter("sttl:99 || dttl:7"), 10_000)},
		{"count of a port, all times", "", "", func(s *Reader) error {
			_, err := s.Count(context.Background(), search.Request{Query: filter("dport:443")}, 1_000_000)
			return err
		}},
		{"summaries of 40 nodes, 2 h", "", "", func(s *Reader) error { _, err := s.Summaries(context.Background(), fixed); return err }},
		{"top 20 sources, 2 h", "1 s", "", func(s *Reader) error {
			_, err := s.Top(context.Background(), search.TopRequest{Request: search.Request{Query: search.Query{Range: fixed}}, By: search.Grouping{search.BySrc}, N: 20})
			return err
		}},
		{"60 buckets, 2 h", "1 s", "", func(s *Reader) error {
			_, err := s.Buckets(context.Background(), search.Request{Query: search.Query{Range: fixed}}, 60)
			return err
		}},
	}
}

// answers are the queries that read all matching flows, for their order or their sums.
func answers(from, to time.Time) []question {
	first := func(order search.Order, text string, n int) func(*Reader) error {
		return func(s *Reader) error {
			x, err := search.Parse(text)
			if err == nil {
				_, err = s.Search(context.Background(), search.Request{Query: search.Query{Filter: x, Order: order}}, search.Cursor{}, n)
			}
			return err
		}
	}
	top := func(r search.Range, order search.SumColumn, by ...search.By) func(*Reader) error {
		return func(s *Reader) error {
			_, err := s.Top(context.Background(), search.TopRequest{Request: search.Request{Query: search.Query{Range: r}}, By: by, Order: order, N: 20})
			return err
		}
	}
	bytes, fixed := search.OrderBy(search.FieldBytes, false), search.Range{From: from, To: to}
	const largest = " ORDER BY sent_octets + recv_octets DESC LIMIT 1000"
	return []question{
		{"top 1,000 by bytes", "500 ms", "1" + largest, first(bytes, "", 1000)},
		{"top 1,000 by bytes, one port", "700 ms", "dst_port = 443" + largest, first(bytes, "dport:443", 1000)},
		{"top 1,000 by duration, one /16", "700 ms", "", first(search.OrderBy(search.FieldDuration, false), "src:10.1.0.0/16", 1000)},
		{"top 1,000 by round trip, a column in rows only", "", "", first(search.OrderBy(search.FieldRTTMean, false), "", 1000)},
		{"active in 10 min, hours ago, 1,000", "", "", func(s *Reader) error {
			q := search.Query{Range: search.Range{From: from.Add(-3 * time.Hour), To: from.Add(-170 * time.Minute)}}
			_, err := s.Search(context.Background(), search.Request{Query: q}, search.Cursor{}, 1000)
			return err
		}},
		{"top 20 ports, 2 h", "", "", top(fixed, search.SumBytes, search.ByPort)},
		{"top 20 sources by distinct peers, 2 h", "", "", top(fixed, search.SumPeers, search.BySrc)},
		{"top 20 pairs by distinct ports, 2 h", "", "", top(fixed, search.SumPorts, search.BySrc, search.ByDst)},
		{"sums of nodes, 2 h", "", "", top(fixed, search.SumBytes, search.ByNode)},
		{"sums of nodes, all times", "", "", top(search.Range{}, search.SumBytes, search.ByNode)},
		{"top 20 sources, all times", "", "", top(search.Range{}, search.SumBytes, search.BySrc)},
	}
}

// allQuestions returns the queries of the goals about the two hours before now.
func allQuestions(now time.Time) []question {
	return append(questions(now.Add(-2*time.Hour), now), answers(now.Add(-2*time.Hour), now)...)
}

func measureGoals(t *testing.T, n int, baseline map[string]string) {
	path := filepath.Join(t.TempDir(), "weir.db")
	s, err := Open(context.Background(), path, WriterOptions{MaxAge: -1, MaxBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, s)
	g := newGenerator()
	used := cpuTime(t)
	speed, worst := pour(t, s, g, n)
	used = cpuTime(t) - used
	st, err := s.Stat(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	size := st.FileBytes // what is in the log still included
	figures := []figure{
		{"sustained insert", "150,000 flows/s", fmt.Sprintf("%.0f", speed), fmt.Sprintf("%.1f µs", float64(used.Microseconds())/float64(n)), "", baseline["insert"]},
		{"longest wait for a batch of 5,000", "250 ms", ms(worst), "", "", baseline["worst"]},
		{"bytes a flow on disk", "120", fmt.Sprintf("%.1f", float64(size)/float64(n)), "", "", baseline["bytes"]},
	}
	list := allQuestions(g.at)
	for _, q := range list {
		took, cpu := timed(t, func() error { return q.ask(s.Reader) })
		figures = append(figures, figure{q.what, q.goal, took, ms(cpu), "", baseline[q.what]})
	}
	late := cancelLate(t, s)
	s.mu.Lock()
	s.retention.bytes = size // so that the store keeps its size
	s.mu.Unlock()
	flood := startFlood(t, s, g)
	for i := range list {
		q := allQuestions(time.Unix(0, flood.at.Load()).UTC())[i] // what the first one asked for may have expired
		figures[len(figures)-len(list)+i].writing, _ = timed(t, func() error { return q.ask(s.Reader) })
	}
	lateWriting := cancelLate(t, s)
	flood.stop()
	alone, beside := floodRates(t, s, g, list[10].ask)
	figures = append(figures, figure{"time until a canceled search stops (worst of 20)", "100 ms", ms(late), "", ms(lateWriting), ""},
		figure{"insert while worst-case searches run", "half its speed", "", "", fmt.Sprintf("%.0f of %.0f flows/s", beside, alone), ""})
	figures = append(figures, openFigures(t, s, g)...)
	printFigures(fmt.Sprintf("%d flows", n), figures)
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// openFigures measures with 100,000 open flows, all of which each search reads.
func openFigures(t *testing.T, s *Writer, g *generator) (figures []figure) {
	t.Helper()
	for range 20 {
		recs := g.batch(5000)
		for i := range recs {
			recs[i].EndReason = flow.StillOpen
		}
		if err := s.Put(context.Background(), recs); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i, q := range questions(g.at.Add(-2*time.Hour), g.at)[:7] {
		if i == 0 || i == 2 || i == 5 { // all nodes, an address, a port
			took, cpu := timed(t, func() error { return q.ask(s.Reader) })
			figures = append(figures, figure{"100,000 open: " + q.what, q.goal, took, ms(cpu), "", ""})
		}
	}
	return figures
}

// pour writes n flows in batches as large as a meter's. The generator runs concurrently; its cost is
// included.
func pour(t *testing.T, s *Writer, g *generator, n int) (speed float64, worst time.Duration) {
	t.Helper()
	begun := time.Now()
	for left := n; left > 0; left -= 5000 {
		recs := g.batch(min(5000, left))
		asked := time.Now()
		if err := s.Put(context.Background(), recs); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(asked))
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	return float64(n) / time.Since(begun).Seconds(), worst
}

func diskBytes(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// timed repeats a query for a second and returns the median and 99th percentile of its time, and the
// CPU time of one. The first run, to warm up, does not count.
func timed(t *testing.T, ask func() error) (wall string, cpu time.Duration) {
	t.Helper()
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	used := cpuTime(t)
	for total := time.Duration(0); total < time.Second || len(took) < 5; {
		begun := time.Now()
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(begun))
		total += took[len(took)-1]
	}
	cpu = (cpuTime(t) - used) / time.Duration(len(took))
	slices.Sort(took)
	return ms(took[len(took)/2]) + ", " + ms(took[len(took)*99/100]), cpu
}

// cpuTime returns the CPU time of this process. On a busy machine it is more reliable than the clock.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// cancelLate returns how long a worst-case search runs after its context has ended.
func cancelLate(t *testing.T, s *Writer) (late time.Duration) {
	t.Helper()
	x, err := search.Parse("sttl:99 || dttl:7")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(2+i)*time.Millisecond)
		_, err := s.Search(ctx, search.Request{Query: search.Query{Filter: x}}, search.Cursor{}, 10)
		deadline, _ := ctx.Deadline()
		if err != nil {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			late = max(late, time.Since(deadline))
		}
		cancel()
	}
	return late
}

// flood writes at full speed until it is stopped.
type flood struct {
	cancel  context.CancelFunc
	done    chan struct{}
	begun   time.Time
	written atomic.Int64
	at      atomic.Int64 // start of the newest flow, in ns
}

func startFlood(t *testing.T, s *Writer, g *generator) *flood {
	ctx, cancel := context.WithCancel(context.Background())
	f := &flood{cancel: cancel, done: make(chan struct{}), begun: time.Now()}
	f.at.Store(g.at.UnixNano())
	go func() {
		defer close(f.done)
		for {
			recs := g.batch(5000)
			if err := s.Put(ctx, recs); err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				return
			}
			f.written.Add(int64(len(recs)))
			f.at.Store(g.at.UnixNano())
		}
	}()
	t.Cleanup(cancel)
	return f
}

// floodRates returns the speed of writing alone, and then of writing while a search is repeated.
func floodRates(t *testing.T, s *Writer, g *generator, ask func(*Reader) error) (alone, beside float64) {
	t.Helper()
	f := startFlood(t, s, g)
	<-time.After(3 * time.Second) // the time measured, not a wait for anything
	alone = f.stop()
	f = startFlood(t, s, g)
	for begun := time.Now(); time.Since(begun) < 3*time.Second; {
		if err := ask(s.Reader); err != nil {
			t.Fatal(err)
		}
	}
	return alone, f.stop()
}

// stop stops the flood and returns its speed.
func (f *flood) stop() float64 {
	took := time.Since(f.begun)
	f.cancel()
	<-f.done
	return float64(f.written.Load()) / took.Seconds()
}
