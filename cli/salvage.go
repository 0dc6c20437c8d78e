package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"weir/db"
)

func salvageCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "salvage FILE NEW",
		Short: "Copy what can be read of a broken store into a new one",
		Long: `Copy what can be read of a broken store into a new one. It works even if SQLite can't
open FILE or part of FILE is missing, because weir itself reads the pages of FILE and
its log, FILE-wal. FILE is not changed; no process may be writing to it. NEW must not
exist. If flows are lost, the exit code is 1.`,
		Example: `  weir db salvage broken.db new.db`,
		Args:    exactly(2, "a broken store and the name of a new one: weir db salvage broken.db new.db"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return salvage(cmd.Context(), args[0], args[1], cmd.OutOrStdout())
		},
	}
}

// salvage copies a broken store and says in numbers what it found.
func salvage(ctx context.Context, from, to string, w io.Writer) error {
	done, err := db.Salvage(ctx, from, to, db.WriterOptions{}, func(what string) { fmt.Fprintln(w, what) })
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s copied: from %s, and %d that were not in a block\n", counted(done.Flows, "flow"), counted(int64(done.Blocks), "block"), done.Open)
	if done.Unknown > 0 {
		fmt.Fprintf(w, "%s without the values that are stored only once\n", counted(done.Unknown, "flow"))
	}
	if done.Names > 0 {
		fmt.Fprintf(w, "%s of nodes or interfaces lost, replaced by unknown-NUMBER\n", counted(int64(done.Names), "name"))
	}
	if done.Lost > 0 || done.NoHeader > 0 {
		return fmt.Errorf("lost: %s, and %s with an unknown number of flows", counted(done.Lost, "flow"), counted(int64(done.NoHeader), "block"))
	}
	return nil
}
