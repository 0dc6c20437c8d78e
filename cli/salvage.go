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
		Long: `Copy what can be read of a broken store into a new one. It reads the pages of FILE by
itself, for files that SQLite calls malformed or that were cut short, and the log
FILE-wal beside it. FILE is not changed; no process may be writing it. NEW must not
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
	fmt.Fprintf(w, "%s copied from %s, %d of them from outside of blocks\n", counted(done.Flows, "flow"), counted(int64(done.Blocks), "block"), done.Open)
	if done.Unknown > 0 {
		fmt.Fprintf(w, "%s without the values that are stored once\n", counted(done.Unknown, "flow"))
	}
	if done.Names > 0 {
		fmt.Fprintf(w, "%s of nodes or interfaces lost: they are called unknown-NUMBER\n", counted(int64(done.Names), "name"))
	}
	if done.Lost > 0 || done.NoHeader > 0 {
		return fmt.Errorf("lost: %s, and %s with an unknown number of flows", counted(done.Lost, "flow"), counted(int64(done.NoHeader), "block"))
	}
	return nil
}
