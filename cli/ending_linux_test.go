package cli

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"weir/db"
	"weir/flow"
)

func TestAStopThatTakesLongSaysHowFarItIs(t *testing.T) {
	store, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), db.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	store.Offer([]flow.Record{{ID: 1}, {ID: 2}}) // nothing writes them
	var said heard
	ctx, cancel := context.WithCancel(t.Context())
	stop := tellEnding(ctx, &pipeline{store: store}, &said, time.Millisecond)
	cancel()
	said.waitFor(t, "storing the last records: 2 left")
	stop()
	after := said.String()
	if stop := tellEnding(t.Context(), &pipeline{store: store}, &said, time.Millisecond); stop != nil {
		stop()
	}
	if said.String() != after {
		t.Errorf("said without a stop: %s", said.String()[len(after):])
	}
}
