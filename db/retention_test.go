package db

import (
	"sync/atomic"
	"testing"
	"time"

	"weir/db/block"
	"weir/internal/storetest"
	"weir/search"
)

func TestOldFlowsAreRemovedByAgeAndNewerOnesStay(t *testing.T) {
	var now atomic.Int64
	now.Store(epoch.UnixNano())
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return time.Unix(0, now.Load()) }, MaxAge: 24 * time.Hour}, 50)
	reader, err := OpenReader(t.Context(), s.path, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for day := range int64(5) {
		store(t, s, numbered(day*1000, 1000)...)
		s.retain()
		for _, r := range []*Reader{s.Reader, reader} {
			if n, err := r.Count(t.Context(), search.Request{}, -1); err != nil || n != 1000*min(day+1, 2) {
				t.Errorf("day %d: %d flows, %v, want those of a day and a bit", day, n, err)
			}
		}
		now.Add(int64(20 * time.Hour))
	}
	err = s.read(t.Context(), nil, func(sn *snapshot) error {
		if sn.state.lastID != 5000 {
			t.Errorf("the highest id ever is %d, want 5000", sn.state.lastID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkIntegrity(t, s)
}

func TestFewFlowsAreRemovedByAge(t *testing.T) {
	var now atomic.Int64
	now.Store(epoch.UnixNano())
	s := smallBlocks(t, WriterOptions{Now: func() time.Time { return time.Unix(0, now.Load()) }, MaxAge: 24 * time.Hour}, 5000)
	store(t, s, numbered(0, 10)...)
	for range 30 {
		now.Add(int64(time.Hour))
		s.retain()
	}
	if got := storetest.All(t, s); len(got) != 0 {
		t.Errorf("%d flows of the day before yesterday are left", len(got))
	}
}

func TestTheFileStopsGrowing(t *testing.T) {
	const limit = 2 << 20
	s := smallBlocks(t, WriterOptions{MaxBytes: limit}, 500)
	largest := int64(0)
	for i := range int64(40) {
		store(t, s, traffic(i*2000+1, 2000)...)
		s.retain()
		st, err := s.Stat(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, st.FileBytes)
	}
	st, err := s.Stat(t.Context())
	if err != nil || largest > limit*3/2 || st.FileBytes-st.FreeBytes > limit || st.Flows < 5_000 || st.Flows > 40_000 {
		t.Errorf("the file grew to %d bytes and holds %+v, %v, want a bit more than %d", largest, st, err, limit)
	}
	newest, err := s.Search(t.Context(), search.Request{}, search.Cursor{}, 1)
	if err != nil || newest.Rows[0].ID < 79_000 {
		t.Errorf("the newest is %v, %v: the wrong end was removed", storetest.IDs(newest.Rows), err)
	}
	before := st.FileBytes
	if err := s.Vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st, err = s.Stat(t.Context()); err != nil || st.FileBytes >= before || st.FreeBytes > 0 {
		t.Errorf("after a vacuum: %+v, %v, before it the file had %d bytes", st, err, before)
	}
	store(t, s, traffic(90_001, 10)...)
}

// TestTheFileStopsGrowingWhileFlowsAlwaysWait writes at full speed, so that the writer is never idle.
func TestTheFileStopsGrowingWhileFlowsAlwaysWait(t *testing.T) {
	const limit = 8 << 20
	s := smallBlocks(t, WriterOptions{MaxBytes: limit}, block.MaxRows)
	largest := int64(0)
	for i := range int64(80) {
		if err := s.Put(t.Context(), traffic(i*10_000+1, 10_000)); err != nil {
			t.Fatal(err)
		}
		largest = max(largest, diskBytes(t, s.path))
	}
	store(t, s)
	if largest := max(largest, diskBytes(t, s.path)); largest > 2*limit {
		t.Errorf("the file grew to %d bytes, want a bit more than %d", largest, limit)
	}
	if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n < 20_000 {
		t.Errorf("%d flows are left, %v", n, err)
	}
}
