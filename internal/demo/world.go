package demo

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"time"

	"weir/internal/pkttest"
)

// world plays the network and keeps the frames that one observer sees. What is
// to happen lies on a heap, ordered by time: frames that pass, and acts that
// put further frames and acts on it. So it holds no more than what has begun.
//
// Whatever differs between conversations is drawn from a generator that belongs
// to the conversation alone; so every observer sees the same ones, even though
// each plays only those that pass it.
type world struct {
	at     observer
	seed   uint64
	begin  time.Time
	pauses *rand.Rand // draws when conversations begin
	count  uint64     // conversations so far
	burst  int        // conversations left of a burst
	events events
	order  uint64
}

// event happens at a time: act is done, or, if there is none, frame passes.
type event struct {
	at    time.Time
	order uint64 // of two at the same time, the one planned earlier comes first
	frame pkttest.Frame
	act   func()
}

func newWorld(cfg Config, at observer) *world {
	w := &world{at: at, seed: cfg.Seed, begin: cfg.Start.Add(-cfg.History), pauses: rand.New(rand.NewPCG(cfg.Seed, math.MaxUint64))}
	for range standing {
		begin := w.begin.Add(time.Duration(w.pauses.Int64N(int64(time.Minute))))
		id := w.nextID()
		w.plan(begin, func() { w.converse(begin, id, stand) })
	}
	w.plan(w.begin, func() { w.arrive(w.begin) })
	return w
}

// next returns the next frame that passes up to the time limit. Without one, it
// returns the earliest time at which there may be one.
func (w *world) next(limit time.Time) (f pkttest.Frame, due time.Time, ok bool) {
	for { // newWorld plans an arrival and each arrival plans the next: there is always an event
		if due = w.events[0].at; due.After(limit) {
			return f, due, false
		}
		e := heap.Pop(&w.events).(*event)
		if e.act == nil {
			return e.frame, e.at, true
		}
		e.act()
	}
}

func (w *world) plan(at time.Time, act func()) {
	w.order++
	heap.Push(&w.events, &event{at: at, order: w.order, act: act})
}

func (w *world) nextID() uint64 {
	w.count++
	return w.count
}

// arrive begins a conversation and plans the next one.
func (w *world) arrive(now time.Time) {
	w.converse(now, w.nextID(), anyStory)
	if w.burst == 0 && w.pauses.Float64() < burstChance {
		w.burst = burstSize
	}
	pause := time.Duration(w.pauses.ExpFloat64() * float64(meanPause))
	if w.burst > 0 {
		w.burst--
		pause = time.Duration(w.pauses.Int64N(int64(burstPause)))
	}
	phase := 2 * math.Pi * float64(now.Sub(w.begin)) / float64(swingPeriod)
	next := now.Add(time.Duration(float64(pause) / (1 + swing*math.Sin(phase))))
	w.plan(next, func() { w.arrive(next) })
}

// converse begins the conversation with the given number, if it passes here.
func (w *world) converse(begin time.Time, id uint64, choose func(*rand.Rand) story) {
	r := rand.New(rand.NewPCG(w.seed, id))
	s := choose(r)
	if talk, here := s.seenBy(w.at, begin, id, r); here {
		w.tell(&chat{talk, r}, s.first)
	}
}

// tell plays one act of a conversation and plans the next.
func (w *world) tell(c *chat, a act) {
	next := a(c)
	for _, f := range c.talk.Frames() {
		w.order++
		heap.Push(&w.events, &event{at: f.Time, order: w.order, frame: f})
	}
	if next != nil {
		w.plan(c.talk.Now(), func() { w.tell(c, next) })
	}
}

// events is a heap.Interface, earliest first.
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
	old[len(old)-1] = nil // let go of it
	*h = old[:len(old)-1]
	return last
}
