package session

import (
	"time"

	"weir/flow"
)

// rateSpan is the interval over which a rate is measured, rateSamples how many
// rates the sparkline shows.
const (
	rateSpan    = time.Second
	rateSamples = 10
)

// rate measures new flows a second from a counter that only grows.
type rate struct {
	at      time.Time // of the last sample; zero: none
	created uint64
	Samples []float64 // flows a second, newest last; at most rateSamples
}

// sample records the counter at a time and reports whether there is a new rate.
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
	if len(r.Samples) == rateSamples {
		r.Samples = r.Samples[:copy(r.Samples, r.Samples[1:])]
	}
	r.Samples = append(r.Samples, now)
	r.at, r.created = at, h.Created
	return true
}

// Last returns the latest rate in flows a second, and whether there is one.
func (r *rate) Last() (float64, bool) {
	if len(r.Samples) == 0 {
		return 0, false
	}
	return r.Samples[len(r.Samples)-1], true
}
