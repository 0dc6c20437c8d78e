package db

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// hit is a flow that was found: a record, or a row of a block that has not been read yet.
type hit struct {
	start, id int64
	record    *flow.Record // nil: it is in a block
	block     *block.Header
	row       int
}

// compare is negative if a comes before b.
func (s *selection) compare(a, b hit) int {
	n := cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id))
	if s.order == search.Newest {
		return -n
	}
	return n
}

// sort returns the first hits in order, limit at most.
func (s *selection) sort(hits []hit, limit int) []hit {
	slices.SortFunc(hits, s.compare)
	return hits[:min(len(hits), limit)]
}

// cursor is the end of a page: the next one starts after the flow of this start and id.
type cursor struct{ start, id int64 }

// dropBefore removes the rows that do not come after the cursor.
func (s *selection) dropBefore(b block.Batch, rows block.Bitmap, c *cursor) error {
	if c == nil || rows.Empty() {
		return nil
	}
	if z := b.Zone(block.ColStart); c.start < z.Min || z.Max < c.start {
		return nil
	}
	start, err := b.Cells(block.ColStart)
	if err != nil {
		return err
	}
	id, err := b.Cells(block.ColID)
	if err != nil {
		return err
	}
	rows.Keep(func(i int) bool {
		if start.At(i) != c.start {
			return true // the span starts or ends at the cursor
		}
		if s.order == search.Oldest {
			return id.At(i) > c.id
		}
		return id.At(i) < c.id
	})
	return nil
}

