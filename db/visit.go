package db

import (
	"context"
	"sync/atomic"
)

// visit calls fn with every batch that holds flows of the selection, and with
// which rows they are, valid until fn returns. Several calls run at once.
func (sn *snapshot) visit(sel selection, fn func(b batch, rows bitmap) error) error {
	err := sn.hot(sel.span, func(b *hotBatch) error {
		if err := sn.ctx.Err(); err != nil {
			return err
		}
		return sel.visit(b, fn)
	})
	if err != nil {
		return err
	}
	return sn.eachBlock(sel.candidates(sn.blocks, sel.span), func(b *storedBatch) error { return sel.visit(b, fn) })
}

func (s *selection) visit(b batch, fn func(b batch, rows bitmap) error) error {
	rows, err := s.rows(b, s.span)
	if err != nil || rows.empty() {
		return err
	}
	return fn(b, rows)
}

// Progress is told how many blocks of flows a search has looked at and how many it
// may have to. It is called from several goroutines.
type Progress func(done, planned int64)

type progressKey struct{}

// WithProgress returns a context that reports the progress of the searches, counts
// and sums which run under it.
func WithProgress(ctx context.Context, p Progress) context.Context {
	return context.WithValue(ctx, progressKey{}, p)
}

// progress counts for a Progress; nil counts nothing.
type progress struct {
	report        Progress
	done, planned atomic.Int64
}

func progressOf(ctx context.Context) *progress {
	if p, ok := ctx.Value(progressKey{}).(Progress); ok {
		return &progress{report: p}
	}
	return nil
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
