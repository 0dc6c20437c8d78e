package db

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/internal/storetest"
)

// model is a store whose operations are repeated on a map.
type model struct {
	t    *testing.T
	rng  *rand.Rand
	path string
	s    *Writer
	stop func() error
	now  atomic.Int64
	want map[int64]flow.Record
	open []int64
	gone map[int64]bool // removed by retention
	cut  uint64         // in this session
	age  time.Duration  // of retention; negative: none
	rows int            // of a block

	readers sync.WaitGroup
	done    chan struct{} // ends readers; nil: none run
}

func (m *model) clock() time.Time { return time.Unix(0, m.now.Load()) }

func (m *model) start() {
	s, err := Open(context.Background(), m.path, WriterOptions{Now: m.clock, MaxAge: m.age})
	if err != nil {
		m.t.Fatal(err)
	}
	s.blockRows, m.s, m.cut = m.rows, s, 0
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	m.stop = func() error {
		cancel()
		return <-done
	}
	m.startReaders()
}

// end closes the store; flows that are open end.
func (m *model) end() {
	m.endReaders()
	if err := m.stop(); err != nil {
		m.t.Fatal(err)
	}
	if err := m.s.Close(); err != nil {
		m.t.Fatal(err)
	}
	for _, id := range m.open {
		r := m.want[id]
		r.EndReason = flow.ForcedEnd
		m.want[id] = r
	}
	m.open = m.open[:0]
}

// batch returns new flows, and updates and ends of others.
func (m *model) batch() (recs []flow.Record) {
	rng := m.rng
	put := func(r flow.Record) {
		m.want[r.ID] = r
		recs = append(recs, r)
	}
	for range rng.IntN([]int{3, 60, 2500}[rng.IntN(3)]) {
		id := m.s.NextID()
		r := storetest.Record(rng, id)
		r.Start = epoch.Add(time.Duration(rng.IntN(1000)) * time.Millisecond).UTC()
		r.Last = r.Start.Add(time.Duration(rng.IntN(1000)) * time.Millisecond)
		r.EndReason = flow.StillOpen
		if rng.IntN(5) == 0 {
			r.EndReason = flow.EndOfFlow
		} else {
			m.open = append(m.open, id)
		}
		put(r)
	}
	n := len(m.open)
	for range rng.IntN(n/3 + 1) {
		i := rng.IntN(len(m.open))
		r := m.want[m.open[i]]
		r.Sent.Packets++
		r.Verdict = r.CorrectVerdict()
		if rng.IntN(3) == 0 {
			r.EndReason = flow.IdleTimeout
			m.open[i] = m.open[len(m.open)-1]
			m.open = m.open[:len(m.open)-1]
		}
		put(r)
		if len(m.open) == 0 {
			break
		}
	}
	return recs
}

func (m *model) put() {
	if recs := m.batch(); len(recs) > 0 {
		if m.rng.IntN(2) == 0 || !m.s.Offer(recs) {
			if err := m.s.Put(context.Background(), recs); err != nil {
				m.t.Fatal(err)
			}
		}
	}
}

// cutSome ends open flows with what is stored of them.
func (m *model) cutSome() {
	var ends []flow.Ending
	for range m.rng.IntN(len(m.open)/4 + 1) {
		i := m.rng.IntN(len(m.open))
		r := m.want[m.open[i]]
		r.EndReason = flow.LackOfResources
		m.want[r.ID] = r
		ends = append(ends, flow.Ending{ID: r.ID, Reason: flow.LackOfResources})
		m.open[i] = m.open[len(m.open)-1]
		m.open = m.open[:len(m.open)-1]
		if len(m.open) == 0 {
			break
		}
	}
	if len(ends) > 0 {
		m.s.Cut(ends)
		m.cut += uint64(len(ends))
	}
}

// changeEnded writes new states of flows that have ended, which must change nothing.
func (m *model) changeEnded() {
	m.flush()
	var recs []flow.Record
	for id, r := range m.want {
		if !r.Open() && !m.gone[id] {
			r.EndReason = flow.StillOpen
			r.Sent.Octets += 77
			recs = append(recs, r)
		}
		if len(recs) > 50 {
			break
		}
	}
	if err := m.s.Put(context.Background(), recs); err != nil {
		m.t.Fatal(err)
	}
	m.flush()
}

// flush waits until all is written, ends of cut flows as well.
func (m *model) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := m.s.Flush(ctx); err != nil {
		m.t.Fatal(err, m.s.Health())
	}
	for changed := m.s.queue.changes(); m.s.Waiting() > 0; changed = m.s.queue.changes() {
		select {
		case <-changed:
		case <-ctx.Done():
			m.t.Fatal("still waiting", m.s.Waiting())
		}
	}
}

