package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"weir/capture"
	"weir/csvexport"
	"weir/db"
	"weir/flow"
	"weir/search"
)

// countMax is how far matches are counted when a result was cut by its limit.
const countMax = 1_000_000

// queryOptions are the flags of `weir query`.
type queryOptions struct {
	source           sourceOptions
	since, from, to  string
	nodes            []string
	order            string
	limit            int
	all              bool
	csv, json, table bool
}

func queryCommand() *cobra.Command {
	var o queryOptions
	cmd := &cobra.Command{
		Use:   "query [FILTER…]",
		Short: "Print flows",
		Long: `Print the flows that match the filter, newest first. docs/search.md explains
filters. With -r the flows come from capture files instead of the store.`,
		Example: `  weir query proto:tcp dport:443 --since 2h
  weir query 'flags:syn,!ack' --order oldest --csv > half-open.csv
  weir query -r trace.pcap --json --all`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runQuery(cmd.Context(), o, strings.Join(args, " "), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.since, "since", "", "only flows that started within this `time`: 90s, 2h, 7d")
	f.StringVar(&o.from, "from", "", "only flows that started at this `time` or later: 2006-01-02 15:04, 15:04, RFC 3339")
	f.StringVar(&o.to, "to", "", "only flows that started before this `time`")
	f.StringSliceVar(&o.nodes, "node", nil, "only flows that these `nodes` reported; with -r: the node to read the files as")
	f.StringVar(&o.order, "order", "newest", "`newest` or oldest first")
	f.IntVar(&o.limit, "limit", search.DefaultLimit, fmt.Sprintf("print at most `N` flows, up to %d", search.MaxLimit))
	f.BoolVar(&o.all, "all", false, "print all flows, however many")
	f.BoolVar(&o.csv, "csv", false, "print CSV")
	f.BoolVar(&o.json, "json", false, "print a JSON object a line")
	f.BoolVar(&o.table, "table", false, "print a table (the default)")
	f.StringArrayVarP(&o.source.files, "read", "r", nil, "read capture `files` into a temporary store first")
	f.StringVar(&o.source.db, "db", "", "the flow store's `path` (default: weir.db in the XDG state directory)")
	f.SortFlags = false
	cmd.PreRunE = func(*cobra.Command, []string) error { return exclusive(f) }
	return cmd
}

// exclusive refuses flags that contradict each other.
func exclusive(flags *pflag.FlagSet) error {
	for _, pair := range [][2]string{
		{"csv", "json"}, {"csv", "table"}, {"json", "table"}, {"limit", "all"}, {"since", "from"}, {"since", "to"}, {"read", "db"},
	} {
		if flags.Changed(pair[0]) && flags.Changed(pair[1]) {
			return usagef("--%s and --%s exclude each other: give one of them", pair[0], pair[1])
		}
	}
	return nil
}

func runQuery(ctx context.Context, o queryOptions, filter string, stdout, stderr io.Writer) error {
	q, err := o.query(filter, time.Now())
	if err != nil {
		return err
	}
	if len(o.source.files) > 0 {
		return queryFiles(ctx, o, q, stdout, stderr)
	}
	path, err := o.source.storePath()
	if err != nil {
		return err
	}
	store, err := db.OpenReader(ctx, path, db.Options{})
	if err != nil {
		return err
	}
	return errors.Join(o.print(ctx, store, q, stdout, stderr), store.Close())
}

// query builds the query that the flags and the filter ask for.
func (o *queryOptions) query(filter string, now time.Time) (search.Query, error) {
	q := search.Query{Nodes: o.nodes, Limit: o.limit}
	switch {
	case o.all:
		q.Limit = -1
	case o.limit < 1 || o.limit > search.MaxLimit:
		return q, usagef("--limit %d: expected 1 to %d, or --all for every flow", o.limit, search.MaxLimit)
	}
	var err error
	if q.Order, err = search.ParseOrder(o.order); err != nil {
		return q, usagef("--order: %w", err)
	}
	if q.Range, err = o.timeRange(now); err != nil {
		return q, err
	}
	if q.Filter, err = search.Parse(filter); err != nil {
		return q, filterError(filter, err)
	}
	return q, nil
}

func (o *queryOptions) timeRange(now time.Time) (r search.Range, err error) {
	if o.since != "" {
		if r, err = search.ParseRange(o.since); err != nil {
			return r, usagef("--since: %w", err)
		}
		return r, nil
	}
	if o.from != "" {
		if r.From, err = search.ParseTime(o.from, now, time.Local); err != nil {
			return r, usagef("--from: %w", err)
		}
	}
	if o.to != "" {
		if r.To, err = search.ParseTime(o.to, now, time.Local); err != nil {
			return r, usagef("--to: %w", err)
		}
	}
	if !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) {
		return r, usagef("--from %s is not before --to %s", o.from, o.to)
	}
	return r, nil
}

// queryFiles meters the capture files into a temporary store and prints from it.
func queryFiles(ctx context.Context, o queryOptions, q search.Query, stdout, stderr io.Writer) (err error) {
	switch len(o.nodes) {
	case 0:
	case 1:
		o.source.node = o.nodes[0]
	default:
		return usagef("--node: files are read as one node, not %d", len(o.nodes))
	}
	if err := o.source.check(); err != nil {
		return err
	}
	f, err := openFeed(o.source)
	if err != nil {
		return err
	}
	dir, path, err := tempStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p, err := openPipeline(ctx, path, f)
	if err != nil {
		f.close()
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()

	metered := p.run(ctx)
	if cut := new(capture.TruncatedError); metered != nil && !errors.As(metered, &cut) {
		return metered
	}
	if words := lost(p.health()); words != "" {
		fmt.Fprintf(stderr, "weir: lost: %s\n", words)
	}
	// What a file holds before the place where it was cut is worth printing;
	// the error says that it is not all.
	return errors.Join(o.print(ctx, p.store, q, stdout, stderr), metered)
}

// print writes the result in the format asked for, and says on stderr when the
// limit cut it short.
func (o *queryOptions) print(ctx context.Context, store *db.Store, q search.Query, stdout, stderr io.Writer) error {
	enc := o.encoder(stdout)
	rows := 0
	err := store.Each(ctx, q, func(r *flow.Record) error {
		rows++
		return enc.Write(r)
	})
	if err = errors.Join(err, enc.Flush()); err != nil {
		return err
	}
	if rows < q.Rows() || q.Rows() < 0 {
		return nil
	}
	matches, err := store.Count(ctx, q, countMax)
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

func (o *queryOptions) encoder(w io.Writer) encoder {
	switch {
	case o.csv:
		return csvexport.NewCSV(w, time.Local)
	case o.json:
		return csvexport.NewJSON(w, time.Local)
	}
	width := 0 // not a terminal: as wide as it needs
	if file, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			width = columns
		}
	}
	return csvexport.NewTable(w, time.Local, width)
}

// filterError shows the place of a mistake under the filter.
func filterError(filter string, err error) error {
	if e := new(search.Error); errors.As(err, &e) {
		return usagef("filter: %w\n  %s\n  %s^", err, filter, strings.Repeat(" ", max(0, e.Col-1)))
	}
	return usagef("filter: %w", err)
}
