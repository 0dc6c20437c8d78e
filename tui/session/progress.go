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

// Percent is how much of a search is done, once it takes longer than a glance; false:
// it doesn't yet, or the store did not tell.
func (p *Progress) Percent(now time.Time) (percent int, ok bool) {
	if p == nil || now.Sub(p.Begun) < progressAfter {
		return 0, false
	}
	done, planned := p.done.Load(), p.planned.Load()
	if planned <= 0 {
		return 0, false
	}
	return int(min(100*done/planned, 100)), true
}

// Text is Percent in words.
func (p *Progress) Text(now time.Time) string {
	percent, ok := p.Percent(now)
	if !ok {
		return ""
	}
	return " " + strconv.Itoa(percent) + "%"
}
