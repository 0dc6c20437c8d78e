package flow

import "time"

// Ending is the end of a flow whose last record is not stored.
type Ending struct {
	ID     int64 // of the record
	Reason EndReason
}

// Coverage is a span of time in which an observation point captured, with what it saw and lost.
// Only within spans without losses does the absence of a flow mean that its packets did not pass.
//
// The spans of one session and observation point don't overlap. Their counters add up to those of
// the session: what happens between two spans counts in the earlier one.
type Coverage struct {
	Session   time.Time // when the process that captured opened the store, UTC
	Node      string    // the observing node
	Interface string    // its interface
	From      time.Time // when capturing began, wall clock, UTC
	To        time.Time // last time at which it was known to run, wall clock, UTC
	Capturing bool      // the capture had not ended at To: it is still running, or its process died soon after To
	Filter    string    // what was captured, in tcpdump's syntax; empty: everything

	CoverageCounts
}

// CoverageCounts are the counters of a [Coverage]; see [Health] and [SourceHealth] for their meaning.
type CoverageCounts struct {
	Packets, Octets       uint64 // frames read, and their length on the wire
	KernelDrops, CutShort uint64 // frames
	Created, Ended        uint64 // flows
	Evicted               uint64 // flows among Ended
	Unstored, Outdated    uint64 // flows

	Outages uint64        // times without capture
	Away    time.Duration // their total length
}

// Add adds d to c.
func (c *CoverageCounts) Add(d CoverageCounts) {
	for i, n := range d.counters() {
		*c.counters()[i] += *n
	}
	c.Away += d.Away
}

// Since returns how much the counters grew from an earlier state to c.
func (c CoverageCounts) Since(earlier CoverageCounts) CoverageCounts {
	for i, n := range earlier.counters() {
		*c.counters()[i] -= *n
	}
	c.Away -= earlier.Away
	return c
}

// counters returns all fields but Away.
func (c *CoverageCounts) counters() [10]*uint64 {
	return [10]*uint64{&c.Packets, &c.Octets, &c.KernelDrops, &c.CutShort, &c.Created, &c.Ended, &c.Evicted, &c.Unstored, &c.Outdated, &c.Outages}
}

// Lossless reports whether nothing was lost in the span, nor was a flow cut short or capturing interrupted.
func (c *Coverage) Lossless() bool {
	return c.KernelDrops|c.CutShort|c.Evicted|c.Unstored|c.Outdated|c.Outages == 0
}

// Join extends c to the end of next, a later span of the same observation point. The time between
// them is an outage that c counts already.
func (c *Coverage) Join(next *Coverage) {
	c.To, c.Capturing = next.To, next.Capturing
	c.Add(next.CoverageCounts)
}

// IsSamePoint reports whether two spans belong to the same session and observation point.
func (c *Coverage) IsSamePoint(d *Coverage) bool {
	return c.Session.Equal(d.Session) && c.Node == d.Node && c.Interface == d.Interface
}

// HealthOf returns the counters that spans of coverage add up to, as of the latest of them: the
// capturing process's own counters, as far as the store has them.
func HealthOf(spans []Coverage) Health {
	var h Health
	at := map[[2]string]int{} // index into h.Sources by node and interface
	for i := range spans {
		c := &spans[i]
		point := [2]string{c.Node, c.Interface}
		if _, ok := at[point]; !ok {
			at[point] = len(h.Sources)
			h.Sources = append(h.Sources, SourceHealth{Name: c.Interface})
		}
		s := &h.Sources[at[point]]
		s.Packets += c.Packets
		s.Octets += c.Octets
		s.KernelDrops += c.KernelDrops
		s.CutShort += c.CutShort
		s.Outages += c.Outages
		s.Away += c.Away
		if s.Err = ""; !c.Capturing {
			s.Err = "down, removed or ended"
		}
		h.Created += c.Created
		h.Ended += c.Ended
		h.Evicted += c.Evicted
		h.Unstored += c.Unstored
		h.Outdated += c.Outdated
		if c.To.After(h.AsOf) {
			h.AsOf = c.To
		}
	}
	h.OpenFlows = int64(h.Created - h.Ended)
	return h
}
