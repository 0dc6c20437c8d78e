package demo

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"time"

	"weir/internal/pkttest"
)

// simulation simulates the network and generates the frames at one observer. A
// heap holds the pending events in order of time: frames, and actions that
// generate further events. It never holds more than the conversations in progress.
//
// All random properties of a conversation come from a generator seeded for that
// conversation. So all observers see the same conversations, although each
// simulates only those that pass it.
type simulation struct {
	at      observer
	seed    uint64
	begin   time.Time
	pauses  *rand.Rand // for the arrival times of conversations
	count   uint64     // conversations so far
	burst   int        // remaining conversations of a burst
	events  events
	counter uint64 // of events, for event.order
}

// event runs action at a point in time or, if action is nil, delivers frame.
type event struct {
	at     time.Time
	order  uint64 // orders events with the same time by creation
	frame  pkttest.Frame
	action func()
}

func newSimulation(cfg Config, at observer) *simulation {
	s := &simulation{at: at, seed: cfg.Seed, begin: cfg.Start.Add(-cfg.History), pauses: rand.New(rand.NewPCG(cfg.Seed, math.MaxUint64))}
	for range permanent {
		begin := s.begin.Add(time.Duration(s.pauses.Int64N(int64(time.Minute))))
		id := s.nextID()
		s.schedule(begin, func() { s.start(begin, id, permanentScenario) })
	}
	s.schedule(s.begin, func() { s.arrive(s.begin) })
	return s
}

// next returns the next frame up to the time limit. If there is none, it returns
// the time of the next event.
func (s *simulation) next(limit time.Time) (f pkttest.Frame, due time.Time, ok bool) {
	for { // there is always an event: newSimulation schedules an arrival, and each arrival the next
		if due = s.events[0].at; due.After(limit) {
			return f, due, false
		}
		e := heap.Pop(&s.events).(*event)
		if e.action == nil {
			return e.frame, e.at, true
		}
		e.action()
	}
}

func (s *simulation) schedule(at time.Time, action func()) {
	s.counter++
	heap.Push(&s.events, &event{at: at, order: s.counter, action: action})
}

func (s *simulation) nextID() uint64 {
	s.count++
	return s.count
}

// arrive starts a conversation and schedules the next arrival.
func (s *simulation) arrive(now time.Time) {
	s.start(now, s.nextID(), randomScenario)
	if s.burst == 0 && s.pauses.Float64() < burstChance {
		s.burst = burstSize
	}
	pause := time.Duration(s.pauses.ExpFloat64() * float64(meanPause))
	if s.burst > 0 {
		s.burst--
		pause = time.Duration(s.pauses.Int64N(int64(burstPause)))
	}
	phase := 2 * math.Pi * float64(now.Sub(s.begin)) / float64(swingPeriod)
	next := now.Add(time.Duration(float64(pause) / (1 + swing*math.Sin(phase))))
	s.schedule(next, func() { s.arrive(next) })
}

// start starts conversation id if it passes the observer.
func (s *simulation) start(begin time.Time, id uint64, choose func(*rand.Rand) scenario) {
	r := rand.New(rand.NewPCG(s.seed, id))
	sc := choose(r)
	if conv, ok := sc.observedBy(s.at, begin, id, r); ok {
		s.run(&session{conv, r}, sc.first)
	}
}

// run runs one step of a conversation and schedules the next.
func (s *simulation) run(c *session, do step) {
	next := do(c)
	for _, f := range c.conv.Frames() {
		s.counter++
		heap.Push(&s.events, &event{at: f.Time, order: s.counter, frame: f})
	}
	if next != nil {
		s.schedule(c.conv.Now(), func() { s.run(c, next) })
	}
}

// events implements heap.Interface, earliest event first.
type events []*event

func (h events) Len() int      { return len(h) }
func (h events) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h events) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].order < h[j].order
}

func (h *events) Push(x any) { *h = append(*h, x.(*event)) }

func (h *events) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil // for the garbage collector
	*h = old[:len(old)-1]
	return last
}
