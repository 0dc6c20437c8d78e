package meter

import (
	"context"

	"weir/flow"
)

// Sink takes flow records. An open flow is handed over again and again under
// the same ID, each time whole, until a record with an EndReason; after that
// its ID does not come again. A Sink copies what it keeps: the slice given to it is
// used again once the call has returned.
type Sink interface {
	// Offer hands recs over if the sink has room for them now, and reports
	// whether it took them. It never blocks.
	Offer(recs []flow.Record) bool

	// Put hands recs over, waiting for room until ctx is done.
	Put(ctx context.Context, recs []flow.Record) error
}
