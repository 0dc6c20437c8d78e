package db

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/disktest"
	"weir/internal/storetest"
)

// TestAFailedCheckpointIsReported fills the disk after flows were committed to the log: they can be read,
// but not copied into the file until there is room again.
func TestAFailedCheckpointIsReported(t *testing.T) {
	dir := disktest.Small(t, "24m")
	s := openAt(t, filepath.Join(dir, "weir.db"))
	s.checkpoints.minBytes = 1 << 40 // not yet
	stop := run(t, s)
	recs := traffic(1, 20_000)
	store(t, s, recs...)
	stop()

	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s.checkpoints = checkpointLimits{time.Millisecond, 0, 100}
	ctx, cancel := context.WithCancel(t.Context())
	var background sync.WaitGroup
	background.Go(func() { s.runCheckpointer(ctx) })
	defer background.Wait()
	defer cancel()
	eventually(t, "the error of the checkpoint", func() bool { return strings.HasPrefix(s.Health().LogErr, "the disk is full: ") })
	if got := s.Health().StoreErr; got != "" {
		t.Errorf("it says that nothing is stored: %s", got)
	}
	if got := len(storetest.All(t, s)); got != len(recs) {
		t.Errorf("%d flows, want %d", got, len(recs))
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a checkpoint with room on the disk", func() bool { return s.Health().LogErr == "" })
}
