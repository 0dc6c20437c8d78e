package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/db"
	"weir/flow"
)

// problemInterval is how often a running capture looks for problems to report.
const problemInterval = time.Second

// writerHealthInterval is how often the counters of another process are read.
const writerHealthInterval = time.Second

// losingFor is how long after the last loss things still count as being lost.
const losingFor = 5 * time.Second

// reportProblems says on stderr when a source ends, when the store stops or goes
// on writing, and when losses begin and end, each once. The function it returns
// ends it.
func reportProblems(p *pipeline, stderr io.Writer) (stop func()) {
	now := make(chan struct{})
	close(now)
	var seen problemWatch
	return every(now, problemInterval, func() {
		if words := seen.look(p.health(), time.Now()); words != "" {
			fmt.Fprintf(stderr, "weir: %s\n", words)
		}
	})
}

// problemWatch is what reportProblems has seen and said so far.
type problemWatch struct {
	said          string
	lost, evicted growth
}

// growth watches a counter.
type growth struct {
	n  uint64
	at time.Time // when it last grew
}

// grows reports whether the counter, which is n now, grew lately.
func (g *growth) grows(n uint64, now time.Time) bool {
	if n > g.n {
		g.n, g.at = n, now
	}
	return !g.at.IsZero() && now.Sub(g.at) < losingFor
}

// look returns what is to be said at a time; empty if nothing has changed.
func (w *problemWatch) look(h flow.Health, now time.Time) string {
	words := problems(h, w.lost.grows(h.Lost(), now), w.evicted.grows(h.Evicted, now))
	if words == w.said {
		return ""
	}
	w.said = words
	if words != "" {
		return words
	}
	words = "OK again: nothing is being lost"
	if lost := lost(h); lost != "" {
		words += "; lost so far: " + lost
	}
	return words
}

// problems says in one line what keeps a capture from being complete; empty if
// nothing does.
func problems(h flow.Health, losing, evicting bool) string {
	var parts []string
	for _, s := range h.Sources {
		switch {
		case s.Err == "" && s.Note != "":
			parts = append(parts, s.Name+": "+s.Note)
		case s.Err == "":
		case s.Done:
			parts = append(parts, s.Name+": ended: "+s.Err)
		default:
			parts = append(parts, s.Name+": not capturing, waiting: "+s.Err)
		}
	}
	if h.StoreErr != "" {
		parts = append(parts, "not storing: "+h.StoreErr)
	} else if h.LogErr != "" {
		parts = append(parts, "storing, but the store's log grows, because it can't be copied into the store: "+h.LogErr)
	}
	if losing { // the number grows; the end says it
		parts = append(parts, "packets or flows are being lost")
	}
	if evicting {
		parts = append(parts, "flows are being ended early: the flow table is full")
	}
	return strings.Join(parts, "; ")
}

// tellLost says what a finished pipeline could not keep, if anything.
func tellLost(stderr io.Writer, h flow.Health) {
	if words := lost(h); words != "" {
		fmt.Fprintf(stderr, "weir: lost: %s\n", words)
	}
}

// tellDuplicates says how many packets of a finished pipeline were captured more than once, if any.
func tellDuplicates(stderr io.Writer, h flow.Health) {
	if n := h.Duplicates(); n > 0 {
		fmt.Fprintf(stderr, "weir: %s: captured again within 100 µs, counted once\n", counted(int64(n), "duplicate"))
	}
}

// tellNoFlows says why a finished pipeline that read files has no flow, if so.
func tellNoFlows(stderr io.Writer, h flow.Health) {
	if h.Created > 0 {
		return
	}
	packets := h.Packets()
	if packets == 0 {
		fmt.Fprintln(stderr, "weir: no flows: the capture has no packets")
		return
	}
	skipped := slices.Clone(h.Skipped)
	slices.SortStableFunc(skipped, func(a, b flow.Count) int { return cmp.Compare(b.N, a.N) })
	const most = 4 // reasons
	var reasons []string
	for i, c := range skipped {
		if i == most {
			reasons = append(reasons, fmt.Sprintf("%d other reasons", len(skipped)-most))
			break
		}
		reasons = append(reasons, fmt.Sprintf("%d %s", c.N, c.Name))
	}
	text := "no flows in " + counted(int64(packets), "packet")
	if reasons != nil { // tellLost tells others
		text += ": " + strings.Join(reasons, ", ")
	}
	fmt.Fprintf(stderr, "weir: %s\n", text)
}

// lost says what a pipeline could not keep so far; empty if it kept everything.
func lost(h flow.Health) string {
	var parts []string
	add := func(n uint64, noun, what string) {
		if n > 0 {
			parts = append(parts, counted(int64(n), noun)+" "+what)
		}
	}
	var kernel, captured, cut uint64
	for _, s := range h.Sources {
		if s.File {
			captured += s.KernelDrops
		} else {
			kernel += s.KernelDrops
		}
		cut += s.CutShort
	}
	add(kernel, "packet", "dropped by the kernel")
	add(captured, "packet", "dropped when the files were captured")
	add(cut, "packet", "cut short within the headers")
	add(h.Unstored, "flow", "not stored")
	add(h.Outdated, "flow", "stored without their last update")
	add(h.Evicted, "flow", "ended early because the flow table was full")
	for _, s := range h.Sources {
		if s.Outages > 0 {
			parts = append(parts, fmt.Sprintf("%s not captured for %s, %s", s.Name, roughly(s.Away), times(s.Outages)))
		}
	}
	return strings.Join(parts, ", ")
}

// roughly rounds a duration for people.
func roughly(d time.Duration) time.Duration {
	if d >= time.Minute {
		return d.Round(time.Second)
	}
	return max(d.Round(10*time.Millisecond), 10*time.Millisecond)
}

// times says how often something happened.
func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// followedHealth returns a function for the counters of the process that writes the store, as far as it
// has written them. It reads them once a second at most.
func followedHealth(ctx context.Context, store *db.Reader) func() flow.Health {
	var mu sync.Mutex
	var known flow.Health
	var next time.Time
	return func() flow.Health {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Before(next) {
			return known
		}
		next = now.Add(writerHealthInterval)
		if spans, err := store.LastSession(ctx); err == nil { // the next search says what is wrong
			known = flow.HealthOf(spans)
			known.Writer = writerOf(store)
		}
		return known
	}
}

// writerOf returns the process that writes a store: its command, if the system tells it, and its id.
func writerOf(store *db.Reader) string {
	pid := store.WriterPID()
	if pid == 0 {
		return ""
	}
	name := "weir"
	if args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && slices.Contains(strings.Split(string(args), "\x00"), "capture") {
		name += " capture"
	}
	return fmt.Sprintf("%s, pid %d", name, pid)
}
