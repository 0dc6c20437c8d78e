package meter

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"weir/decode"
	"weir/flow"
)

// Health returns the counters, at most some 100 ms old while Run is active and final once it has
// returned. It is safe to call from any goroutine.
func (m *Meter) Health() flow.Health {
	h := *m.health.Load()
	h.Sources = slices.Clone(h.Sources)
	h.Skipped = slices.Clone(h.Skipped)
	return h
}

// publish updates what Health returns.
func (m *Meter) publish() {
	stats := m.src.Stats()
	if stats.Outages != m.outages || stats.DownAt.After(stats.UpAt) {
		m.outages = stats.Outages
		m.engine.noteGap()
	}
	h := &flow.Health{
		Sources: []flow.SourceHealth{{
			Name:        m.src.Name(),
			File:        !m.live,
			Packets:     stats.Frames,
			Octets:      stats.Octets,
			KernelDrops: stats.KernelDrops,
			CutShort:    m.cut,
			Duplicates:  m.engine.duplicates.n,
			Outages:     stats.Outages,
			Away:        stats.Away,
			Err:         cmp.Or(m.failure, stats.LastError),
			Note:        stats.Problem,
			Done:        m.done,
		}},
		OpenFlows: int64(m.engine.openFlows()),
		Created:   m.engine.created,
		Ended:     m.engine.ended,
		Evicted:   m.engine.evicted,
		Unstored:  m.out.unstored,
	}
	for reason, n := range m.skipped {
		if n > 0 {
			h.Skipped = append(h.Skipped, flow.Count{Name: decode.Reason(reason).String(), N: n})
		}
	}
	for _, link := range slices.Sorted(maps.Keys(m.links)) {
		h.Skipped = append(h.Skipped, flow.Count{Name: fmt.Sprintf("%s %d", decode.UnknownLink, link), N: m.links[link]})
	}
	m.health.Store(h)
	if m.isInterface() && !m.wall.IsZero() { // what a stream's capture lost is not known
		now := m.now()
		m.spans.update(now, now.Sub(m.spans.at), &stats, countsOf(h), m.done)
	}
}

// countsOf returns the counters of a meter's own health. Only the sink knows how many flows are
// outdated.
func countsOf(h *flow.Health) flow.CoverageCounts {
	s := &h.Sources[0]
	return flow.CoverageCounts{
		Packets: s.Packets, Octets: s.Octets, KernelDrops: s.KernelDrops, CutShort: s.CutShort, Outages: s.Outages, Away: s.Away,
		Created: h.Created, Ended: h.Ended, Evicted: h.Evicted, Unstored: h.Unstored,
	}
}
