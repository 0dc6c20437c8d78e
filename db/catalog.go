package db

import (
	"database/sql/driver"
	"fmt"

	"weir/db/block"
)

// catalog is the list of all blocks at one moment. It is immutable; a newer one replaces it.
type catalog struct {
	removals int64 // transactions that removed blocks
	merges   int64 // of these, those that stored the flows in other blocks
	next     int64 // number of the next block
	blocks   []*block.Header
}

// catalog returns the blocks of c's snapshot. It reads the headers of new blocks only.
func (r *Reader) catalog(c connection, now state) (_ *catalog, err error) {
	known := r.known.Load()
	if known != nil && known.removals == now.removals && known.next == now.nextBlock {
		return known, nil
	}
	fresh := &catalog{removals: now.removals, merges: now.merges, next: now.nextBlock}
	if known != nil && known.removals <= now.removals && known.next <= now.nextBlock {
		if fresh.blocks, err = known.remaining(c, now); err != nil {
			return nil, err
		}
		fresh.blocks, err = readHeaders(c, fresh.blocks, known.next)
	} else {
		fresh.blocks, err = readHeaders(c, nil, 0)
	}
	if err != nil {
		return nil, err
	}
	r.known.Store(fresh)
	return fresh, nil
}

// remaining returns the known blocks that still exist.
func (k *catalog) remaining(c connection, now state) ([]*block.Header, error) {
	if k.removals == now.removals {
		return k.blocks[:len(k.blocks):len(k.blocks)], nil
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
	return blocks, err
}

const selectBlocks = "SELECT id, stored_ns, format, header FROM blocks"

// readHeaders appends the blocks from number from on.
func readHeaders(c connection, blocks []*block.Header, from int64) ([]*block.Header, error) {
	err := c.each(selectBlocks+" WHERE id >= ? ORDER BY id", []any{from}, func(row []driver.Value) error {
		b, err := readBlock(row)
		blocks = append(blocks, b)
		return err
	})
	return blocks, err
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
