package demo

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestSharesOfTheMixAddUp(t *testing.T) {
	var sum int
	for _, m := range mix {
		sum += m.share
	}
	if sum != 100 {
		t.Errorf("the shares add up to %d percent", sum)
	}
}

func TestPortsRepeatOnlyAfterTheWholeRange(t *testing.T) {
	for _, p := range []portRange{clientPorts, natPorts} {
		seen := map[uint16]bool{}
		for id := uint64(1); id < p.size; id++ {
			port := p.of(id)
			if seen[port] || uint64(port) < p.first || uint64(port) >= p.first+p.size {
				t.Fatalf("conversation %d has port %d, which is in use or out of range", id, port)
			}
			seen[port] = true
		}
		for id := p.size; id < 3*p.size; id++ {
			if uint64(p.of(id)) <= p.first+permanent {
				t.Fatalf("conversation %d has the port of a permanent connection", id)
			}
		}
	}
}

func TestNumberOfPendingEventsIsBounded(t *testing.T) {
	start := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for at := range observers {
		sim := newSimulation(Config{Start: start, Seed: 1}, observer(at))
		var most int
		for end := start.Add(10 * time.Minute); ; {
			if _, _, ok := sim.next(end); !ok {
				break
			}
			most = max(most, len(sim.events))
		}
		t.Logf("%s: up to %d pending events", observers[at].name, most)
		if most > 2000 {
			t.Errorf("%s: up to %d pending events, want at most 2000", observers[at].name, most)
		}
	}
}

func TestEveryScenarioEnds(t *testing.T) {
	begin := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for i, m := range mix {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		s := m.make(1, 1, r)
		conv, ok := s.observedBy(s.path.points[0].at, begin, 1, r)
		if !ok {
			t.Fatalf("scenario %d does not pass its first observer", i)
		}
		steps := 0
		for do := s.first; do != nil; steps++ {
			if do = do(&session{conv, r}); steps > 1000 {
				t.Fatalf("scenario %d never ends", i)
			}
		}
		if len(conv.Frames()) == 0 {
			t.Errorf("scenario %d has no packets", i)
		}
	}
}

func BenchmarkSimulation(b *testing.B) {
	start := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		sim := newSimulation(Config{Start: start, History: 15 * time.Minute, Seed: 1}, edge)
		frames := 0
		for {
			if _, _, ok := sim.next(start); !ok {
				break
			}
			frames++
		}
		b.ReportMetric(float64(frames), "frames/op")
		b.ReportMetric(float64(sim.count), "conversations/op")
	}
}

func TestWaitEndsWhenTheSourceIsClosed(*testing.T) {
	closed := make(chan struct{})
	close(closed)
	wait(time.Hour, closed)
}
