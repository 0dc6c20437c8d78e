package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/capture"
	"weir/db"
	"weir/internal/saved"
	"weir/search"
)

// queryOptions are the flags of `weir query`.
type queryOptions struct {
	source           sourceOptions
	since, from, to  string
	nodes            []string
	order            string
	limit            int
	all              bool
	csv, json, table bool
	count, follow    bool
	by               string
	columns          []string
	text             string                 // the filter, with saved searches expanded
	given            func(flag string) bool // on the command line
}

func queryCommand() *cobra.Command {
	var o queryOptions
	cmd := &cobra.Command{
		Use:   "query [FILTER… | @NAME]",
		Short: "Print flows",
		Long: `Print the flows that match the filter, newest first. weir help filter explains
filters; @NAME stands for a saved search. A time range selects the flows that
were active in it; the filter start>=-2h those that began in it. With -r the flows come from capture
files instead of the store.

--follow runs until it is interrupted and prints each flow once, when it first
matches, with its values at that time. With open:no in the filter, flows are
printed when they have ended, so their values are final.`,
		Example: `  weir query proto:tcp dport:443 --since 2h
  weir query 'flags:syn,!ack' --order oldest --csv > half-open.csv
  weir query --order bytes --limit 20 --since 1d
  weir query --follow --since 10m verdict:refused
  weir query --by pair --since 1d
  weir query --by src,dst --order ports
  weir query -r trace.pcap --json --all`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runQuery(cmd.Context(), o, args, raw(cmd.OutOrStdout()), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.since, "since", "", "only flows that were active since `time`: 14:05 or today; 90s, 2h or 7d mean that long ago")
	f.StringVar(&o.from, "from", "", "only flows that were active at `time` or later: 2006-01-02 15:04, 15:04, RFC 3339")
	f.StringVar(&o.to, "to", "", "only flows that were active before `time`")
	f.StringSliceVar(&o.nodes, "node", nil, "only flows reported by these `nodes` or groups; with -r: the reporting node of files without a NAME=")
	f.StringVar(&o.order, "order", "newest", "which flows come first: `newest|oldest|FIELD`, such as bytes or duration:asc; with --by: a column, such as bytes, flows or ports")
	f.IntVar(&o.limit, "limit", search.DefaultLimit, fmt.Sprintf("print at most `N` flows, up to %d; with --by: N lines, %d by default", search.MaxLimit, topLines))
	f.BoolVar(&o.all, "all", false, "print all matching flows, without a limit")
	f.BoolVar(&o.csv, "csv", false, "print CSV")
	f.BoolVar(&o.json, "json", false, "print one JSON object per line")
	f.BoolVar(&o.table, "table", false, "print a table (the default)")
	f.StringSliceVar(&o.columns, "columns", nil, "only these `columns`, in this order, such as node,dport,duration, or a preset: nat, tcp-health, wide")
	f.BoolVar(&o.count, "count", false, "print only the number of matching flows")
	f.StringVar(&o.by, "by", "", "group and sum flows by `fields`: src, dst, pair, port, node, verdict or others, or several, such as src,dport")
	f.BoolVarP(&o.follow, "follow", "f", false, "keep printing new flows as they match; with --since: past flows first")
	f.StringArrayVarP(&o.source.files, "read", "r", nil, "read capture `files`, or those in a folder, into a temporary store first; - for standard input; NAME=FILE: as node NAME")
	f.StringVar(&o.source.db, "db", "", "the flow store's `path` (default: weir.db in the XDG state directory)")
	f.SortFlags = false
	o.registerCompletion(cmd)
	cmd.PreRunE = func(*cobra.Command, []string) error {
		o.given = f.Changed
		return o.check(f)
	}
	return cmd
}

// check refuses flags that say nothing sensible, before anything is opened.
func (o *queryOptions) check(f *pflag.FlagSet) error {
	if err := exclusive(f); err != nil {
		return err
	}
	if f.Changed("by") {
		if _, err := o.topRequest(search.Query{}); err != nil {
			return err
		}
	}
	if f.Changed("node") && (len(o.nodes) == 0 || slices.Contains(o.nodes, "")) {
		return usagef("invalid --node %q: expected a node or group; omit --node for all", strings.Join(o.nodes, ","))
	}
	for _, name := range o.nodes {
		if strings.Contains(name, "*") {
			return usagef("invalid --node %q: expected whole names; patterns are for the filter, as in node:%s", name, name)
		}
	}
	_, err := o.writer(io.Discard)
	return err
}

// exclusive refuses flags that contradict each other.
func exclusive(flags *pflag.FlagSet) error {
	for _, pair := range [][2]string{
		{"csv", "json"}, {"csv", "table"}, {"json", "table"}, {"limit", "all"}, {"since", "from"}, {"since", "to"}, {"read", "db"},
		{"count", "by"}, {"count", "csv"}, {"count", "json"}, {"count", "table"}, {"count", "limit"}, {"count", "all"}, {"by", "all"},
		{"columns", "by"}, {"columns", "count"},
		{"follow", "count"}, {"follow", "by"}, {"follow", "read"}, {"follow", "to"}, {"follow", "order"}, {"follow", "limit"}, {"follow", "all"},
	} {
		if flags.Changed(pair[0]) && flags.Changed(pair[1]) {
			return usagef("--%s and --%s can't be combined: give one of them", pair[0], pair[1])
		}
	}
	return nil
}

func runQuery(ctx context.Context, o queryOptions, args []string, stdout, stderr io.Writer) error {
	for _, arg := range args {
		if extension(arg) != "" && capture.IsCapture(arg) {
			return usagef("%s is a capture file: put -r before it", arg)
		}
	}
	filter, err := expandSearches(args)
	if err != nil {
		return err
	}
	o.text = filter
	q, err := o.query(filter, time.Now())
	if err != nil {
		return err
	}
	if len(o.source.files) > 0 {
		return queryFiles(ctx, o, q, stdout, stderr)
	}
	return withStore(ctx, o.source, db.ReaderOptions{Warn: warnOn(stderr)}, db.OpenReader, func(store *db.Reader) error {
		return interrupted(ctx, o.answer(ctx, store, q, stdout, stderr))
	})
}

// interrupted says in words that err is the end of ctx, by a signal.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return errors.New("interrupted before the answer was complete")
	}
	return err
}

