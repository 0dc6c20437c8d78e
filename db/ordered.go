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
	number    int64        // by which the selection is ordered, in terms of search.Order.Value; 0: by start
	record    *flow.Record // nil: it is in a block
	block     *block.Header
	row       int
}

// compare is negative if a comes before b.
func (s *selection) compare(a, b hit) int {
	if s.by != nil {
		if n := s.by.Before(a.number, b.number); n != 0 {
			return n
		}
	}
	n := cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id))
	if s.order == search.Oldest {
		return n
	}
	return -n
}

// sort returns the first hits in order, limit at most.
func (s *selection) sort(hits []hit, limit int) []hit {
	slices.SortFunc(hits, s.compare)
	return hits[:min(len(hits), limit)]
}

// cursor is the end of a page: the next one starts after the flow of this start and id, and of this number
// if the selection is ordered by one.
type cursor struct{ start, id, number int64 }

// dropBefore removes the rows that do not come after the cursor.
func (s *selection) dropBefore(b block.Batch, rows block.Bitmap, c *cursor) error {
	if c == nil || rows.Empty() {
		return nil
	}
	if s.by != nil {
		return s.dropEqualBefore(b, rows, c)
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

// dropEqualBefore removes the rows that have the number of the cursor and do not come after it.
func (s *selection) dropEqualBefore(b block.Batch, rows block.Bitmap, c *cursor) error {
	equal := rows.Clone()
	if err := s.by.Narrow(b, equal, block.Interval{Lo: c.number, Hi: c.number}); err != nil || equal.Empty() {
		return err
	}
	start, err := b.Cells(block.ColStart)
	if err != nil {
		return err
	}
	id, err := b.Cells(block.ColID)
	if err != nil {
		return err
	}
	equal.Keep(func(i int) bool {
		return cmp.Or(cmp.Compare(start.At(i), c.start), cmp.Compare(id.At(i), c.id)) >= 0
	})
	rows.Remove(equal)
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
	found := &collector{selection: sel, span: sp, limit: limit, numbers: block.EveryNumber}
	if sel.by != nil && c != nil {
		found.numbers = sel.by.From(c.number)
	}
	if err := sn.pieceHits(found, c); err != nil {
		return nil, err
	}
	blocks := sel.candidates(sn.blocks, sp)
	slices.SortFunc(blocks, sel.compareBlocks)
	gaps, err := sn.eachBlock(blocks, func(b *block.Reader) error {
		if !found.wants(b.Header) {
			return errEnough
		}
		hits, err := sn.blockHits(found, b, c)
		if err == nil {
			found.add(hits)
		}
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	hits := sel.sort(found.hits, limit)
	if len(hits) == limit && sel.by == nil {
		sp = sel.spanUntil(sp, hits[limit-1].start)
	}
	sn.gaps.add(append(gaps, sn.unreadable...), sp, sel.clip)
	return hits, nil
}

// compareBlocks orders the blocks by the first flow that they can hold.
func (s *selection) compareBlocks(a, b *block.Header) int {
	switch {
	case s.by != nil:
		return s.by.Before(s.by.Best(a), s.by.Best(b))
	case s.order == search.Oldest:
		return cmp.Compare(a.Zone(block.ColStart).Min, b.Zone(block.ColStart).Min)
	}
	return cmp.Compare(b.Zone(block.ColStart).Max, a.Zone(block.ColStart).Max)
}

// collector collects the hits that workers find.
type collector struct {
	selection
	limit int

	mu      sync.Mutex
	span    span           // in which further hits would be among the first
	numbers block.Interval // the same for the number by which the selection is ordered
	hits    []hit
	sorted  int // number of hits at the last sort
}

// wants reports whether a block can hold a flow that would matter. If not, no later block can.
func (c *collector) wants(b *block.Header) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		return c.span.overlaps(b.Zone(block.ColStart))
	}
	return c.by.CanReach(b, c.numbers)
}

// rowsAfter returns the rows of a batch that match, would matter, and come after the cursor.
func (c *collector) rowsAfter(b block.Batch, after *cursor) (block.Bitmap, error) {
	c.mu.Lock()
	sp, numbers := c.span, c.numbers
	c.mu.Unlock()
	rows, err := c.matchingRows(b, sp)
	if err == nil && c.by != nil && !rows.Empty() {
		err = c.by.Narrow(b, rows, numbers)
	}
	if err == nil {
		err = c.dropBefore(b, rows, after)
	}
	return rows, err
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
	if last := &c.hits[c.limit-1]; c.by != nil {
		c.numbers = c.numbers.Intersect(c.by.UpTo(last.number))
	} else {
		c.span = c.spanUntil(c.span, last.start)
	}
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
func (sn *snapshot) blockHits(found *collector, b *block.Reader, c *cursor) ([]hit, error) {
	rows, err := found.rowsAfter(b, c)
	if err != nil || rows.Empty() {
		return nil, err
	}
	list := make([]int, 0, rows.Count())
	take := func(i int) { list = append(list, i) }
	switch {
	case found.by != nil:
		rows.Each(take)
	case found.order == search.Oldest:
		rows.First(found.limit, take)
	default:
		rows.Last(found.limit, take)
	}
	if b.StartsInRows() && len(list) <= fewHits {
		return sn.fewHits(&found.selection, b, list)
	}
	start, err := b.Cells(block.ColStart)
	if err != nil {
		return nil, err
	}
	id, err := b.Cells(block.ColID)
	if err != nil {
		return nil, err
	}
	number := func(int) int64 { return 0 }
	if found.by != nil {
		if number, err = found.by.Numbers(b, rows); err != nil {
			return nil, err
		}
	}
	out := make([]hit, len(list))
	for k, i := range list {
		out[k] = hit{start: start.At(i), id: id.At(i), number: number(i), block: b.Header, row: i}
	}
	return found.sort(out, found.limit), nil
}

// fewHits reads the records of hits.
func (sn *snapshot) fewHits(sel *selection, b *block.Reader, list []int) ([]hit, error) {
	slices.Sort(list)
	recs := make([]flow.Record, len(list))
	out := make([]hit, len(list))
	err := b.Each(list, func(k int, t *block.Tuple) error {
		sn.names.join(t, &recs[k])
		out[k] = hit{start: t.Nums[block.ColStart], id: t.Nums[block.ColID], record: &recs[k]}
		if sel.by != nil {
			out[k].number, _ = sel.order.Value(&recs[k])
		}
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
