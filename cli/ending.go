package cli

import (
	"context"
	"fmt"
	"io"
	"time"
)

// endingInterval is how often a stop that takes long says how far it is.
const endingInterval = 2 * time.Second

// tellEnding says on stderr, from some time after ctx has ended on, how many records a
// pipeline has still to store. The function it returns ends it.
func tellEnding(ctx context.Context, p *pipeline, stderr io.Writer, interval time.Duration) (stop func()) {
	return every(ctx.Done(), interval, func() {
		if n := p.store.Waiting(); n > 0 {
			fmt.Fprintf(stderr, "weir: storing the last records: %d left (press Ctrl-C again to discard them)\n", n)
		} else {
			fmt.Fprintln(stderr, "weir: closing the flow store")
		}
	})
}

// every calls fn in a goroutine once per interval, from when begin is closed. The function it returns ends
// that and waits for a running fn.
func every(begin <-chan struct{}, interval time.Duration, fn func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-done:
			return
		case <-begin:
		}
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				fn()
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