// expandSearches puts the text of saved searches in the place of their @NAME.
func expandSearches(args []string) (string, error) {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg
		name, ok := strings.CutPrefix(arg, "@")
		if !ok {
			continue
		}
		path, err := searchesPath()
		if err != nil {
			return "", err
		}
		text, err := saved.Searches(path).Get(name)
		if err != nil {
			return "", err
		}
		if words[i] = text; len(args) > 1 {
			words[i] = "(" + text + ")"
		}
	}
	return strings.Join(words, " "), nil
}

// query builds the query that the flags and the filter ask for. Where both say
// a time range, an order or a limit, the flag holds: it changes a saved search.
func (o *queryOptions) query(filter string, now time.Time) (search.Query, error) {
	q, err := search.Query{Nodes: o.nodes}.With(filter, now, time.Local)
	if err != nil {
		return q, filterError(filter, err)
	}
	switch {
	case o.all:
		q.Limit = -1
	case !o.given("limit"):
	case o.limit < 1 || o.limit > search.MaxLimit:
		return q, usagef("invalid --limit %d: expected 1 to %d, or --all for every flow", o.limit, search.MaxLimit)
	default:
		q.Limit = o.limit
	}
	if o.given("order") && o.by == "" {
		if q.Order, err = search.ParseOrder(o.order); err != nil {
			return q, usagef("--order: %w", err)
		}
	}
	if o.since != "" || o.from != "" || o.to != "" {
		if q.Range, err = o.timeRange(now); err != nil {
			return q, err
		}
	}
	if _, ends := startTerms(q.Filter); o.follow && (ends || !q.Range.To.IsZero()) {
		return q, usagef("--follow can't have an end time: remove it from the filter")
	}
	return q, nil
}

func (o *queryOptions) timeRange(now time.Time) (r search.Range, err error) {
	if o.since != "" {
		if r, err = search.ParseRange(o.since, now, time.Local); err != nil {
			return r, usagef("--since: %w", err)
		}
		return r, nil
	}
	if o.from != "" {
		if r.From, err = search.ParseFrom(o.from, now, time.Local); err != nil {
			return r, usagef("--from: %w", err)
		}
	}
	if o.to != "" {
		if r.To, err = search.ParseTo(o.to, r.From, now, time.Local); err != nil {
			return r, usagef("--to: %w", err)
		}
	}
	if !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) {
		return r, usagef("--from %s is not before --to %s", o.from, o.to)
	}
	return r, nil
}

// queryFiles meters the capture files into a temporary store and answers from it.
func queryFiles(ctx context.Context, o queryOptions, q search.Query, stdout, stderr io.Writer) (err error) {
	switch len(o.nodes) {
	case 0:
	case 1:
		o.source.node = o.nodes[0]
	default:
		return usagef("--node: expected one node with -r, not %d", len(o.nodes))
	}
	q.Nodes = nil // --node names files here; those with a name of their own are to be printed, too
	if err := o.source.check(); err != nil {
		return err
	}
	f, err := openFeed(ctx, o.source, false)
	if err != nil {
		return err
	}
	for _, problem := range f.problems {
		fmt.Fprintf(stderr, "weir: %v\n", problem)
	}
	temp, err := newTempStore()
	if err != nil {
		f.close()
		return err
	}
	defer func() { err = errors.Join(err, temp.remove()) }()
	p, err := openPipeline(ctx, temp.path(), db.WriterOptions{MaxAge: -1, MaxBytes: -1, FailFast: true}, f)
	if err != nil {
		f.close()
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()

	metered := p.run(ctx)
	h := p.health()
	tellDuplicates(stderr, h)
	if metered == nil {
		tellNoFlows(stderr, h)
	}
	tellLost(stderr, h)
	if ctx.Err() != nil {
		return errors.Join(fmt.Errorf("interrupted while reading %s: nothing was printed", strings.Join(o.source.files, ", ")), metered)
	}
	if !isPartial(metered) {
		return metered
	}
	// What files hold before the place where they are cut or damaged is worth printing;
	// the error says that it is not all.
	return errors.Join(interrupted(ctx, o.answer(ctx, p.store.Reader, q, stdout, stderr)), metered, unknownLinks(p.health()))
}

// filterError shows the place of a mistake under the filter.
func filterError(filter string, err error) error {
	if e := new(search.Error); errors.As(err, &e) {
		return usagef("filter: %w\n  %s", err, strings.ReplaceAll(e.Caret(filter), "\n", "\n  "))
	}
	return usagef("filter: %w", err)
}
