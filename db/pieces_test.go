package db

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

// TestOpenFlowsAreTheirLatestState opens, updates and ends flows at random, in commits of one flow to
// thousands, and compares the store with a map: each flow once, in its latest state, in few pieces.
func TestOpenFlowsAreTheirLatestState(t *testing.T) {
	s := openTemp(t)
	s.blockRows = 700 // so that blocks are packed now and then
	run(t, s)
	rng := rand.New(rand.NewPCG(7, 8))
	want := map[int64]flow.Record{}
	var open []int64
	for round := range 120 {
		var recs []flow.Record
		put := func(r flow.Record) {
			want[r.ID] = r
			recs = append(recs, r)
		}
		for range rng.IntN([]int{2, 40, 900}[round%3]) {
			id := s.NextID()
			put(flow.Record{ID: id, Node: "a", Start: epoch.Add(-time.Duration(rng.IntN(1e6)) * time.Millisecond), Dst: flow.Endpoint{Port: uint16(rng.Uint32())}})
			open = append(open, id)
		}
		for range rng.IntN(len(open) + 1) {
			i := rng.IntN(len(open))
			r := want[open[i]]
			r.Sent.Packets++
			if rng.IntN(4) == 0 {
				r.EndReason = flow.IdleTimeout
				open[i] = open[len(open)-1]
				open = open[:len(open)-1]
			}
			put(r)
			if len(open) == 0 {
				break
			}
		}
		if len(recs) == 0 {
			continue
		}
		store(t, s, recs...)
		s.mu.Lock()
		pieces, inPieces := len(s.ins.flows.pieces), int(s.ins.flows.count())
		s.mu.Unlock()
		if limit := maxSmallPieces + 1 + 4*inPieces/block.MaxPieceRows; pieces > limit {
			t.Fatalf("round %d: %d pieces for %d flows, want %d at most", round, pieces, inPieces, limit)
		}
		if round%20 == 19 {
			compareWith(t, s.Reader, want)
		}
	}
	if n := len(open); n < 10 || n == len(want) {
		t.Errorf("%d of %d flows are open: the test shows little", n, len(want))
	}
}

func compareWith(t *testing.T, s *Reader, want map[int64]flow.Record) {
	t.Helper()
	got := storetest.All(t, s)
	if len(got) != len(want) {
		t.Fatalf("%d flows, want %d", len(got), len(want))
	}
	for _, r := range got {
		w := want[r.ID]
		if r.Sent != w.Sent || r.EndReason != w.EndReason || !r.Start.Equal(w.Start) || r.Dst.Port != w.Dst.Port {
			t.Fatalf("flow %d is %+v, want %+v", r.ID, r, w)
		}
	}
	if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != int64(len(want)) {
		t.Errorf("check: %d flows, %v, want %d", n, err, len(want))
	}
	for _, order := range []search.Order{search.Newest, search.Oldest} { // pages stop early
		page, err := s.Search(t.Context(), search.Request{Query: search.Query{Order: order}}, search.Cursor{}, 50)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range page.Rows {
			w := got[i]
			if order == search.Newest {
				w = got[len(got)-1-i]
			}
			if r.ID != w.ID {
				t.Fatalf("%v: row %d of the page is flow %d, want %d", order, i, r.ID, w.ID)
			}
		}
	}
}

// TestFlowsOfADeadSessionHaveEnded leaves flows open, as a crash does: a reader shows them open until
// the next writer opens the store, and as ended from then on.
func TestFlowsOfADeadSessionHaveEnded(t *testing.T) {
	s := openTemp(t)
	stop := run(t, s)
	store(t, s, flow.Record{ID: s.NextID(), Node: "a", Start: epoch}, flow.Record{ID: s.NextID(), Node: "b", Start: epoch, EndReason: flow.EndOfFlow})
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	reasons := func(r *Reader) (reasons []flow.EndReason) {
		for _, r := range storetest.All(t, r) {
			reasons = append(reasons, r.EndReason)
		}
		return reasons
	}
	r := readerOf(t, s.path)
	if got := reasons(r); got[0] != flow.StillOpen || got[1] != flow.EndOfFlow {
		t.Errorf("before the next session: %v", got)
	}
	again := openAt(t, s.path)
	for _, r := range []*Reader{r, again.Reader} {
		if got := reasons(r); got[0] != flow.ForcedEnd || got[1] != flow.EndOfFlow {
			t.Errorf("in the next session: %v", got)
		}
	}
	run(t, again)
	store(t, again, flow.Record{ID: 1, Node: "a", Start: epoch, Sent: flow.Counters{Packets: 9}}) // has ended
	if got := storetest.All(t, again); len(got) != 2 || got[0].Sent.Packets != 0 || got[0].EndReason != flow.ForcedEnd {
		t.Errorf("an ended flow was changed: %+v", got)
	}
}

// TestFewFlowsOfManyPiecesTakeLittleMemory ends one flow in each of many pieces, and packs them: the
// memory is that of these flows, not that of all flows in the pieces.
func TestFewFlowsOfManyPiecesTakeLittleMemory(t *testing.T) {
	const pieces, limit = 60, 12 << 20
	s := openTemp(t)
	run(t, s)
	var ends []flow.Ending
	for range pieces {
		recs := numbered(s.nextID.Load(), block.MaxPieceRows)
		s.nextID.Add(block.MaxPieceRows)
		for i := range recs {
			recs[i].EndReason = flow.StillOpen
		}
		store(t, s, recs...)
		ends = append(ends, flow.Ending{ID: recs[7].ID, Reason: flow.IdleTimeout})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var got []*block.Tuple
	before := heapBytes()
	err := raw(t.Context(), s.conn, func(c connection) (err error) {
		got, err = s.ins.endOpen(c, ends, nil)
		return err
	})
	if err != nil || len(got) != pieces {
		t.Fatalf("%d flows, %v", len(got), err)
	}
	if after := heapBytes(); after > before+limit {
		t.Errorf("%d flows hold %d MB", pieces, (after-before)>>20)
	}
	runtime.KeepAlive(got)
}

func heapBytes() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestFlowsOfADeadSessionArePackedWithoutNewOnes leaves many flows open: the next writer packs all of them
// while few records come.
func TestFlowsOfADeadSessionArePackedWithoutNewOnes(t *testing.T) {
	s := openTemp(t)
	stop := run(t, s)
	recs := numbered(0, 2_000)
	for i := range recs {
		recs[i].EndReason = flow.StillOpen
	}
	store(t, s, recs...)
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, s.path)
	again.blockRows, again.retentionPause = 100, time.Millisecond
	run(t, again)
	store(t, again, numbered(2_000, 1)...)
	for deadline := time.Now().Add(time.Minute); ; {
		st, err := again.Stat(t.Context())
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d flows wait, %v, want less than a block", st.Waiting, err)
		}
		if st.Waiting < 100 {
			break
		}
	}
	if n, err := again.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != 2_001 {
		t.Errorf("check: %d flows, %v, want 2001", n, err)
	}
}
