package meter

import (
	"cmp"
	"sync/atomic"
)

// Budget bounds how many flows several meters have open together, so that a busy
// one can have what the others don't need. A meter takes from it as its table
// grows and gives back as that shrinks, budgetStep flows at a time.
//
// Of a budget of n flows for m meters:
//
//   - All meters together never have more than n flows open.
//   - Each meter has a reserve of n/(8m) flows, at least 1, from [New] until Run
//     returns: so many it can open whatever the others do. A single meter has all n.
//   - Beyond its reserve, a meter keeps 2×budgetStep-1 = 511 flows at most that it
//     doesn't use.
//   - When Run returns, with an error or without, all that its meter had is free
//     for the others.
//
// So one of 8 meters whose others are idle can open 890,625 of 1,000,000 flows.
// A meter that needs a flow when none is free evicts one of its own table.
type Budget struct {
	reserve   int          // flows that each meter has at least
	joinsLeft atomic.Int64 // meters that may still join
	free      atomic.Int64 // flows that no meter has, and none will have by its reserve
}

// NewBudget returns a budget of so many flows (≤ 0: [DefaultMaxFlows]) for so many
// meters (≤ 0: 1). There are at least as many flows as meters. It is for that many
// meters in all: New panics at the next one, also after some have ended.
func NewBudget(flows, meters int) *Budget {
	meters = max(meters, 1)
	flows = max(cmp.Or(max(flows, 0), DefaultMaxFlows), meters)
	b := &Budget{reserve: max(flows/(reserveDivisor*meters), 1)}
	if meters == 1 {
		b.reserve = flows
	}
	b.joinsLeft.Store(int64(meters))
	b.free.Store(int64(flows - meters*b.reserve))
	return b
}

// share is what one meter has of a budget. The meter's goroutine alone uses it.
type share struct {
	budget *Budget
	flows  int // that the meter may have open
}

// join gives a meter its reserve.
func (b *Budget) join() share {
	if b.joinsLeft.Add(-1) < 0 {
		panic("meter: more meters than their budget was made for")
	}
	return share{budget: b, flows: b.reserve}
}

// grow takes some flows, up to budgetStep. It is false if none is free.
func (s *share) grow() bool {
	for {
		free := s.budget.free.Load()
		if free == 0 {
			return false
		}
		n := min(free, budgetStep)
		if s.budget.free.CompareAndSwap(free, free-n) {
			s.flows += int(n)
			return true
		}
	}
}

// shrink gives back what is more than enough for live flows. It keeps budgetStep
// beside them: where flows come and go, few of them cost an atomic operation.
func (s *share) shrink(live int) {
	if s.flows-live < 2*budgetStep {
		return
	}
	if n := min(s.flows-live-budgetStep, s.flows-s.budget.reserve); n > 0 {
		s.flows -= n
		s.budget.free.Add(int64(n))
	}
}

// leave gives everything back, the last thing that a meter does.
func (s *share) release() {
	s.budget.free.Add(int64(s.flows))
	s.flows = 0
}
