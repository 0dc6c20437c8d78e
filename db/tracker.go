package db

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"weir/db/block"
	"weir/flow"
)

// tracker knows the state of each flow: open or ended in the table hot, or in a block.
type tracker struct {
	open, ended map[int64]struct{} // ids in the table hot
	pinned      map[int64]struct{} // ids of ended flows in the table hot that can't be packed: they have columns that this program does not know
	chunks      map[int64]idSet    // ids in blocks, for the ranges of ids that were asked for
}

// idSet has a bit for each of idsPerChunk ids.
type idSet *[idsPerChunk / 64]uint64

func newTracker(c connection) (*tracker, error) {
	k := &tracker{open: map[int64]struct{}{}, ended: map[int64]struct{}{}, pinned: map[int64]struct{}{}, chunks: map[int64]idSet{}}
	err := c.readHot(selectHot, nil, func(t *block.Tuple) error {
		ids := k.ended
		switch {
		case flow.EndReason(t.Nums[block.ColEndReason]) == flow.StillOpen:
			ids = k.open
		case t.HasUnknownColumns():
			ids = k.pinned
		}
		ids[t.Nums[block.ColID]] = struct{}{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read flows without a block: %w", err)
	}
	return k, nil
}

// hasEnded reports whether the flow was stored as an ended one. last is the highest id that was ever
// stored.
func (k *tracker) hasEnded(c connection, id, last int64) (bool, error) {
	if id > last {
		return false, nil
	}
	if _, ok := k.open[id]; ok {
		return false, nil
	}
	if _, ok := k.ended[id]; ok {
		return true, nil
	}
	if _, ok := k.pinned[id]; ok {
		return true, nil
	}
	number := id / idsPerChunk
	set, ok := k.chunks[number]
	if !ok {
		if len(k.chunks) >= maxChunks {
			clear(k.chunks)
		}
		var err error
		if set, err = readIDs(c, number); err != nil {
			return false, fmt.Errorf("look up flow %d: %w", id, err)
		}
		k.chunks[number] = set
	}
	at := id % idsPerChunk
	return set[at/64]&(1<<(at%64)) != 0, nil
}

// markPacked records that flows went into a block.
func (k *tracker) markPacked(tuples []*block.Tuple) {
	for _, t := range tuples {
		id := t.Nums[block.ColID]
		if set, ok := k.chunks[id/idsPerChunk]; ok {
			set[id%idsPerChunk/64] |= 1 << (id % 64)
		}
	}
}

// readIDs collects the ids of a chunk from the blocks that can hold any. It skips damaged blocks: a
// flow whose id is not found is written, which is right for new flows, and damage must not end a
// capture.
func readIDs(c connection, chunk int64) (set idSet, err error) {
	set = new([idsPerChunk / 64]uint64)
	lo, hi := chunk*idsPerChunk, (chunk+1)*idsPerChunk-1
	var blocks []*block.Header
	err = c.each(selectBlocks+" WHERE id_min <= ? AND id_max >= ?", []any{hi, lo}, func(row []driver.Value) error {
		if b, err := readBlock(row); err == nil {
			blocks = append(blocks, b)
		}
		return nil
	})
	if isDamage(err) {
		err = nil
	}
	if err != nil || len(blocks) == 0 {
		return set, err
	}
	r := newPartReader(c)
	defer func() { err = errors.Join(err, r.close()) }()
	for _, b := range blocks {
		ids, err := r.open(b).Cells(block.ColID)
		if isDamage(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range b.Rows {
			if id := ids.At(i); lo <= id && id <= hi {
				set[(id-lo)/64] |= 1 << (id % 64)
			}
		}
	}
	return set, nil
}
