package db

import (
	"bytes"
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

// catalog returns the blocks of c's snapshot. It reads the headers of new blocks only.
func (r *Reader) catalog(c connection, now state) (_ *catalog, err error) {
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

// blockRow is a row of selectBlocks. The fields after header repeat what the header has, and are used only
// to check it, or if it is damaged.
type blockRow struct {
	id, stored, format                     int64
	header                                 []byte
	rows, startMin, startMax, idMin, idMax int64
}

func parseBlockRow(row []driver.Value) (r blockRow) {
	for i, n := range []*int64{&r.id, &r.stored, &r.format, nil, &r.rows, &r.startMin, &r.startMax, &r.idMin, &r.idMax} {
		if n != nil {
			*n, _ = row[i].(int64)
		}
	}
	header, _ := row[3].([]byte)
	r.header = bytes.Clone(header)
	return r
}

// parse parses the header.
func (r *blockRow) parse() (*block.Header, error) {
	b, err := block.ReadHeader(r.header, r.id, r.stored, r.format)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", r.id, err)
	}
	return b, nil
}

// fix is parse for a row in which one bit of the header may have flipped, or of the number, the time or
// the format of the block.
func (r *blockRow) fix() (*block.Header, error) {
	b, err := block.FixHeader(r.header, r.id, r.stored, r.format)
	if err == nil && !r.agrees(b) {
		err = block.ErrDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", r.id, err)
	}
	return b, nil
}

// agrees reports whether the other columns of the row say what the header says.
func (r *blockRow) agrees(b *block.Header) bool {
	start, ids := b.Zone(block.ColStart), b.Zone(block.ColID)
	return r.rows == int64(b.Rows) && r.startMin == start.Min && r.startMax == start.Max && r.idMin == ids.Min && r.idMax == ids.Max
}

// plausible reports whether the other columns of the row agree with each other.
func (r *blockRow) plausible() bool {
	return 1 <= r.rows && r.rows <= block.MaxStoredRows && r.startMin <= r.startMax && r.idMin <= r.idMax && r.idMax-r.idMin >= r.rows-1
}

// readBlock parses a row of selectBlocks.
func readBlock(row []driver.Value) (*block.Header, error) {
	r := parseBlockRow(row)
	return r.parse()
}

// readHeaders returns the blocks from number from on, and those of them that have no readable header.
func readHeaders(c connection, from int64) (blocks []*block.Header, gaps []gap, err error) {
	rows, orphans, err := readBlockRows(c, from)
	for i := range rows {
		if b, err := rows[i].parse(); err == nil {
			blocks = append(blocks, b)
		} else {
			gaps = append(gaps, gapOfRow(&rows[i], err))
		}
	}
	return blocks, append(gaps, orphans...), err
}

// readBlockRows returns the rows of the blocks from number from on, and gaps for those whose row is
// lost.
func readBlockRows(c connection, from int64) (rows []blockRow, orphans []gap, err error) {
	read := func(row []driver.Value) error {
		rows = append(rows, parseBlockRow(row))
		return nil
	}
	err = c.each(selectBlocks+" WHERE id >= ? ORDER BY id", []any{from}, read)
	lost := err
	if isDamage(err) {
		last := from - 1
		for i := range rows {
			last = max(last, rows[i].id)
		}
		// Read from the other end, up to the damage.
		err = c.each(selectBlocks+" WHERE id > ? ORDER BY id DESC", []any{last}, read)
		if isDamage(err) {
			err = nil
		}
	}
	if err != nil {
		return nil, nil, err
	}
	// On a damaged page SQLite may give rows twice, or in any order.
	slices.SortFunc(rows, func(a, b blockRow) int { return cmp.Compare(a.id, b.id) })
	rows = slices.CompactFunc(rows, func(a, b blockRow) bool { return a.id == b.id })
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].id
	}
	orphans, err = c.orphans(ids, from)
	if err == nil && len(orphans) == 0 {
		err = lost // nothing says which blocks are missing
	}
	return rows, orphans, err
}
