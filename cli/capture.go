package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"weir/db"
	"weir/internal/termsafe"
)

func captureCommand() *cobra.Command {
	var o sourceOptions
	cmd := &cobra.Command{
		Use:   "capture",
		Short: "Capture into the flow store without a screen",
		Long: `Capture flows into the store without a screen, until Ctrl-C or SIGTERM, or until
the files of -r are read, or the writer of a pipe ends. A folder of -r is
followed: files that grow or are added are read. An interface that goes down or
disappears is captured again when it is back. If the flow store is removed, moved
or replaced, the capture ends with exit code 1; the next start creates a new
store.`,
		Example: `  weir capture -i eth0 --db /var/lib/weir/weir.db
  weir capture -r monday.pcap tuesday.pcap.gz --node edge-1
  weir capture -r /var/captures
  ssh gw tcpdump -U -w - | weir capture -r gw=-`,
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
	removeDeadStores(os.TempDir())
	f, err := openFeed(ctx, o, true)
	if err != nil {
		return err
	}
	for _, problem := range f.problems {
		fmt.Fprintf(stderr, "weir: %v\n", problem)
	}
	options, warning, err := o.writerOptions(stderr)
	if err != nil {
		f.close()
		return err
	}
	for _, w := range []string{warning, networkWarning(path)} {
		if w != "" {
			fmt.Fprintf(stderr, "weir: %s\n", w)
		}
	}
	p, err := openPipeline(ctx, path, options, f)
	if err != nil {
		f.close()
		return err
	}
	before := int64(0)
	if len(o.files) > 0 {
		before = newestID(ctx, p.store.Reader)
	}
	doing := "capturing on"
	if len(o.files) > 0 {
		doing = "reading"
	}
	fmt.Fprintf(stderr, "weir: %s %s into %s\n", doing, termsafe.Text(f.capturing), termsafe.Text(path))
	p.stopGone = true // what runs weir can start it again, with a new store
	stopReporting := reportProblems(p, stderr)
	defer tellEnding(ctx, p, stderr, endingInterval)()
	err = p.run(ctx)
	stopReporting()
	if err == nil && ctx.Err() != nil && len(o.files) > 0 && !f.endless {
		err = errors.New("interrupted before the end of the files: flows read so far are stored")
	}
	h := p.health()
	fmt.Fprintf(stderr, "weir: %d packets, %d flows\n", h.Packets(), h.Created)
	tellDuplicates(stderr, h)
	if len(o.files) > 0 && err == nil {
		tellNoFlows(stderr, h)
		tellRepeated(ctx, p.store.Reader, before, stderr)
	}
	tellLost(stderr, h)
	if errors.As(err, new(*db.GoneError)) {
		err = fmt.Errorf("%s not stored: %w", counted(int64(h.Unstored), "flow"), err)
	}
	if len(o.files) > 0 {
		err = errors.Join(err, unknownLinks(h))
	}
	return errors.Join(err, p.close())
}

// networkWarning warns of a flow store on a network file system; empty for a local one.
func networkWarning(path string) string {
	name := db.NetworkFS(path)
	if name == "" {
		return ""
	}
	return fmt.Sprintf("flow store %q is on a network file system (%s), where SQLite is safe only while no other machine uses the store: use a file on a local disk (--db PATH)", path, name)
}

// openPipeline opens the store at path as its writer and a pipeline into it.
func openPipeline(ctx context.Context, path string, o db.WriterOptions, f *feed) (*pipeline, error) {
	store, err := db.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	p, err := newPipeline(ctx, store, f.own, f.observers, maxFlows)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return p, nil
}
