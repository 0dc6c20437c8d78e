package session

import (
	"strconv"
	"sync/atomic"
	"time"
)

// Progress is how far a search is. The store writes it, the screen reads it. A nil one says nothing.
type Progress struct {
	Begun         time.Time
	done, planned atomic.Int64
}

// Report is what the store tells how far it is; nil for a nil progress.
func (p *Progress) Report() func(done, planned int64) {
	if p == nil {
		return nil
	}
	return func(done, planned int64) {
		p.done.Store(done)
		p.planned.Store(planned)
	}
}

// Text says how much of a search is done, once it takes longer than a glance.
func (p *Progress) Text(now time.Time) string {
	if p == nil || now.Sub(p.Begun) < progressAfter {
		return ""
	}
	done, planned := p.done.Load(), p.planned.Load()
	if planned <= 0 {
		return ""
	}
	return " " + strconv.FormatInt(min(100*done/planned, 100), 10) + "%"
}