// firstHits returns the first hits of a selection that start in sp and come after the cursor, limit at
// most, in order. It reads one block after another, starting with the block that extends furthest
// towards the start of the result, and stops when no further block can hold a flow that comes before
// the last hit.
func (sn *snapshot) firstHits(sel selection, sp span, c *cursor, limit int) ([]hit, error) {
	if sp.empty() || limit <= 0 {
		return nil, nil
	}
	found := &collector{selection: sel, span: sp, limit: limit}
	if err := sn.pieceHits(found, c); err != nil {
		return nil, err
	}
	blocks := sel.candidates(sn.blocks, sp)
	slices.SortFunc(blocks, func(a, b *block.Header) int {
		if sel.order == search.Oldest {
			return cmp.Compare(a.Zone(block.ColStart).Min, b.Zone(block.ColStart).Min)
		}
		return cmp.Compare(b.Zone(block.ColStart).Max, a.Zone(block.ColStart).Max)
	})
	gaps, err := sn.eachBlock(blocks, func(b *block.Reader) error {
		sp := found.remaining()
		if !sp.overlaps(b.Zone(block.ColStart)) {
			return errEnough
		}
		hits, err := sn.blockHits(sel, b, sp, c, limit)
		if err == nil {
			found.add(hits)
		}
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	hits := sel.sort(found.hits, limit)
	if len(hits) == limit {
		sp = sel.spanUntil(sp, hits[limit-1].start)
	}
	sn.gaps.add(append(gaps, sn.unreadable...), sp)
	return hits, nil
}

// collector collects the hits that workers find.
type collector struct {
	selection
	limit int

	mu     sync.Mutex
	span   span // in which further hits would be among the first
	hits   []hit
	sorted int // number of hits at the last sort
}

// remaining returns the span in which further hits would matter.
func (c *collector) remaining() span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.span
}

// add adds hits. Once there are enough, and again after every few more, it keeps the first ones and
// narrows the span to what comes before the last of them.
func (c *collector) add(hits []hit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hits = append(c.hits, hits...)
	if len(c.hits) < c.limit || len(c.hits) < c.sorted+c.limit/8 {
		return
	}
	c.hits = c.sort(c.hits, c.limit)
	c.sorted = len(c.hits)
	c.span = c.spanUntil(c.span, c.hits[c.limit-1].start)
}

// spanUntil narrows a span to what comes before a start, that start included.
func (s *selection) spanUntil(sp span, start int64) span {
	if s.order == search.Oldest {
		return sp.intersect(span{sp.lo, start})
	}
	return sp.intersect(span{start, sp.hi})
}

// blockHits returns the first hits of a block, in order. Few hits are read as whole rows at once,
// because the columns of ids and starts are fifty times as long as these rows.
func (sn *snapshot) blockHits(sel selection, b *block.Reader, sp span, c *cursor, limit int) ([]hit, error) {
	rows, err := sel.matchingRows(b, sp)
	if err == nil {
		err = sel.dropBefore(b, rows, c)
	}
	if err != nil || rows.Empty() {
		return nil, err
	}
	list := make([]int, 0, min(limit, rows.Count()))
	take := func(i int) { list = append(list, i) }
	if sel.order == search.Oldest {
		rows.First(limit, take)
	} else {
		rows.Last(limit, take)
	}
	if b.StartsInRows() && len(list) <= fewHits {
		return sn.fewHits(b, list)
	}
	start, err := b.Cells(block.ColStart)
	if err != nil {
		return nil, err
	}
	id, err := b.Cells(block.ColID)
	if err != nil {
		return nil, err
	}
	out := make([]hit, len(list))
	for k, i := range list {
		out[k] = hit{start: start.At(i), id: id.At(i), block: b.Header, row: i}
	}
	return out, nil
}

// fewHits reads the records of hits.
func (sn *snapshot) fewHits(b *block.Reader, list []int) ([]hit, error) {
	slices.Sort(list)
	recs := make([]flow.Record, len(list))
	out := make([]hit, len(list))
	err := b.Each(list, func(k int, t *block.Tuple) error {
		sn.names.join(t, &recs[k])
		out[k] = hit{start: t.Nums[block.ColStart], id: t.Nums[block.ColID], record: &recs[k]}
		return nil
	})
	return out, err
}

// page returns up to limit hits of a selection after the cursor, as records, and whether there are
// more. If the order is newest first, flows that start after horizon come last.
func (sn *snapshot) page(sel selection, after search.Cursor, limit int, horizon int64) (page search.Page, err error) {
	for {
		hits, err := sn.hitsAfter(sel, after, limit+1, horizon)
		if err != nil {
			return page, err
		}
		page = search.Page{More: len(hits) > limit}
		page.Rows, err = sn.records(hits[:min(len(hits), limit)])
		bad := new(damagedBlockError)
		if !errors.As(err, &bad) {
			return page, err
		}
		// Others take the place of its hits: search again without that block.
		if sn.damaged == nil {
			sn.damaged = map[int64]error{}
		}
		sn.damaged[bad.id] = bad.err
		sn.gaps.clear()
	}
}

// damagedBlockError says that hits were found in a block whose rows can't be read.
type damagedBlockError struct {
	id  int64
	err error
}

func (e *damagedBlockError) Error() string { return e.err.Error() }

// records returns the records of hits. The error is a *damagedBlockError if a block is damaged.
func (sn *snapshot) records(hits []hit) ([]flow.Record, error) {
	recs := make([]flow.Record, len(hits))
	inBlock := map[*block.Header][]int{}
	var blocks []*block.Header
	for i, h := range hits {
		if h.record != nil {
			recs[i] = *h.record
			continue
		}
		if inBlock[h.block] == nil {
			blocks = append(blocks, h.block)
		}
		inBlock[h.block] = append(inBlock[h.block], i)
	}
	return recs, sn.parallel(len(blocks), func(r *partReader, k int) error {
		indexes := inBlock[blocks[k]]
		slices.SortFunc(indexes, func(i, j int) int { return cmp.Compare(hits[i].row, hits[j].row) })
		rows := make([]int, len(indexes))
		for k, i := range indexes {
			rows[k] = hits[i].row
		}
		err := r.open(blocks[k]).Each(rows, func(k int, t *block.Tuple) error {
			h := &hits[indexes[k]]
			t.Nums[block.ColID], t.Nums[block.ColStart] = h.id, h.start
			sn.names.join(t, &recs[indexes[k]])
			return nil
		})
		if !isDamage(err) {
			return err
		}
		if gone, goneErr := r.wasRemoved(blocks[k].ID); goneErr != nil || gone {
			return errors.Join(goneErr, block.ErrVanished)
		}
		return &damagedBlockError{blocks[k].ID, err}
	})
}
