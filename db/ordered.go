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

// hit is a flow that was found: a record, or a row of a block that is not read yet.
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

// place is where a page begins: behind the flow of this start and id.
type place struct{ start, id int64 }

// drop takes out of a set of rows what does not come behind the place.
func (s *selection) drop(b block.Batch, rows block.Bitmap, p *place) error {
	if p == nil || rows.Empty() {
		return nil
	}
	if z := b.Zone(block.ColStart); p.start < z.Min || z.Max < p.start {
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
		if start.At(i) != p.start {
			return true // the span begins or ends with p
		}
		if s.order == search.Oldest {
			return id.At(i) > p.id
		}
		return id.At(i) < p.id
	})
	return nil
}

// ordered returns the first hits of a selection in order that start in sp and
// lie behind p, limit at most. It reads block after block, beginning with the one that reaches
// farthest to where the result begins, and ends when no other block can hold
// a flow that comes before the last hit.
func (sn *snapshot) ordered(sel selection, sp span, p *place, limit int) ([]hit, error) {
	if sp.empty() || limit <= 0 {
		return nil, nil
	}
	hits, err := sn.hotBehind(sel, sp, p, limit)
	if err != nil {
		return nil, err
	}
	blocks := sel.candidates(sn.blocks, sp)
	slices.SortFunc(blocks, func(a, b *block.Header) int {
		if sel.order == search.Oldest {
			return cmp.Compare(a.Zone(block.ColStart).Min, b.Zone(block.ColStart).Min)
		}
		return cmp.Compare(b.Zone(block.ColStart).Max, a.Zone(block.ColStart).Max)
	})
	found := &collection{selection: sel, span: sp, limit: limit}
	found.add(hits)
	err = sn.eachBlock(blocks, func(b *block.Reader) error {
		sp := found.open()
		if !sp.meets(b.Header) {
			return errEnough
		}
		hits, err := sn.hits(sel, b, sp, p, limit)
		found.add(hits)
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return sel.sort(found.hits, limit), nil
}

// collection is the hits of a search that were found so far.
type collection struct {
	selection
	limit int

	mu     sync.Mutex
	span   span // in which further hits would be among the first
	hits   []hit
	sorted int // how many of them were sorted last
}

// open is the span that is of interest still.
func (c *collection) open() span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.span
}

// add adds hits. Once there are enough, and again whenever there are some more, it keeps the first
// ones and narrows the span to what comes before the last of them.
func (c *collection) add(hits []hit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hits = append(c.hits, hits...)
	if len(c.hits) < c.limit || len(c.hits) < c.sorted+c.limit/8 {
		return
	}
	c.hits = c.sort(c.hits, c.limit)
	c.sorted = len(c.hits)
	c.span = c.until(c.span, c.hits[c.limit-1].start)
}

// until narrows a span to what comes before a start, which is included.
func (s *selection) until(sp span, start int64) span {
	if s.order == search.Oldest {
		return sp.and(span{sp.lo, start})
	}
	return sp.and(span{start, sp.hi})
}

// hotBehind are the hits in the table hot that lie behind p. Those of p's
// own instant are few, so as many more are asked for as there can be before it.
func (sn *snapshot) hotBehind(sel selection, sp span, p *place, limit int) ([]hit, error) {
	ask := limit
	for {
		hits, err := sn.hotHits(sel, sp, ask)
		if err != nil || p == nil {
			return hits, err
		}
		full := len(hits) >= ask
		hits = slices.DeleteFunc(hits, func(h hit) bool {
			return sel.compare(h, hit{start: p.start, id: p.id}) <= 0
		})
		if len(hits) >= limit || !full {
			return hits[:min(limit, len(hits))], nil
		}
		ask *= 2
	}
}

// hits are the first rows of a block, in order. Few are read at once: their columns
// of ids and starts are fifty times as long as their rows.
func (sn *snapshot) hits(sel selection, b *block.Reader, sp span, p *place, limit int) ([]hit, error) {
	rows, err := sel.rows(b, sp)
	if err == nil {
		err = sel.drop(b, rows, p)
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

// fewHits reads hits whole.
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

// records reads the flows that were found.
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
		places := inBlock[blocks[k]]
		slices.SortFunc(places, func(i, j int) int { return cmp.Compare(hits[i].row, hits[j].row) })
		rows := make([]int, len(places))
		for k, i := range places {
			rows[k] = hits[i].row
		}
		return r.open(blocks[k]).Each(rows, func(k int, t *block.Tuple) error {
			h := &hits[places[k]]
			t.Nums[block.ColID], t.Nums[block.ColStart] = h.id, h.start
			sn.names.join(t, &recs[places[k]])
			return nil
		})
	})
}
