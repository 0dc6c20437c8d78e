package db

import (
	"database/sql/driver"
	"fmt"

	"weir/db/block"
)

// catalog is what is known of all blocks as of some moment. It is never changed,
// a newer one takes its place.
type catalog struct {
	removals int64 // how often blocks had been taken away
	merges   int64 // and put together
	next     int64 // the number that the next block gets
	blocks   []*block.Header
}

// state is the table of that name: single numbers that change with every commit.
type state struct {
	commits   int64 // transactions that wrote flows
	lastID    int64 // the highest id that a flow ever had
	nextBlock int64
	removals  int64
	merges    int64 // removals after which the flows are in another block
}

func (c connection) state() (s state, err error) {
	err = c.ints("SELECT commits, last_id, next_block, removals, merges FROM state", nil, &s.commits, &s.lastID, &s.nextBlock, &s.removals, &s.merges)
	return s, err
}

// catalog returns the blocks that c's snapshot holds. Headers that are known
// already are not read again.
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
	if known != nil && known.removals <= now.removals && known.next <= now.nextBlock {
		if fresh.blocks, err = known.left(c, now); err != nil {
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

// left returns those of the known blocks that are there still.
func (k *catalog) left(c connection, now state) ([]*block.Header, error) {
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

// readHeaders appends the blocks from a number on.
func readHeaders(c connection, blocks []*block.Header, from int64) ([]*block.Header, error) {
	err := c.each(selectBlocks+" WHERE id >= ? ORDER BY id", []any{from}, func(row []driver.Value) error {
		b, err := readBlock(row)
		blocks = append(blocks, b)
		return err
	})
	return blocks, err
}

// readBlock reads a row of selectBlocks.
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
