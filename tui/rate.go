package tui

import (
	"time"

	"weir/flow"
	"weir/tui/ui"
)

// rateSpan is over how long a rate is measured, and rateSamples how many of
// them the sparkline shows.
const (
	rateSpan    = time.Second
	rateSamples = 10
)

// rate is how many flows begin each second, out of a counter that only grows.
type rate struct {
	at      time.Time // of the last sample; zero: none
	created uint64
	samples []float64 // flows a second, newest last; at most rateSamples
}

// sample takes the counter at a time and reports whether the rate is new.
func (r *rate) sample(at time.Time, h *flow.Health) bool {
	if r.at.IsZero() {
		r.at, r.created = at, h.Created
		return false
	}
	took := at.Sub(r.at)
	if took < rateSpan {
		return false
	}
	now := float64(h.Created-min(r.created, h.Created)) / took.Seconds()
	if len(r.samples) == rateSamples {
		r.samples = r.samples[:copy(r.samples, r.samples[1:])]
	}
	r.samples = append(r.samples, now)
	r.at, r.created = at, h.Created
	return true
}

// last is the newest rate, and whether there is one.
func (r *rate) last() (float64, bool) {
	if len(r.samples) == 0 {
		return 0, false
	}
	return r.samples[len(r.samples)-1], true
}

// sparkline draws the samples as bars of seven heights. It is empty
// while nothing happens, and in ASCII, which has no such bars.
func (r *rate) sparkline(th *ui.Theme) string {
	top := 0.0
	for _, v := range r.samples {
		top = max(top, v)
	}
	if top == 0 || th.ASCII {
		return ""
	}
	bars := []rune("▁▂▃▄▅▆▇")
	line := make([]rune, len(r.samples))
	for i, v := range r.samples {
		line[i] = bars[min(int(v/top*float64(len(bars))), len(bars)-1)]
	}
	return string(line)
}
