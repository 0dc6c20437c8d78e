package demo

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestSharesOfTheMenuAddUp(t *testing.T) {
	var sum int
	for _, dish := range menu {
		sum += dish.share
	}
	if sum != 100 {
		t.Errorf("the shares add up to %d percent", sum)
	}
}

func TestPortsComeRoundOnlyAfterAllOthers(t *testing.T) {
	for _, p := range []portRange{clientPorts, natPorts} {
		seen := map[uint16]bool{}
		for id := uint64(1); id < p.size; id++ {
			port := p.of(id)
			if seen[port] || uint64(port) < p.first || uint64(port) >= p.first+p.size {
				t.Fatalf("conversation %d gets port %d, used before or out of range", id, port)
			}
			seen[port] = true
		}
		for id := p.size; id < 3*p.size; id++ {
			if uint64(p.of(id)) <= p.first+standing {
				t.Fatalf("conversation %d gets the port of a standing connection", id)
			}
		}
	}
}

func TestAWorldHoldsOnlyWhatIsGoingOn(t *testing.T) {
	start := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for at := range stations {
		w := newWorld(Config{Start: start, Seed: 1}, observer(at))
		var most int
		for end := start.Add(10 * time.Minute); ; {
			if _, _, ok := w.next(end); !ok {
				break
			}
			most = max(most, len(w.events))
		}
		t.Logf("%s: up to %d events pending", stations[at].name, most)
		if most > 2000 {
			t.Errorf("%s: up to %d events are pending", stations[at].name, most)
		}
	}
}

func TestEveryStoryHasAnEndOrPauses(t *testing.T) {
	begin := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for i, dish := range menu {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		s := dish.draw(1, 1, r)
		talk, here := s.seenBy(s.path.points[0].at, begin, 1, r)
		if !here {
			t.Fatalf("dish %d: its first point doesn't see it", i)
		}
		acts := 0
		for a := s.first; a != nil; acts++ {
			if a = a(&chat{talk, r}); acts > 1000 {
				t.Fatalf("dish %d never ends", i)
			}
		}
		if len(talk.Frames()) == 0 {
			t.Errorf("dish %d says nothing", i)
		}
	}
}

func BenchmarkAQuarterOfAnHour(b *testing.B) {
	start := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		w := newWorld(Config{Start: start, History: 15 * time.Minute, Seed: 1}, edge)
		frames := 0
		for {
			if _, _, ok := w.next(start); !ok {
				break
			}
			frames++
		}
		b.ReportMetric(float64(frames), "frames/op")
		b.ReportMetric(float64(w.count), "conversations/op")
	}
}

func TestWaitingEndsWhenTheSourceIsClosed(t *testing.T) {
	closed := make(chan struct{})
	close(closed)
	wait(time.Hour, closed)
}
