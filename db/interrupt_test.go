package db

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheFirstInterruptEndsAnOpen interrupts an Open that waits for the lock of another program.
func TestTheFirstInterruptEndsAnOpen(t *testing.T) {
	t.Parallel() // it waits for openGrace
	path := filepath.Join(t.TempDir(), "weir.db")
	s := openAt(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", path+"?_pragma=locking_mode(exclusive)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := Open(ctx, path, WriterOptions{}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("Open = %v, want that it was interrupted", err)
	}
	if took := time.Since(begun); took >= busyTimeout {
		t.Errorf("an interrupted Open takes %v", took)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	for { // what went on by itself gives the store up
		s, err := Open(t.Context(), path, WriterOptions{})
		if err == nil {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.As(err, new(*LockedError)) {
			t.Fatal(err)
		}
		<-time.After(10 * time.Millisecond)
	}
}
