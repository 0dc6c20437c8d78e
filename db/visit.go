package db

import (
	"sync/atomic"

	"weir/db/block"
)

// visit calls fn with every batch that has rows of the selection, and with these rows, valid until fn
// returns. Calls run concurrently. A batch for which fn fails must not count: if the error is damage, visit
// notes a gap and continues.
func (sn *snapshot) visit(sel selection, fn func(b block.Batch, rows block.Bitmap) error) error {
	err := sn.pieces(sel.whole, func(b *block.PieceRows) error {
		if err := sn.ctx.Err(); err != nil {
			return err
		}
		return sel.visit(b, fn)
	})
	if err != nil {
		return err
	}
	gaps, err := sn.eachBlock(sel.candidates(sn.blocks, sel.span), func(b *block.Reader) error { return sel.visit(b, fn) })
	sn.gaps.add(append(gaps, sn.unreadable...), sel.span, sel.clip)
	return err
}

func (s *selection) visit(b block.Batch, fn func(b block.Batch, rows block.Bitmap) error) error {
	rows, err := s.matchingRows(b, s.span)
	if err != nil || rows.Empty() {
		return err
	}
	return fn(b, rows)
}

// progress counts the blocks that a request will read and has read. A nil progress counts nothing.
type progress struct {
	report        func(done, planned int64)
	done, planned atomic.Int64
}

func newProgress(report func(done, planned int64)) *progress {
	if report == nil {
		return nil
	}
	return &progress{report: report}
}

func (p *progress) plan(n int) {
	if p != nil {
		p.planned.Add(int64(n))
	}
}

func (p *progress) step() {
	if p != nil {
		p.report(p.done.Add(1), p.planned.Load())
	}
}
