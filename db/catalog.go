package db

import (
	"database/sql/driver"
	"fmt"
)

// catalog is what is known of all blocks as of some moment. It is never changed,
// a newer one takes its place.
type catalog struct {
	removals int64 // how often blocks had been taken away
	next     int64 // the number that the next block gets
	blocks   []*block
}

// state is the table of that name: single numbers that change with every commit.
type state struct {
	commits   int64 // transactions that wrote flows
	lastID    int64 // the highest id that a flow ever had
	nextBlock int64
	removals  int64
}

func (c connection) state() (s state, err error) {
	err = c.ints("SELECT commits, last_id, next_block, removals FROM state", nil, &s.commits, &s.lastID, &s.nextBlock, &s.removals)
	return s, err
}

// catalog returns the blocks that c's snapshot holds. Headers that are known
// already are not read again.
func (s *Store) catalog(c connection) (*catalog, error) {
	now, err := c.state()
	if err != nil {
		return nil, err
	}
	known := s.known.Load()
	if known != nil && known.removals == now.removals && known.next == now.nextBlock {
		return known, nil
	}
	fresh := &catalog{removals: now.removals, next: now.nextBlock}
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
	s.known.Store(fresh)
	return fresh, nil
}

// left returns those of the known blocks that are there still.
func (k *catalog) left(c connection, now state) ([]*block, error) {
	if k.removals == now.removals {
		return k.blocks[:len(k.blocks):len(k.blocks)], nil
	}
	there := make(map[int64]bool, len(k.blocks))
	err := c.each("SELECT id FROM blocks WHERE id < ?", []any{k.next}, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		there[id] = true
		return nil
	})
	var blocks []*block
	for _, b := range k.blocks {
		if there[b.id] {
			blocks = append(blocks, b)
		}
	}
	return blocks, err
}

// readHeaders appends the blocks from a number on.
func readHeaders(c connection, blocks []*block, from int64) ([]*block, error) {
	err := c.each("SELECT id, stored_ns, header FROM blocks WHERE id >= ? ORDER BY id", []any{from}, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		header, _ := row[2].([]byte)
		b, err := readBlockHeader(header)
		if err != nil {
			return fmt.Errorf("block %d: %w", id, err)
		}
		b.id = id
		b.stored, _ = row[1].(int64)
		blocks = append(blocks, b)
		return nil
	})
	return blocks, err
}
