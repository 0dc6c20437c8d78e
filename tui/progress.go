package tui

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"
)

// progress is how far a search is. The store writes it, the screen reads it. A nil one says nothing.
type progress struct {
	begun         time.Time
	done, planned atomic.Int64
}

// watch returns a context under which a search says how far it is.
func (p *progress) watch(ctx context.Context, watch func(context.Context, func(done, planned int64)) context.Context) context.Context {
	if p == nil || watch == nil {
		return ctx
	}
	return watch(ctx, func(done, planned int64) {
		p.done.Store(done)
		p.planned.Store(planned)
	})
}

// text says how much of a search is done, once it takes longer than a glance.
func (p *progress) text(now time.Time) string {
	if p == nil || now.Sub(p.begun) < progressAfter {
		return ""
	}
	done, planned := p.done.Load(), p.planned.Load()
	if planned <= 0 {
		return ""
	}
	return " " + strconv.FormatInt(min(100*done/planned, 100), 10) + "%"
}
