package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"weir/csvexport"
	"weir/db"
	"weir/flow"
	"weir/search"
)

// countMax is how far matches are counted when a result was cut by its limit.
const countMax = 1_000_000

// answer prints flows, sums, or the number of flows.
func (o *queryOptions) answer(ctx context.Context, store *db.Reader, q search.Query, stdout, stderr io.Writer) error {
	if err := o.tellUnknown(ctx, store, stderr); err != nil {
		return err
	}
	q, err := o.checkWords(ctx, store, q)
	if err != nil {
		return err
	}
	switch {
	case o.count:
		return o.printCount(ctx, store, q, stdout, stderr)
	case o.by != "":
		return o.printTop(ctx, store, q, stdout)
	case o.follow:
		return o.printFollowing(ctx, store, q, stdout, stderr)
	}
	return o.print(ctx, store, q, stdout, stderr)
}

func (o *queryOptions) printCount(ctx context.Context, store *db.Reader, q search.Query, stdout, stderr io.Writer) error {
	n, incomplete := store.Count(ctx, search.Request{Query: q}, -1)
	if !search.Answered(incomplete) {
		return incomplete
	}
	_, err := fmt.Fprintln(stdout, n)
	if err == nil && n == 0 {
		err = tellNames(ctx, store, q.Filter, stderr)
	}
	return errors.Join(err, incomplete)
}

// print writes the result in the format asked for, and says on stderr when the
// limit cut it short.
func (o *queryOptions) print(ctx context.Context, store *db.Reader, q search.Query, stdout, stderr io.Writer) error {
	out, err := o.writer(stdout)
	if err != nil {
		return err
	}
	var incomplete error
	rows, err := csvexport.Copy(ctx, out, func(ctx context.Context, fn func(*flow.Record) error) error {
		err := store.Each(ctx, search.Request{Query: q}, fn)
		if search.Answered(err) {
			incomplete, err = err, nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if rows == 0 {
		return errors.Join(tellNames(ctx, store, q.Filter, stderr), incomplete)
	}
	if rows < q.Rows() || q.Rows() < 0 {
		return incomplete
	}
	matches, err := store.Count(ctx, search.Request{Query: q}, countMax)
	if !search.Answered(err) {
		return errors.Join(err, incomplete)
	}
	if matches > int64(rows) {
		fmt.Fprintf(stderr, "weir: %d of %s flows; --limit N or --all prints more\n", rows, atMost(matches, countMax))
	}
	return incomplete
}

func atMost(n, limit int64) string {
	if n > limit {
		return fmt.Sprintf("more than %d", limit)
	}
	return fmt.Sprint(n)
}

// writer writes in the format that was asked for, with the columns that were.
func (o *queryOptions) writer(w io.Writer) (csvexport.Writer, error) {
	options := csvexport.Options{Format: csvexport.FormatTable, Columns: o.columns, Loc: time.Local, Width: terminalWidth(w), Live: o.follow}
	switch {
	case o.csv:
		options.Format = csvexport.FormatCSV
	case o.json:
		options.Format = csvexport.FormatNDJSON
	}
	out, err := csvexport.New(w, options)
	if err != nil {
		return nil, usagef("--columns: %w", err)
	}
	return out, nil
}

// terminalWidth is the columns of the terminal that w is; 0 if it is something
// else, where lines may be as wide as they need.
func terminalWidth(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			return columns
		}
	}
	return 0
}