// failing makes the next commits fail in their middle.
func (m *model) failing() {
	m.flush()
	when := pick(m.rng, "INSERT ON superseded", "INSERT ON parts", "UPDATE ON state", "INSERT ON pieces", "DELETE ON pieces", "INSERT ON blocks", "DELETE ON superseded")
	err := m.s.transact(context.Background(), func(c connection) error {
		return c.exec("CREATE TEMP TRIGGER fail BEFORE " + when + " BEGIN SELECT RAISE(ABORT, 'injected'); END")
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.put()
	m.cutSome()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond) // the next commits may not do that
	defer cancel()
	for tick := time.Tick(time.Millisecond); m.s.Health().StoreErr == "" && ctx.Err() == nil; {
		select {
		case <-tick:
		case <-ctx.Done():
		}
	}
	if m.rng.IntN(2) == 0 {
		m.put()
		m.cutSome()
	}
	if m.rng.IntN(3) == 0 {
		_ = m.s.Compact(context.Background())
	}
	err = m.s.transact(context.Background(), func(c connection) error { return c.exec("DROP TRIGGER fail") })
	if err != nil {
		m.t.Fatal(err)
	}
	m.flush()
}

// crash goes on with a copy of the files.
func (m *model) crash() {
	m.flush()
	m.s.mu.Lock()
	next := filepath.Join(m.t.TempDir(), "weir.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(m.path + suffix)
		if err == nil {
			err = os.WriteFile(next+suffix, data, 0o600)
		}
		if err != nil {
			m.t.Fatal(err)
		}
	}
	m.s.mu.Unlock()
	m.end()
	m.path = next
	m.start()
}

// compare compares the store with the map.
func (m *model) compare() {
	t, r := m.t, m.s.Reader
	t.Helper()
	seen := map[int64]bool{}
	rows := storetest.All(t, r)
	for _, got := range rows {
		w, ok := m.want[got.ID]
		switch {
		case !ok:
			t.Fatalf("flow %d was never put", got.ID)
		case seen[got.ID]:
			t.Fatalf("flow %d twice", got.ID)
		case m.gone[got.ID]:
			t.Fatalf("flow %d is back", got.ID)
		case got != w:
			t.Fatalf("flow %d is\n%+v, want\n%+v", got.ID, got, w)
		}
		seen[got.ID] = true
	}
	var open int64
	for id, w := range m.want {
		if !seen[id] && !m.gone[id] {
			if w.Open() || m.age < 0 {
				t.Fatalf("flow %d is missing (%v)", id, w.EndReason)
			}
			m.gone[id] = true
		}
		if w.Open() {
			open++
		}
	}
	if n, err := r.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != int64(len(rows)) {
		t.Fatalf("check: %d flows, %v, want %d", n, err, len(rows))
	}
	st, err := r.Stat(t.Context())
	if err != nil || st.Flows != int64(len(rows)) || st.Open != open {
		t.Fatalf("stat %+v, %v, want %d flows, %d open", st, err, len(rows), open)
	}
	err = r.read(t.Context(), nil, func(sn *snapshot) error {
		if sn.state.inPieces != st.Open+st.Waiting {
			t.Errorf("in_pieces is %d, want %d", sn.state.inPieces, st.Open+st.Waiting)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if h := m.s.Health(); h.Outdated != m.cut || h.Unstored != 0 {
		t.Fatalf("outdated %d, unstored %d, want %d and 0", h.Outdated, h.Unstored, m.cut)
	}
}

var (
	modelRuns = flag.Int("model-runs", 2, "runs of TestTheStoreIsItsModel")
	modelSeed = flag.Uint64("model-seed", 1, "seed of the first run")
)

// TestTheStoreIsItsModel puts, updates, ends and cuts flows at random, with commits that fail in their
// middle, restarts, crashes, compactions and retention, and compares the store with a map: each flow once,
// in its latest state, and never changed after its end. Meanwhile two readers query it in every way.
func TestTheStoreIsItsModel(t *testing.T) {
	t.Parallel()
	for seed := *modelSeed; seed < *modelSeed+uint64(*modelRuns); seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			m := &model{t: t, rng: rng, path: filepath.Join(t.TempDir(), "weir.db"), want: map[int64]flow.Record{}, gone: map[int64]bool{}, age: -1, rows: pick(rng, 50, 700, 3000, block.MaxRows)}
			if seed%2 == 0 {
				m.age = 24 * time.Hour
			}
			m.now.Store(epoch.UnixNano())
			m.start()
			defer func() {
				m.endReaders()
				if err := errors.Join(m.stop(), m.s.Close()); err != nil {
					t.Error(err)
				}
			}()
			for range 60 {
				m.step()
				if t.Failed() {
					return
				}
			}
			m.flush()
			m.compare()
		})
	}
}

// step does one thing.
func (m *model) step() {
	switch n := m.rng.IntN(40); {
	case n < 20:
		m.put()
	case n < 25:
		m.cutSome()
	case n < 27:
		m.changeEnded()
	case n < 30:
		m.failing()
	case n < 32:
		m.check(m.s.Compact(context.Background()))
	case n < 33:
		m.endReaders()
		m.check(m.s.Vacuum(context.Background()))
		m.startReaders()
	case n < 35:
		m.end()
		m.start()
	case n < 36:
		m.crash()
	case n < 38:
		if m.age > 0 {
			m.flush()
			m.now.Add(int64(3 * time.Hour))
			m.s.retain()
		}
	default:
		m.flush()
		m.compare()
	}
}

func (m *model) check(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// startReaders queries the store through the writer, and through a reader beside it.
func (m *model) startReaders() {
	r, err := OpenReader(context.Background(), m.path, ReaderOptions{Now: m.clock})
	m.check(err)
	m.done = make(chan struct{})
	own, done, seed := m.s.Reader, m.done, m.rng.Uint64()
	m.readers.Go(func() {
		readConcurrently(m.t, r, seed, m.age > 0, done)
		if err := r.Close(); err != nil {
			m.t.Error(err)
		}
	})
	m.readers.Go(func() { readConcurrently(m.t, own, seed+1, m.age > 0, done) })
}

func (m *model) endReaders() {
	if m.done != nil {
		close(m.done)
		m.readers.Wait()
		m.done = nil
	}
}
