package cli

import (
	"context"
	"fmt"
	"io"
	"net/netip"

	"weir/db"
	"weir/flow"
	"weir/search"
)

// repeatedSample is how many of the flows of files are looked for among those stored before.
const repeatedSample = 20

// newestID returns the largest record id in a store; 0 if it is empty or can't be read.
func newestID(ctx context.Context, store *db.Reader) int64 {
	page, err := store.Search(ctx, search.Request{Query: search.Query{Order: search.OrderBy(search.FieldID, false)}}, search.Cursor{}, 1)
	if !search.Answered(err) || len(page.Rows) == 0 {
		return 0
	}
	return page.Rows[0].ID
}

// tellRepeated says if the flows that files have added to a store, those with ids above before, were in it
// already: the same file was read into it twice. It compares the first of them, by node, addresses, ports and
// start in ns, which no other flow has.
func tellRepeated(ctx context.Context, store *db.Reader, before int64, stderr io.Writer) {
	if before == 0 {
		return
	}
	added := search.Numbers{Field: search.FieldID, Ranges: []search.Interval{{Lo: before + 1, Hi: search.MaxNumber}}}
	page, err := store.Search(ctx, search.Request{Query: search.Query{Filter: added, Order: search.OrderBy(search.FieldID, true)}}, search.Cursor{}, repeatedSample)
	if !search.Answered(err) {
		return
	}
	repeated := 0
	for i := range page.Rows {
		n, err := store.Count(ctx, search.Request{Query: search.Query{Filter: sameFlow(&page.Rows[i], before)}}, 1)
		if !search.Answered(err) {
			return
		}
		if n > 0 {
			repeated++
		}
	}
	if repeated > 0 && 2*repeated >= len(page.Rows) {
		fmt.Fprintf(stderr, "weir: of the first %s, %d were in the flow store before: the same packets were read into it twice\n", counted(int64(len(page.Rows)), "flow"), repeated)
	}
}

// sameFlow returns the filter for the flow of r among the records with ids up to before.
func sameFlow(r *flow.Record, before int64) search.Expr {
	number := func(f search.Field, lo, hi int64) search.Expr {
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: lo, Hi: hi}}}
	}
	addr := func(f search.Field, a netip.Addr) search.Expr {
		return search.Addrs{Field: f, Ranges: []search.AddrRange{{Lo: a, Hi: a}}}
	}
	same := search.And{
		number(search.FieldID, 1, before), number(search.FieldStart, r.Start.UnixNano(), r.Start.UnixNano()), number(search.FieldProto, int64(r.Proto), int64(r.Proto)),
		addr(search.FieldSrc, r.Src.Addr), addr(search.FieldDst, r.Dst.Addr), search.Names{Field: search.FieldNode, Patterns: []string{r.Node}},
	}
	if r.Proto.HasPorts() {
		same = append(same, number(search.FieldSport, int64(r.Src.Port), int64(r.Src.Port)), number(search.FieldDport, int64(r.Dst.Port), int64(r.Dst.Port)))
	}
	return same
}
