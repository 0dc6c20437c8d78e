package session

import (
	"strconv"
	"sync/atomic"
	"time"
)

// Progress is the progress of a search. The store writes it, the screen reads it.
// Nil is valid and reports nothing.
type Progress struct {
	Begun         time.Time
	done, planned atomic.Int64
}

// Report returns the callback through which the store reports progress; nil for a nil Progress.
func (p *Progress) Report() func(done, planned int64) {
	if p == nil {
		return nil
	}
	return func(done, planned int64) {
		p.done.Store(done)
		p.planned.Store(planned)
	}
}

// Percent returns the progress in percent, once the search has taken [progressAfter];
// false before that, or if the store reports none.
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
