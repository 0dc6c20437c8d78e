package db

import (
	"path/filepath"
	"testing"
	"time"

	"weir/internal/disktest"
)

// TestAFailedSalvageLeavesNothingBehind fails while flows are written: the disk is full.
func TestAFailedSalvageLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	w := openAt(t, path)
	stop := run(t, w)
	store(t, w, traffic(1, 20_000)...)
	stop()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := disktest.Small(t, "1m")
	to := filepath.Join(dir, "new.db")
	if _, err := Salvage(t.Context(), path, to, WriterOptions{Now: func() time.Time { return epoch }}, func(string) {}); err == nil {
		t.Fatal("two megabytes fit into one: this test shows nothing")
	}
	if names := disktest.Names(t, dir); len(names) > 0 {
		t.Errorf("left behind: %q", names)
	}
}
