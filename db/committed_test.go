package db

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"weir/flow"
)

func TestFlowsInAStoreThatCannotBeReadAreNotCountedAsNotStored(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "weir.db"), WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	recs := traffic(1, 100)
	for i := range recs {
		recs[i].ID, recs[i].EndReason = s.NextID(), flow.StillOpen
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	if err := s.Put(ctx, recs[:60]); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.conn.Close() // from now on all of the file's reads and writes fail
	s.mu.Unlock()
	if err := s.Put(ctx, recs[40:]); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "40 flows and the last updates of 20 more were waiting") {
		t.Errorf("Run = %v", err)
	}
	if h := s.Health(); h.Unstored != 40 || h.Outdated != 20 {
		t.Errorf("unstored %d, outdated %d", h.Unstored, h.Outdated)
	}
	_ = s.Close()
}

func TestCommittedIDsForgetTheOldestChunks(t *testing.T) {
	var s committedIDs
	if s.has(7) {
		t.Error("an empty set has 7")
	}
	for i := range int64(maxChunks + 3) {
		s.add([]*flow.Record{{ID: i<<chunkBits + 5}, {ID: i<<chunkBits + 9}})
	}
	for i := range int64(maxChunks + 3) {
		if !s.has(i<<chunkBits+9) || i >= 3 && s.has(i<<chunkBits+8) {
			t.Fatalf("chunk %d is not right", i)
		}
	}
	if len(s.chunks) != maxChunks || !s.has(8) || s.has((maxChunks+3)<<chunkBits) {
		t.Errorf("%d chunks", len(s.chunks))
	}
	s.add([]*flow.Record{{ID: 1}})
	if len(s.chunks) != maxChunks {
		t.Errorf("%d chunks after an old flow", len(s.chunks))
	}
}
