package db

import (
	"cmp"
	"slices"

	"weir/flow"
)

// writeOrder orders records by id, and those of one id by when they were accepted.
type writeOrder struct {
	id         int64
	batch, row int32 // it is batches[batch][row]
}

// coalesce returns the records of batches sorted by id, the order in which they are cheapest to write.
// Of each id it returns the last record that ends the flow, or else the last one. Records without an id get
// one. The result is valid until the next call.
func (w *Writer) coalesce(batches [][]flow.Record) []*flow.Record {
	w.order = w.order[:0]
	for i, recs := range batches {
		for j := range recs {
			if recs[j].ID == 0 {
				recs[j].ID = w.nextID.Add(1)
			}
			w.order = append(w.order, writeOrder{recs[j].ID, int32(i), int32(j)})
		}
	}
	slices.SortFunc(w.order, writeOrder.compare)
	w.coalesced = slices.Grow(w.coalesced[:0], len(w.order))
	for _, t := range w.order {
		r := &batches[t.batch][t.row]
		switch n := len(w.coalesced); {
		case n == 0 || w.coalesced[n-1].ID != t.id:
			w.coalesced = append(w.coalesced, r)
		case w.coalesced[n-1].Open() || !r.Open():
			w.coalesced[n-1] = r
		}
	}
	return w.coalesced
}

func (t writeOrder) compare(u writeOrder) int {
	return cmp.Or(cmp.Compare(t.id, u.id), cmp.Compare(t.batch, u.batch), cmp.Compare(t.row, u.row))
}
