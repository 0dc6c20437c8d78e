package meter

import (
	"cmp"
	"sync/atomic"
)

// Budget limits the flows that several meters have open together, so that a busy meter can use
// what the others don't need. A meter acquires flows as its table grows and releases them as it
// shrinks, budgetStep at a time.
//
// The guarantees, for n flows and m meters:
//
//   - All meters together never have more than n flows open.
//   - Each meter has a reserve of n/(8m) flows, at least 1, from [New] until Run
//     returns, which it can always open. A single meter has all n.
//   - Beyond its reserve, a meter holds at most 2×budgetStep-1 = 511 unused flows.
//   - When Run returns, with or without an error, all flows of its meter are free.
//
// For example, one of 8 meters can open 890,625 of 1,000,000 flows while the others
// are idle. A meter that needs a flow when none is free evicts a flow from its own table.
type Budget struct {
	reserve   int          // flows that each meter always has
	joinsLeft atomic.Int64 // meters that may still join
	free      atomic.Int64 // flows outside the reserves that no meter holds
}

// NewBudget returns a budget of the given number of flows (≤ 0: [DefaultMaxFlows]) for the given
// number of meters (≤ 0: 1). It has at least one flow per meter. The number of meters is a
// total: New panics for one more, even after others have ended.
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

// share is the part of a budget that one meter holds. Only the goroutine of the meter uses it.
type share struct {
	budget *Budget
	flows  int // that the meter may have open
}

// join returns the share of a new meter: its reserve.
func (b *Budget) join() share {
	if b.joinsLeft.Add(-1) < 0 {
		panic("meter: more meters than their budget was made for")
	}
	return share{budget: b, flows: b.reserve}
}

// grow acquires up to budgetStep flows. It reports false if none is free.
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

// shrink releases flows that live flows don't need. It keeps budgetStep spare, so that few of
// the flows that begin and end cost an atomic operation.
func (s *share) shrink(live int) {
	if s.flows-live < 2*budgetStep {
		return
	}
	if n := min(s.flows-live-budgetStep, s.flows-s.budget.reserve); n > 0 {
		s.flows -= n
		s.budget.free.Add(int64(n))
	}
}

// release returns the whole share, when the meter ends.
func (s *share) release() {
	s.budget.free.Add(int64(s.flows))
	s.flows = 0
}
