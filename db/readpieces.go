package db

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"weir/db/block"
	"weir/flow"
)

// Flows that are not in a block are in pieces: open ones, and ended ones until there are enough for a
// block. tracker.go and pieces.go write them.

// eachPiece calls fn with the pieces, latest first, and with their superseded rows. It skips damaged pieces
// and notes a gap, also if the pieces do not have as many flows as the state says.
func (sn *snapshot) eachPiece(fn func(p *block.Piece, superseded block.Bitmap) error) (err error) {
	if err := sn.align(); err != nil {
		return err
	}
	var flows int64
	var damage error
	err = sn.readPieces("", nil, func(_ int64, p *block.Piece, superseded block.Bitmap, err error) error {
		if err == nil {
			err = fn(p, superseded)
		}
		if errors.Is(err, block.ErrDamaged) {
			damage = errors.Join(damage, err)
			return nil
		}
		flows += int64(p.Rows - superseded.Count())
		return err
	})
	if err == nil && (flows != sn.state.inPieces || damage != nil) {
		sn.gaps.add([]gap{gapOfPieces(sn.state.inPieces-flows, damage)}, allTime, allTime)
	}
	return err
}

// errMarksDamaged means that a piece is sound, but not the list of its superseded rows.
var errMarksDamaged = fmt.Errorf("its list of superseded rows: %w", block.ErrDamaged)

// readPieces calls fn with the pieces that a condition selects, the latest first. If one is damaged, fn
// is called with its number and the error, and with the piece if the error is errMarksDamaged.
func (c connection) readPieces(where string, args []int64, fn func(id int64, p *block.Piece, superseded block.Bitmap, err error) error) (err error) {
	q, err := c.prepareBlobQuery("SELECT weir_read_blob(?, p.data, p.id, s.rows) FROM pieces AS p LEFT JOIN superseded AS s ON s.piece = p.id "+where+" ORDER BY p.id DESC", len(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.close()) }()
	return q.each(func(data []byte, more ...driver.Value) error {
		id, _ := more[0].(int64)
		bits, _ := more[1].([]byte)
		p, err := block.ReadPiece(id, data)
		var superseded block.Bitmap
		if err == nil {
			if superseded, err = p.Superseded(bits); err != nil {
				err = errMarksDamaged
			}
		}
		if err = fn(id, &p, superseded, err); errors.Is(err, block.ErrDamaged) {
			err = fmt.Errorf("piece %d: %w", id, err)
		}
		return err
	}, args...)
}

// pieces calls fn with batches of the flows in pieces that may start in the span that sp returns, valid
// until fn returns.
func (sn *snapshot) pieces(sp func() span, fn func(*block.PieceRows) error) error {
	b := block.NewPieceRows(pieceBatchRows)
	flush := func() error {
		err := errors.Join(sn.ctx.Err(), fn(b))
		b.Clear()
		return err
	}
	err := sn.eachPiece(func(p *block.Piece, superseded block.Bitmap) error {
		if !sp().overlaps(p.Starts) {
			return nil
		}
		had := len(b.Tuples)
		if err := b.Add(p, sn.state.session, superseded); err != nil {
			b.Truncate(had)
			return err
		}
		if b.HasRoom() {
			return nil
		}
		return flush()
	})
	if err == nil && b.Rows() > 0 {
		err = flush()
	}
	return err
}

// pieceHits adds the hits in pieces that matter to the collector and come after the cursor.
func (sn *snapshot) pieceHits(found *collector, c *cursor) error {
	return sn.pieces(found.remaining, func(b *block.PieceRows) error {
		rows, err := found.rowsAfter(b, c)
		var hits []hit
		rows.Each(func(i int) { hits = append(hits, sn.newHit(&found.selection, b.Tuples[i])) })
		found.add(hits)
		return err
	})
}

func (sn *snapshot) newHit(sel *selection, t *block.Tuple) hit {
	h := hit{start: t.Nums[block.ColStart], id: t.Nums[block.ColID], record: new(flow.Record)}
	sn.names.join(t, h.record)
	if sel.by != nil {
		h.number, _ = sel.order.Value(h.record)
	}
	return h
}
