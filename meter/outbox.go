package meter

import (
	"cmp"
	"context"

	"weir/flow"
)

// outbox holds the records of ended flows on their way to the sink, in
// batches.
type outbox struct {
	full     [][]flow.Record // oldest first
	filling  []flow.Record
	waiting  int    // records in all
	limit    int    // at most that many wait; 0: no bound
	unstored uint64 // records that were dropped
}

// add takes the record of an ended flow. Beyond the limit the oldest is
// dropped and counted: a store that is behind is read for the newest.
func (o *outbox) add(r flow.Record) {
	if o.filling == nil {
		o.filling = make([]flow.Record, 0, o.room())
	}
	o.filling = append(o.filling, r)
	o.waiting++
	if len(o.filling) == batchSize {
		o.seal()
	}
	if o.limit > 0 && o.waiting > o.limit {
		o.drop(1)
	}
}

// room is what to allocate for the next batch: a whole one if flows end in
// masses.
func (o *outbox) room() int {
	if len(o.full) > 0 {
		return batchSize
	}
	return 64
}

// seal closes the batch that is being filled.
func (o *outbox) seal() {
	if len(o.filling) > 0 {
		o.full = append(o.full, o.filling)
		o.filling = nil
	}
}

// drop gives up the n oldest records.
func (o *outbox) drop(n int) {
	o.unstored += uint64(n)
	o.waiting -= n
	for n > 0 {
		if len(o.full) == 0 {
			o.seal()
		}
		k := min(n, len(o.full[0]))
		o.full[0] = o.full[0][k:]
		if len(o.full[0]) == 0 {
			o.full = o.full[1:]
		}
		n -= k
	}
}

// offer hands over what the sink takes without waiting, and reports whether
// that was all.
func (o *outbox) offer(s Sink) bool {
	o.seal()
	for len(o.full) > 0 {
		if !s.Offer(o.full[0]) {
			return false
		}
		o.taken()
	}
	return true
}

// put hands over everything, waiting for the sink until ctx is done.
func (o *outbox) put(ctx context.Context, s Sink) error {
	o.seal()
	for len(o.full) > 0 {
		if err := s.Put(ctx, o.full[0]); err != nil {
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
		o.drop(len(o.full[0]))
	}
	return first
}

func (o *outbox) taken() {
	o.waiting -= len(o.full[0])
	o.full[0] = nil
	o.full = o.full[1:]
}
