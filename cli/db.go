package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weir/db"
	"weir/flow"
	"weir/internal/texttable"
	"weir/search"
)

func dbCommand() *cobra.Command {
	var o sourceOptions
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Inspect, check, repair and compact the flow store",
		Example: `  weir db stat
  weir db check --db flows.db
  weir db repair
  weir db salvage broken.db new.db`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q for db: expected stat, check, repair, salvage, compact or vacuum", args[0])
			}
			return nil
		},
		RunE: func(_ *cobra.Command, _ []string) error {
			return usagef("expected stat, check, repair, salvage, compact or vacuum")
		},
	}
	cmd.PersistentFlags().StringVar(&o.db, "db", "", "the flow store's `path` (default: weir.db in the XDG state directory)")
	reading := func(use, short, long string, fn func(context.Context, *db.Reader, io.Writer) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Long: short + ".\n\n" + long, Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd.Context(), o, db.ReaderOptions{Warn: warnOn(cmd.ErrOrStderr())}, db.OpenReader, func(s *db.Reader) error { return fn(cmd.Context(), s, cmd.OutOrStdout()) })
		}}
	}
	writing := func(use, short, long string, fn func(context.Context, *db.Writer) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Long: short + ".\n\n" + long, Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return rewriteStore(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr(), fn)
		}}
	}
	var drop bool
	repair := &cobra.Command{
		Use:   "repair",
		Short: "Rebuild damaged blocks from their second copy",
		Long: `Rebuild damaged blocks. Most values are stored twice, in columns and in rows, and each
copy is rebuilt from the other; a single flipped bit is corrected. Flows keep their
ids. A block that can't be rebuilt without losing flows is not changed, unless
--drop-damaged is given. That also keeps what can be read of damaged declarations of
nodes and groups, and prints it. No other process may be capturing. If damage
remains, the exit code is 1.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return repairStore(cmd.Context(), o, drop, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	repair.Flags().BoolVar(&drop, "drop-damaged", false, "remove the flows that can't be rebuilt, keep what can be read of nodes and groups")
	cmd.AddCommand(
		repair, salvageCommand(),
		reading("stat", "Show what the store holds and its size", "It can run while another process captures.", statStore),
		reading("check", "Read the whole store and report damage", "It can run while another process captures. If there is damage, the exit code is 1.", checkStore),
		writing("compact", "Merge small blocks", "A capture does this automatically. No other process may be capturing.", func(ctx context.Context, s *db.Writer) error { return s.Compact(ctx) }),
		writing("vacuum", "Return freed space to the disk", "A capture reuses freed space automatically. No other process may be capturing, and the\ndisk needs as much free space as the store has data.", func(ctx context.Context, s *db.Writer) error { return s.Vacuum(ctx) }),
	)
	return cmd
}

// withStore opens the store that o names, for reading or for writing, calls fn with it and closes it.
func withStore[S io.Closer, O any](ctx context.Context, o sourceOptions, options O, open func(context.Context, string, O) (S, error), fn func(S) error) error {
	path, err := o.storePath()
	if err != nil {
		return err
	}
	store, err := open(ctx, path, options)
	if err != nil {
		return err
	}
	return errors.Join(fn(store), store.Close())
}

// withExistingStore is withStore for writing. A store that isn't there is not made.
func withExistingStore(ctx context.Context, o sourceOptions, stderr io.Writer, fn func(*db.Writer) error) error {
	path, err := o.storePath()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return withStore(ctx, o, db.ReaderOptions{}, db.OpenReader, func(*db.Reader) error { return nil }) // says what to do
	}
	return withStore(ctx, o, db.WriterOptions{Migrating: tellMigration(stderr), Warn: warnOn(stderr)}, db.Open, fn)
}

func statStore(ctx context.Context, s *db.Reader, w io.Writer) error {
	st, incomplete := s.Stat(ctx)
	if !search.Answered(incomplete) {
		return incomplete
	}
	out := texttable.Left(2)
	line := func(name, format string, a ...any) { out.Row(name, fmt.Sprintf(format, a...)) }
	line("flows", "%d", st.Flows)
	line("open", "%d", st.Open)
	line("blocks", "%d; %d ended flows not yet in a block", st.Blocks, st.Waiting)
	line("first flow", "%s", localTime(st.First))
	line("last flow", "%s", localTime(st.Last))
	if st.Future > 0 {
		line("clock ahead", "%d flows start in the future: the clock of a node is wrong", st.Future)
	}
	line("oldest block", "%s", localTime(st.Stored))
	line("file", "%d bytes, %d of them free, %d in the log", st.FileBytes, st.FreeBytes, st.WALBytes)
	if st.Flows > 0 {
		line("bytes per flow", "%.1f", float64(st.FileBytes-st.FreeBytes)/float64(st.Flows))
	}
	line("schema", "%d", st.Schema)
	spans, err := s.Coverage(ctx, search.Range{})
	if !search.Answered(err) {
		return err
	}
	coverageLines(line, spans)
	return errors.Join(out.Print(w), search.JoinIncomplete(incomplete, err))
}

// coverageLines adds when each observation point was captured, and what was lost meanwhile.
func coverageLines(line func(name, format string, a ...any), spans []flow.Coverage) {
	type point struct{ node, iface string }
	byPoint := map[point][]flow.Coverage{}
	var points []point
	for _, s := range spans {
		at := point{s.Node, s.Interface}
		if byPoint[at] == nil {
			points = append(points, at)
		}
		byPoint[at] = append(byPoint[at], s)
	}
	for _, at := range points {
		own := byPoint[at]
		h := flow.HealthOf(own)
		interruptions := ""
		if n := len(own) - 1; n > 0 {
			interruptions = ", interrupted " + times(uint64(n))
		}
		line("captured", "%s at %s: %d packets, %d flows, from %s to %s%s", at.iface, at.node, h.Packets(), h.Created, localTime(own[0].From), localTime(h.AsOf), interruptions)
		if words := lost(h); words != "" {
			line("lost", "%s at %s: %s", at.iface, at.node, words)
		}
	}
	if len(spans) > 0 && lost(flow.HealthOf(spans)) == "" {
		line("lost", "nothing")
	}
}

// localTime is a time for people, "-" for never.
func localTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(time.Local).Format("2006-01-02 15:04:05 -07:00")
}

func checkStore(ctx context.Context, s *db.Reader, w io.Writer) error {
	damage := 0
	flows, err := s.Check(ctx, func(problem string) {
		damage++
		fmt.Fprintln(w, problem)
	})
	if err != nil {
		return err
	}
	if damage > 0 {
		return fmt.Errorf("the store is damaged in %s; %s can be read", counted(int64(damage), "place"), counted(flows, "flow"))
	}
	fmt.Fprintf(w, "%d flows, no damage\n", flows)
	return nil
}

// rewriteStore calls fn and says what became of the file.
func rewriteStore(ctx context.Context, o sourceOptions, w, stderr io.Writer, fn func(context.Context, *db.Writer) error) error {
	return withExistingStore(ctx, o, stderr, func(s *db.Writer) error {
		before, err := s.Stat(ctx)
		if !search.Answered(err) {
			return err
		}
		fnErr := fn(ctx, s)
		if fnErr != nil && !errors.As(fnErr, new(*db.PartlyError)) {
			return fnErr
		}
		after, err := s.Stat(ctx)
		if !search.Answered(err) {
			return errors.Join(fnErr, err)
		}
		fmt.Fprintf(w, "before: %s, %d bytes; after: %s, %d bytes\n", counted(int64(before.Blocks), "block"), before.FileBytes, counted(int64(after.Blocks), "block"), after.FileBytes)
		return fnErr
	})
}

// repairStore repairs the store and says in numbers what that did.
func repairStore(ctx context.Context, o sourceOptions, drop bool, w, stderr io.Writer) error {
	return withExistingStore(ctx, o, stderr, func(s *db.Writer) (err error) {
		done, err := s.Repair(ctx, drop, func(what string) { fmt.Fprintln(w, what) })
		if err != nil {
			return err
		}
		if done == (db.Repaired{}) {
			fmt.Fprintln(w, "no damage found")
			return nil
		}
		if done.Tables > 0 {
			defer func() {
				err = errors.Join(err, fmt.Errorf("%s in other tables can't be repaired: weir db salvage copies what can be read into a new store", counted(int64(done.Tables), "problem")))
			}()
		}
		if done.LeftTables > 0 {
			defer func() {
				err = errors.Join(err, fmt.Errorf("not changed: %s of nodes, groups or captures; --drop-damaged keeps what can be read of them", counted(int64(done.LeftTables), "table")))
			}()
		}
		if done == (db.Repaired{LeftTables: done.LeftTables, KeptTables: done.KeptTables}) {
			return nil
		}
		fmt.Fprintf(w, "%s rebuilt with %s; %d of the flows lack the values that are stored only once\n", counted(int64(done.Blocks), "block"), counted(done.Flows, "flow"), done.Unknown)
		if done.Dropped > 0 || done.Lost > 0 {
			fmt.Fprintf(w, "%s removed; lost: %s\n", counted(int64(done.Dropped), "block"), counted(done.Lost, "flow"))
		}
		if done.Left > 0 {
			return fmt.Errorf("not rebuilt, because flows would be lost: %s with %s; --drop-damaged keeps the flows that can be read and removes the others", counted(int64(done.Left), "block"), counted(done.LeftFlows, "flow"))
		}
		return nil
	})
}

// warnOn says on stderr what the store has lost.
func warnOn(stderr io.Writer) func(string) {
	return func(problem string) { fmt.Fprintf(stderr, "weir: %s\n", problem) }
}

// counted is a number with its noun.
func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
