package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"weir/capture"
	"weir/db"
)

func captureCommand() *cobra.Command {
	var o sourceOptions
	cmd := &cobra.Command{
		Use:   "capture",
		Short: "Capture into the flow store without a screen",
		Long: `Capture flows into the store without a screen, until Ctrl-C or SIGTERM, or until
the files of -r are read.`,
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
	f, err := openFeed(o)
	if err != nil {
		return err
	}
	for _, problem := range f.problems {
		fmt.Fprintf(stderr, "weir: %v\n", problem)
	}
	p, err := openPipeline(ctx, path, f)
	if err != nil {
		f.close()
		return err
	}
	doing := "capturing on"
	if len(o.files) > 0 {
		doing = "reading"
	}
	fmt.Fprintf(stderr, "weir: %s %s into %s\n", doing, f.capturing, path)
	err = p.run(ctx)
	h := p.health()
	fmt.Fprintf(stderr, "weir: %d packets, %d flows\n", h.Packets(), h.Created)
	if words := lost(h); words != "" {
		fmt.Fprintf(stderr, "weir: lost: %s\n", words)
	}
	return errors.Join(err, p.close())
}

// openPipeline opens the store at path as its writer and a pipeline into it.
func openPipeline(ctx context.Context, path string, f *feed) (*pipeline, error) {
	store, err := db.Open(ctx, path, db.Options{})
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
