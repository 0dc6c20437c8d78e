package meter

import (
	"context"

	"weir/flow"
)

// Sink receives flow records. An open flow is exported repeatedly under the same ID, each time
// with its totals, until a record with an EndReason; after that its ID is not used again. A Sink
// must copy what it keeps: the slice is reused after the call.
type Sink interface {
	// Offer takes recs if the sink has room, and reports whether it did. It must
	// not block.
	Offer(recs []flow.Record) bool

	// Put takes recs. It waits for room until ctx is done.
	Put(ctx context.Context, recs []flow.Record) error

	// Cut takes the ends of flows that the sink knows as open and whose last record
	// was dropped because the sink had no room. The sink ends them with what it has,
	// and counts them. It takes all of them and must not block; the slice is reused
	// after the call.
	Cut(ends []flow.Ending)
}
