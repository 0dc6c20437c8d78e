package meter

import (
	"cmp"
	"context"
	"slices"

	"weir/flow"
)

// outbox holds the records of ended flows on their way to the sink.
//
// Those of flows that the sink has seen open go first and are dropped last: a
// flow whose end is lost would stay open for whoever looks, while one that was
// never heard of is only missing, which a counter says.
type outbox struct {
	exported    batches // flows that the sink knows as open
	notExported batches // flows that it doesn't know
	waiting     int     // records in all
	limit       int     // at most that many wait; 0: no bound
	unstored    uint64  // records that were dropped
}

// batches is a queue of records in batches. A batch never grows, which would
// copy it: the next one has room for twice as many, up to batchSize. The memory
// of one that was taken is used again, so that a stream of records costs no
// fresh pages: each is a fault (see DESIGN.md).
type batches struct {
	full    [][]flow.Record // oldest first
	filling []flow.Record
	spare   [][]flow.Record // memory of batches that were taken
	size    int             // of the next one
}

const (
	minBatch        = 16 // what there is room for at first
	maxSpareBatches = 2  // of which the memory is kept: a backlog is that of the sink
)

// add makes room for the record of an ended flow, and returns where it goes.
// Beyond the limit the oldest is dropped and counted: a store that is behind
// is read for the newest.
func (o *outbox) add(isExported bool) *flow.Record {
	if o.limit > 0 && o.waiting >= o.limit {
		o.dropOldest(1)
	}
	o.waiting++
	if isExported {
		return o.exported.add()
	}
	return o.notExported.add()
}

// drop gives up the n oldest records, which have to be there.
func (o *outbox) dropOldest(n int) {
	o.unstored += uint64(n)
	o.waiting -= n
	o.exported.drop(n - o.notExported.drop(n))
}

// first is the queue to take the next batch from.
func (o *outbox) first() *batches {
	if len(o.exported.first()) > 0 {
		return &o.exported
	}
	return &o.notExported
}

// offer hands over what the sink takes without waiting, and reports whether
// that was all.
func (o *outbox) offer(s Sink) bool {
	for o.waiting > 0 {
		q := o.first()
		if !s.Offer(q.first()) {
			return false
		}
		o.waiting -= q.removeFirst()
	}
	return true
}

// put hands over everything, waiting for the sink until ctx is done.
func (o *outbox) put(ctx context.Context, s Sink) error {
	for o.waiting > 0 {
		q := o.first()
		if err := s.Put(ctx, q.first()); err != nil {
			return err
		}
		o.waiting -= q.removeFirst()
	}
	return nil
}

// putOrDrop is put for the last time: a batch that the sink refuses is
// dropped, and once ctx is done everything is. It returns the first refusal.
func (o *outbox) putOrDrop(ctx context.Context, s Sink) (first error) {
	for o.waiting > 0 {
		err := o.put(ctx, s)
		if err == nil {
			return first
		}
		first = cmp.Or(first, err)
		refused := o.waiting
		if ctx.Err() == nil {
			refused = o.first().removeFirst()
			o.waiting -= refused
			o.unstored += uint64(refused)
			continue
		}
		o.dropOldest(refused)
	}
	return first
}

// add returns the place of a new record at the end.
func (b *batches) add() *flow.Record {
	if len(b.filling) == cap(b.filling) {
		if len(b.filling) > 0 {
			b.full = append(b.full, b.filling)
		}
		b.filling = b.memory()
	}
	b.filling = b.filling[:len(b.filling)+1]
	return &b.filling[len(b.filling)-1]
}

// memory is room for a batch.
func (b *batches) memory() (recs []flow.Record) {
	if last := len(b.spare) - 1; last >= 0 {
		recs, b.spare = b.spare[last], b.spare[:last]
		return recs
	}
	b.size = min(max(b.size, minBatch), batchSize)
	recs = make([]flow.Record, 0, b.size)
	b.size *= 2
	return recs
}

// next is the oldest batch, empty if there is none.
func (b *batches) first() []flow.Record {
	if len(b.full) > 0 {
		return b.full[0]
	}
	return b.filling
}

// taken forgets the oldest batch, and returns how many records it had.
func (b *batches) removeFirst() int {
	oldest := b.first()
	if len(b.full) == 0 {
		b.filling = oldest[:0]
		return len(oldest)
	}
	b.full = slices.Delete(b.full, 0, 1)
	if cap(oldest) == batchSize && len(b.spare) < maxSpareBatches {
		b.spare = append(b.spare, oldest[:0])
	}
	return len(oldest)
}

// drop gives up the oldest records, up to n, and returns how many it were.
func (b *batches) drop(n int) (dropped int) {
	for dropped < n && len(b.first()) > 0 {
		oldest := &b.filling
		if len(b.full) > 0 {
			oldest = &b.full[0]
		}
		k := min(n-dropped, len(*oldest))
		*oldest = (*oldest)[k:]
		dropped += k
		if len(b.full) > 0 && len(b.full[0]) == 0 {
			b.full = slices.Delete(b.full, 0, 1)
		}
	}
	return dropped
}
