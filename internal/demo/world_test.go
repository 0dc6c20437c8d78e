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

func TestAWorldHoldsOnlyWhatIsGoingOn(t *testing.T) {
	start := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for at := range stations {
		w := newWorld(Config{Start: start, Seed: 1}, observer(at))
		var most int
		for end := start.Add(20 * time.Minute); ; {
			if _, _, ok := w.next(end); !ok {
				break
			}
			most = max(most, len(w.events))
		}
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
