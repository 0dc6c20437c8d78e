package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"weir/db"
)

// captureOverloaded captures from an interface with a short queue and a small flow table until its standard input is
// closed. It prints a line when it captures, and its counters at the end.
func captureOverloaded(iface, path string) error {
	f := &feed{}
	if err := f.openLive("here", []string{iface}); err != nil {
		return err
	}
	store, err := db.Open(context.Background(), path, db.WriterOptions{QueueRows: 20_000})
	if err != nil {
		return err
	}
	p, err := newPipeline(context.Background(), store, nil, f.observers, 10_000)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx) }()
	fmt.Println("capturing")
	_, _ = io.Copy(io.Discard, os.Stdin)
	stop()
	if err := <-ended; err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(p.health()); err != nil {
		return err
	}
	return p.close()
}
