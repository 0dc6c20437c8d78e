package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/capture"
	"weir/db"
	"weir/flow"
	"weir/internal/termsafe"
)

func captureCommand() *cobra.Command {
	var o sourceOptions
	cmd := &cobra.Command{
		Use:   "capture",
		Short: "Capture into the flow store without a screen",
		Long: `Capture flows into the store without a screen, until Ctrl-C or SIGTERM, or until
the files of -r are read. An interface that goes down or away meanwhile is captured
again when it is back.`,
		Example: `  weir capture -i eth0 --db /var/lib/weir/weir.db
  weir capture -r monday.pcap tuesday.pcap.gz --node edge-1`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runCapture(cmd.Context(), o, cmd.ErrOrStderr())
		},
	}
	o.register(cmd.Flags())
	return cmd
}

func runCapture(ctx context.Context, o sourceOptions, stderr io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	path, err := o.storePath()
	if err != nil {
		return err
	}
	f, err := openFeed(ctx, o)
	if err != nil {
		return err
	}
	for _, problem := range f.problems {
		fmt.Fprintf(stderr, "weir: %v\n", problem)
	}
	options, err := o.writerOptions(stderr)
	if err != nil {
		f.close()
		return err
	}
	p, err := openPipeline(ctx, path, options, f)
	if err != nil {
		f.close()
		return err
	}
	doing := "capturing on"
	if len(o.files) > 0 {
		doing = "reading"
	}
	fmt.Fprintf(stderr, "weir: %s %s into %s\n", doing, termsafe.Text(f.capturing), termsafe.Text(path))
	stopTelling := tellTroubles(p, stderr)
	err = p.run(ctx)
	stopTelling()
	if err == nil && ctx.Err() != nil && len(o.files) > 0 {
		err = errors.New("interrupted before the files were done: what was read is stored")
	}
	h := p.health()
	fmt.Fprintf(stderr, "weir: %d packets, %d flows\n", h.Packets(), h.Created)
	tellLost(stderr, h)
	return errors.Join(err, p.close())
}

// troubleInterval is how soon a trouble of a running capture is told.
const troubleInterval = time.Second

// tellTroubles says on stderr when a source ends, when the store stops or goes
// on writing, and when something was lost, each once. The function it returns
// ends it.
func tellTroubles(p *pipeline, stderr io.Writer) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(troubleInterval)
		defer tick.Stop()
		told := ""
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if now := troubles(p.health()); now != told {
				told = now
				if now == "" {
					now = "all is well again"
				}
				fmt.Fprintf(stderr, "weir: %s\n", now)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// troubles says in one line what keeps a capture from being whole; empty if nothing.
func troubles(h flow.Health) string {
	var parts []string
	for _, s := range h.Sources {
		switch {
		case s.Err == "":
		case s.Done:
			parts = append(parts, "no longer captured: "+s.Name+": "+s.Err)
		default:
			parts = append(parts, "not captured for now: "+s.Name+": "+s.Err)
		}
	}
	if h.StoreErr != "" {
		parts = append(parts, "not storing: "+h.StoreErr)
	}
	if lost(h) != "" { // the number grows; the end says it
		parts = append(parts, "packets or flows are being lost")
	}
	return strings.Join(parts, "; ")
}

// openPipeline opens the store at path as its writer and a pipeline into it.
func openPipeline(ctx context.Context, path string, o db.Options, f *feed) (*pipeline, error) {
	store, err := db.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	p, err := newPipeline(ctx, store, f.own, f.observers)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return p, nil
}

func isPermission(err error) bool { return errors.Is(err, capture.ErrPermission) }
