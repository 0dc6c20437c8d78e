package meter

import (
	"cmp"
	"context"
	"slices"

	"weir/flow"
)

// outbox is the queue of records of ended flows to the sink.
//
// Records of flows that were exported while open go first and are dropped last. If such a record
// is dropped, the sink still gets the end by Cut, so that the flow doesn't stay open in the store.
// A flow that was never exported is missing, and is counted.
type outbox struct {
	exported    batches       // flows that the sink knows as open
	notExported batches       // flows that the sink doesn't know
	waiting     int           // total number of records
	limit       int           // maximum of waiting; 0: none
	unstored    uint64        // dropped records of flows that the sink doesn't know
	cut         []flow.Ending // of dropped records of flows that the sink knows
}

// batches is a queue of records in batches. A batch never grows, which would copy it: the next
// one has twice the capacity, up to batchSize. Buffers are reused, so that a stream of records
// causes no page faults on new memory (see DESIGN.md).
type batches struct {
	full    [][]flow.Record // oldest first
	filling []flow.Record
	spare   [][]flow.Record // buffers for reuse
	size    int             // capacity of the next one
}

const (
	minBatch        = 16 // initial capacity
	maxSpareBatches = 2  // kept for reuse; the sink has its own backlog
)

// add returns where to write the record of an ended flow. At the limit it drops and counts the
// oldest one: when the store is behind, the newest records matter most.
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

// dropOldest drops the n oldest records, which must exist.
func (o *outbox) dropOldest(n int) {
	o.waiting -= n
	unknown := o.notExported.drop(n, func([]flow.Record) {})
	o.unstored += uint64(unknown)
	o.exported.drop(n-unknown, o.keepEnds)
}

// keepEnds keeps the ends of records that are dropped.
func (o *outbox) keepEnds(dropped []flow.Record) {
	for i := range dropped {
		o.cut = append(o.cut, flow.Ending{ID: dropped[i].ID, Reason: dropped[i].EndReason})
	}
}

// handOverCuts passes on the ends of the records dropped so far.
func (o *outbox) handOverCuts(s Sink) {
	if len(o.cut) == 0 {
		return
	}
	s.Cut(o.cut)
	if o.cut = o.cut[:0]; cap(o.cut) > backlogLimit {
		o.cut = nil
	}
}

// first returns the queue to take the next batch from.
func (o *outbox) first() *batches {
	if len(o.exported.first()) > 0 {
		return &o.exported
	}
	return &o.notExported
}

// offer hands over what the sink takes without waiting, and reports whether the queue is empty.
func (o *outbox) offer(s Sink) bool {
	o.handOverCuts(s)
	for o.waiting > 0 {
		q := o.first()
		if !s.Offer(q.first()) {
			return false
		}
		o.waiting -= q.removeFirst()
	}
	return true
}

// put hands over all records, waiting for the sink until ctx is done.
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

// putOrDrop is the final put: a batch that the sink refuses is dropped, and once ctx is done all
// are. It returns the first error.
func (o *outbox) putOrDrop(ctx context.Context, s Sink) (first error) {
	for o.waiting > 0 {
		err := o.put(ctx, s)
		if err == nil {
			break
		}
		first = cmp.Or(first, err)
		if ctx.Err() != nil {
			o.dropOldest(o.waiting)
			break
		}
		q := o.first()
		if q == &o.exported {
			o.keepEnds(q.first())
		} else {
			o.unstored += uint64(len(q.first()))
		}
		o.waiting -= q.removeFirst()
	}
	o.handOverCuts(s)
	return first
}

// add appends a record and returns a pointer to it.
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

// memory returns a buffer for a batch.
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

// first returns the oldest batch, empty if there is none.
func (b *batches) first() []flow.Record {
	if len(b.full) > 0 {
		return b.full[0]
	}
	return b.filling
}

// removeFirst removes the oldest batch and returns its number of records.
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

// drop drops up to n of the oldest records, after a call of last with them, and returns how many.
func (b *batches) drop(n int, last func([]flow.Record)) (dropped int) {
	for dropped < n && len(b.first()) > 0 {
		oldest := &b.filling
		if len(b.full) > 0 {
			oldest = &b.full[0]
		}
		k := min(n-dropped, len(*oldest))
		last((*oldest)[:k])
		*oldest = (*oldest)[k:]
		dropped += k
		if len(b.full) > 0 && len(b.full[0]) == 0 {
			b.full = slices.Delete(b.full, 0, 1)
		}
	}
	return dropped
}
