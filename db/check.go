package db

import (
	"context"
	"database/sql/driver"
	"fmt"

	"weir/db/block"
	"weir/flow"
)

// Check reads the whole store and calls report with each problem. It returns how many flows are in
// order, and an error if it could not finish.
func (r *Reader) Check(ctx context.Context, report func(problem string)) (flows int64, err error) {
	r.scheduler.beginSearch()
	defer r.scheduler.endSearch()
	err = withConnection(ctx, r.readers, func(c connection) error {
		sn := &snapshot{connection: c}
		return sn.transact(func() (err error) {
			flows, err = sn.check(report)
			return err
		})
	})
	if err != nil {
		return flows, fmt.Errorf("check the flow store: %w", withDamageHint(r.path, err))
	}
	return flows, nil
}

func (sn *snapshot) check(report func(problem string)) (flows int64, err error) {
	err = sn.each("PRAGMA integrity_check", nil, func(row []driver.Value) error {
		if row[0] != "ok" {
			report(fmt.Sprint(row[0]))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	blocks, err := sn.readableHeaders(report)
	if err != nil {
		return 0, err
	}
	for _, b := range blocks {
		if err := sn.ctx.Err(); err != nil {
			return flows, err
		}
		if err := sn.parts.open(b).Check(sn.names.has); err != nil {
			report(fmt.Sprintf("block %d (%d flows): %v", b.ID, b.Rows, err))
			continue
		}
		flows += int64(b.Rows)
	}
	inPieces, err := sn.checkPieces(report)
	if err != nil {
		return flows, err
	}
	return flows + inPieces, sn.eachCoverage("", nil, func(_ flow.Coverage, err error) error {
		if err != nil {
			report(err.Error())
		}
		return nil
	})
}

// checkPieces returns how many flows the pieces have that are in order.
func (sn *snapshot) checkPieces(report func(problem string)) (flows int64, err error) {
	rows := block.NewPieceRows(block.MaxPieceRows)
	err = sn.readPieces("", nil, func(id int64, p *block.Piece, superseded block.Bitmap, err error) error {
		rows.Clear()
		if err == nil {
			err = rows.Add(p, sn.state.session, superseded)
		}
		if err != nil {
			report(fmt.Sprintf("piece %d: %v", id, err))
			return sn.ctx.Err()
		}
		flows += int64(rows.Rows())
		return sn.ctx.Err()
	})
	if err == nil && flows != sn.state.inPieces {
		report(fmt.Sprintf("flows that are not in a block: %d, not the %d that were stored", flows, sn.state.inPieces))
	}
	return flows, err
}

// readableHeaders returns the blocks whose headers can be read, and reports the others, at which a
// search would fail.
func (sn *snapshot) readableHeaders(report func(problem string)) (blocks []*block.Header, err error) {
	err = sn.each(selectBlocks+" ORDER BY id", nil, func(row []driver.Value) error {
		b, err := readBlock(row)
		if err != nil {
			report(err.Error())
			return nil
		}
		blocks = append(blocks, b)
		return nil
	})
	return blocks, err
}
