package cli

import (
	"context"
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

// answer prints what was asked for: flows, sums, or how many there are.
func (o *queryOptions) answer(ctx context.Context, store *db.Store, q search.Query, stdout, stderr io.Writer) error {
	if err := o.tellUnknown(ctx, store, stderr); err != nil {
		return err
	}
	switch {
	case o.count:
		return o.printCount(ctx, store, q, stdout, stderr)
	case o.by != "":
		return o.printTop(ctx, store, q, stdout)
	case o.follow:
		return o.printFollowing(ctx, store, q, stdout)
	}
	return o.print(ctx, store, q, stdout, stderr)
}

func (o *queryOptions) printCount(ctx context.Context, store *db.Store, q search.Query, stdout, stderr io.Writer) error {
	n, err := store.Count(ctx, search.Request{Query: q}, -1)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintln(stdout, n); err == nil && n == 0 {
		err = tellNames(ctx, store, q.Filter, stderr)
	}
	return err
}

// print writes the result in the format asked for, and says on stderr when the
// limit cut it short.
func (o *queryOptions) print(ctx context.Context, store *db.Store, q search.Query, stdout, stderr io.Writer) error {
	enc, err := o.encoder(stdout)
	if err != nil {
		return err
	}
	rows := 0
	err = store.Each(ctx, search.Request{Query: q}, func(r *flow.Record) error {
		rows++
		return enc.Write(r)
	})
	if err == nil || rows > 0 { // a head without rows would say that nothing matched
		if flushErr := enc.Flush(); err == nil { // else it repeats it
			err = flushErr
		}
	}
	if err != nil {
		return err
	}
	if rows == 0 {
		return tellNames(ctx, store, q.Filter, stderr)
	}
	if rows < q.Rows() || q.Rows() < 0 {
		return nil
	}
	matches, err := store.Count(ctx, search.Request{Query: q}, countMax)
	if err != nil {
		return err
	}
	if matches > int64(rows) {
		fmt.Fprintf(stderr, "weir: %d of %s flows; --limit N or --all prints more\n", rows, atMost(matches, countMax))
	}
	return nil
}

func atMost(n, limit int64) string {
	if n > limit {
		return fmt.Sprintf("more than %d", limit)
	}
	return fmt.Sprint(n)
}

// encoder is one of csvexport's formats.
type encoder interface {
	Write(r *flow.Record) error
	Flush() error
}

// encoder is the format that was asked for, with the columns that were.
func (o *queryOptions) encoder(w io.Writer) (encoder, error) {
	var out interface {
		encoder
		Select(names []string) error
	}
	switch {
	case o.csv:
		out = csvexport.NewCSV(w, time.Local)
	case o.json:
		out = csvexport.NewJSON(w, time.Local)
	case o.follow:
		return csvexport.NewLiveTable(w, time.Local, terminalWidth(w)), nil
	default:
		return csvexport.NewTable(w, time.Local, terminalWidth(w)), nil
	}
	if o.columns == nil {
		return out, nil
	}
	if err := out.Select(o.columns); err != nil {
		return nil, usagef("--columns: %w", err)
	}
	return out, nil
}

// terminalWidth is the columns of the terminal that w is; 0: it is none, and
// lines may be as wide as they need.
func terminalWidth(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			return columns
		}
	}
	return 0
}
