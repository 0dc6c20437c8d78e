package db

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"weir/db/block"
)

// writePieces writes the flows of in.pending, in the order of their ids, into new pieces, and marks their
// earlier states as superseded.
func (in *inserter) writePieces(c connection) error {
	slices.SortFunc(in.pending, func(a, b *block.Tuple) int { return cmp.Compare(a.Nums[block.ColID], b.Nums[block.ColID]) })
	for rest := in.pending; len(rest) > 0; {
		n := 1
		for n < min(len(rest), block.MaxPieceRows) && rest[n].SameColumns(rest[0]) {
			n++
		}
		if err := in.writePiece(c, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	in.pending = in.pending[:0]
	return nil
}

func (in *inserter) writePiece(c connection, tuples []*block.Tuple) error {
	k := in.flows
	id := k.nextPiece
	k.nextPiece++
	in.piece = block.AppendPiece(in.piece[:0], id, k.session, tuples)
	if err := in.exec(c, in.putPiece, id, in.piece); err != nil {
		return err
	}
	k.pieces[id] = &piece{rows: len(tuples), superseded: make(block.Bitmap, (len(tuples)+63)/64)}
	for row, t := range tuples {
		k.supersede(t.Nums[block.ColID])
		k.add(t, pieceRow{id, int32(row)})
	}
	return nil
}

// tidyPieces removes pieces without a flow, writes the flows of those that are mostly superseded or
// small into new ones, and stores which rows of the others are superseded.
func (in *inserter) tidyPieces(c connection) error {
	k := in.flows
	var sparse, small []int64
	for id, p := range k.pieces {
		switch {
		case p.live == 0 || 2*p.live < p.rows:
			sparse = append(sparse, id)
		case p.live < block.MaxPieceRows/2:
			small = append(small, id)
		}
	}
	if len(small) > maxSmallPieces {
		sparse = append(sparse, small...)
	}
	slices.SortFunc(sparse, func(a, b int64) int { return cmp.Compare(k.pieces[a].live, k.pieces[b].live) })
	moved := 0
	for _, id := range sparse {
		if moved += k.pieces[id].live; moved > maxMoved {
			break
		}
		if err := in.takePiece(c, id); err != nil {
			return err
		}
	}
	if err := in.writePieces(c); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(k.pieces)) {
		if err := in.storeSuperseded(c, id); err != nil {
			return err
		}
	}
	return nil
}

// storeSuperseded stores which rows of a piece are superseded, or removes a piece without a current row. In
// a damaged tree SQLite may not find a piece that readers find: then all its rows stay superseded, so that
// they don't reappear.
func (in *inserter) storeSuperseded(c connection, id int64) error {
	p := in.flows.pieces[id]
	switch {
	case p.live == 0:
		delete(in.flows.pieces, id)
		dropped, err := in.execRows(c, in.dropPiece, id)
		switch {
		case err != nil:
			return err
		case dropped == 0:
			in.piece = block.AppendSuperseded(in.piece[:0], id, block.RowRange(p.rows, 0, p.rows))
			return in.exec(c, in.putSuperseded, id, in.piece)
		}
		return in.exec(c, in.dropSuperseded, id)
	case p.changed:
		p.changed = false
		in.piece = block.AppendSuperseded(in.piece[:0], id, p.superseded)
		return in.exec(c, in.putSuperseded, id, in.piece)
	}
	return nil
}

// takePiece appends the flows of a piece to in.pending.
func (in *inserter) takePiece(c connection, id int64) error {
	if in.flows.pieces[id].live == 0 {
		return nil
	}
	tuples, err := in.readPiece(c, id)
	for _, t := range tuples {
		in.pending = append(in.pending, cloneOf(t))
	}
	return err
}

// readPiece returns the flows of a piece that are not superseded, valid until the next call: the caller
// clones those that it keeps, because each would keep the memory of a thousand alive.
func (in *inserter) readPiece(c connection, id int64) ([]*block.Tuple, error) {
	if in.rows == nil {
		in.rows = block.NewPieceRows(block.MaxPieceRows)
	}
	rows := in.rows
	rows.Clear()
	err := c.readPieces("WHERE p.id = ?", []int64{id}, func(_ int64, p *block.Piece, _ block.Bitmap, err error) error {
		if err != nil {
			return err
		}
		return rows.Add(p, in.flows.session, in.flows.pieces[id].superseded) // the file may not have the latest
	})
	if err == nil && rows.Rows() != in.flows.pieces[id].live {
		err = fmt.Errorf("piece %d: %w", id, block.ErrDamaged)
	}
	return rows.Tuples, err
}

func cloneOf(t *block.Tuple) *block.Tuple {
	u := *t
	return &u
}

// takeWaiting removes ended flows from the earliest pieces and returns them, to be packed into a block. It
// returns at most a piece more than limit, because a crash can leave a million.
func (in *inserter) takeWaiting(c connection, limit int) (ended []*block.Tuple, err error) {
	k := in.flows
	for _, id := range slices.Sorted(maps.Keys(k.pieces)) {
		if k.pieces[id].ended == 0 {
			continue
		}
		if len(ended) >= limit {
			break
		}
		tuples, err := in.readPiece(c, id)
		if err != nil {
			return nil, err
		}
		for _, t := range tuples {
			if _, ok := k.ended[t.Nums[block.ColID]]; ok {
				ended = append(ended, cloneOf(t))
				k.supersede(t.Nums[block.ColID])
			}
		}
	}
	return ended, nil
}
