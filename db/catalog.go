package db

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"slices"

	"weir/db/block"
)

// catalog is the list of all blocks at one moment. It is immutable; a newer one replaces it.
type catalog struct {
	removals int64 // transactions that removed blocks
	merges   int64 // of these, those that stored the flows in other blocks
	next     int64 // number of the next block
	blocks   []*block.Header
	gaps     []gap // blocks without a readable header
}

// state is the table of that name: numbers that change with every commit.
type state struct {
	commits   int64 // transactions that wrote flows
	lastID    int64 // the highest id of any flow, removed ones included
	nextBlock int64
	removals  int64
	merges    int64
}

func (c connection) state() (s state, err error) {
	err = c.ints("SELECT commits, last_id, next_block, removals, merges FROM state", nil, &s.commits, &s.lastID, &s.nextBlock, &s.removals, &s.merges)
	return s, err
}

// catalog returns the blocks of c's snapshot. It reads the headers of new blocks only.
func (r *Reader) catalog(c connection) (*catalog, error) {
	now, err := c.state()
	if err != nil {
		return nil, err
	}
	known := r.known.Load()
	if known != nil && known.removals == now.removals && known.next == now.nextBlock {
		return known, nil
	}
	fresh := &catalog{removals: now.removals, merges: now.merges, next: now.nextBlock}
	from := int64(0)
	if known != nil && known.removals <= now.removals && known.next <= now.nextBlock {
		from = known.next
		if fresh.blocks, fresh.gaps, err = known.remaining(c, now); err != nil {
			return nil, err
		}
	}
	blocks, gaps, err := readHeaders(c, from)
	if err != nil {
		return nil, err
	}
	fresh.blocks, fresh.gaps = append(fresh.blocks, blocks...), append(fresh.gaps, gaps...)
	r.known.Store(fresh)
	return fresh, nil
}

// remaining returns the known blocks, and gaps, that still exist.
func (k *catalog) remaining(c connection, now state) ([]*block.Header, []gap, error) {
	if k.removals == now.removals {
		return slices.Clip(k.blocks), slices.Clip(k.gaps), nil
	}
	there := make(map[int64]bool, len(k.blocks))
	err := c.each("SELECT id FROM blocks WHERE id < ?", []any{k.next}, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		there[id] = true
		return nil
	})
	var blocks []*block.Header
	for _, b := range k.blocks {
		if there[b.ID] {
			blocks = append(blocks, b)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	// Blocks without a row are not in the list of those that exist: look for their parts again.
	var gaps []gap
	for _, g := range k.gaps {
		var parts int64
		if err := c.ints("SELECT count(*) FROM (SELECT id FROM parts WHERE id >= ? AND id < ? LIMIT 1)",
			[]any{g.id * block.PartsPerBlock, (g.id + 1) * block.PartsPerBlock}, &parts); err != nil {
			return nil, nil, err
		}
		if parts > 0 || there[g.id] {
			gaps = append(gaps, g)
		}
	}
	return blocks, gaps, nil
}

const selectBlocks = "SELECT id, stored_ns, format, header, rows, start_min_ns, start_max_ns, id_min, id_max FROM blocks"

// readHeaders returns the blocks from number from on, and those of them that have no readable header.
func readHeaders(c connection, from int64) (blocks []*block.Header, gaps []gap, err error) {
	var ids []int64
	read := func(row []driver.Value) error {
		id, _ := row[0].(int64)
		ids = append(ids, id)
		if b, err := readBlock(row); err == nil {
			blocks = append(blocks, b)
		} else {
			gaps = append(gaps, gapOfRow(row, err))
		}
		return nil
	}
	err = c.each(selectBlocks+" WHERE id >= ? ORDER BY id", []any{from}, read)
	lost := err
	if isDamage(err) {
		// Read from the other end, up to the damage.
		last := from - 1
		if len(ids) > 0 {
			last = slices.Max(ids)
		}
		err = c.each(selectBlocks+" WHERE id > ? ORDER BY id DESC", []any{last}, read)
		if isDamage(err) {
			err = nil
		}
	}
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(blocks, func(a, b *block.Header) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(ids)
	orphans, err := c.orphans(ids, from)
	if err == nil && len(orphans) == 0 {
		err = lost // nothing says which blocks are missing
	}
	return blocks, append(gaps, orphans...), err
}

// readBlock parses a row of selectBlocks.
func readBlock(row []driver.Value) (*block.Header, error) {
	id, _ := row[0].(int64)
	stored, _ := row[1].(int64)
	how, _ := row[2].(int64)
	header, _ := row[3].([]byte)
	b, err := block.ReadHeader(header, how)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", id, err)
	}
	b.ID, b.Stored = id, stored
	return b, nil
}
