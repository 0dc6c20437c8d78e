package db

import (
	"context"
	"fmt"
	"io"
	"time"
)

// untilDone calls open and stops waiting for it if it hasn't returned openGrace after the end of ctx. Some
// waits can't be interrupted: SQLite waits up to busyTimeout for another program's lock, and a disk may not
// answer. The call then ends with the process, as in a kill, which loses no commit.
func untilDone[S io.Closer](ctx context.Context, open func() (S, error)) (S, error) {
	type opened struct {
		store S
		err   error
	}
	done := make(chan opened, 1)
	go func() {
		s, err := open()
		done <- opened{s, err}
	}()
	select {
	case o := <-done:
		return o.store, o.err
	case <-ctx.Done():
	}
	grace := time.NewTimer(openGrace)
	defer grace.Stop()
	select {
	case o := <-done:
		return o.store, o.err
	case <-grace.C:
	}
	go func() {
		if o := <-done; o.err == nil {
			_ = o.store.Close() // no caller is left for its error
		}
	}()
	var none S
	return none, fmt.Errorf("interrupted while waiting for the file: %w", ctx.Err())
}
