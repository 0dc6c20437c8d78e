package meter

import (
	"cmp"
	"context"

	"weir/flow"
)

// outbox holds the records of ended flows on their way to the sink, in
// batches. Only the last batch may be less than full.
type outbox struct {
	full     [][]flow.Record // oldest first
	filling  []flow.Record
	size     int    // of the last batch that was handed over: what to allocate for the next
	waiting  int    // records in all
	limit    int    // at most that many wait; 0: no bound
	unstored uint64 // records that were dropped
}

// add takes the record of an ended flow. Beyond the limit the oldest is
// dropped and counted: a store that is behind is read for the newest.
func (o *outbox) add(r flow.Record) {
	if o.filling == nil {
		o.filling = make([]flow.Record, 0, max(o.size, 16))
	}
	o.filling = append(o.filling, r)
	o.waiting++
	if len(o.filling) >= batchSize {
		o.full = append(o.full, o.filling)
		o.filling, o.size = nil, batchSize
	}
	if o.limit > 0 && o.waiting > o.limit {
		o.drop(1)
	}
}

// drop gives up the n oldest records.
func (o *outbox) drop(n int) {
	o.unstored += uint64(n)
	for n > 0 {
		oldest := &o.filling
		if len(o.full) > 0 {
			oldest = &o.full[0]
		}
		k := min(n, len(*oldest))
		*oldest = (*oldest)[k:]
		o.waiting -= k
		n -= k
		if len(o.full) > 0 && len(o.full[0]) == 0 {
			o.full = o.full[1:]
		}
	}
}

// next is the oldest batch, empty if there is none.
func (o *outbox) next() []flow.Record {
	if len(o.full) > 0 {
		return o.full[0]
	}
	return o.filling
}

// taken forgets the oldest batch, which is the sink's now.
func (o *outbox) taken() {
	o.size = len(o.next())
	o.waiting -= o.size
	if len(o.full) > 0 {
		o.full[0] = nil
		o.full = o.full[1:]
	} else {
		o.filling = nil
	}
}

// offer hands over what the sink takes without waiting, and reports whether
// that was all.
func (o *outbox) offer(s Sink) bool {
	for o.waiting > 0 {
		if !s.Offer(o.next()) {
			return false
		}
		o.taken()
	}
	return true
}

// put hands over everything, waiting for the sink until ctx is done.
func (o *outbox) put(ctx context.Context, s Sink) error {
	for o.waiting > 0 {
		if err := s.Put(ctx, o.next()); err != nil {
			return err
		}
		o.taken()
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
		if ctx.Err() != nil {
			o.drop(o.waiting)
			return first
		}
		o.drop(len(o.next()))
	}
	return first
}
