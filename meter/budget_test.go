package meter

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"weir/capture"
	"weir/decode"
	"weir/flow"
)

// sharers returns labs that share a budget.
func sharers(t *testing.T, flows, n int) (*Budget, []*lab) {
	b := NewBudget(flows, n)
	labs := make([]*lab, n)
	for i := range labs {
		labs[i] = newLab(t, Config{Budget: b})
	}
	return b, labs
}

// fill observes n packets of different flows, from flow number first on.
func fill(l *lab, at time.Duration, first, n int) {
	f := newFeed(l.engine)
	f.at += int64(at)
	for i := range n {
		f.packet(first + i)
	}
	l.observe(f.batch)
}

// has fails the test unless that many flows are open and were evicted.
func (l *lab) has(open, evicted int) {
	l.t.Helper()
	equal(l.t, "flows open", l.table.live, open)
	equal(l.t, "flows evicted", l.evicted, uint64(evicted))
}

func TestBudgetIsSplitIntoReservesAndFreeFlows(t *testing.T) {
	for _, c := range []struct{ flows, meters, reserve, free int }{
		{1_000_000, 8, 15_625, 875_000},
		{1_000_000, 2, 62_500, 875_000},
		{1_000_000, 1, 1_000_000, 0},
		{0, 8, DefaultMaxFlows / 64, DefaultMaxFlows * 7 / 8},
		{-5, 0, DefaultMaxFlows, 0},
		{100, 8, 1, 92},
		{9, 8, 1, 1},
		{8, 8, 1, 0},
		{3, 8, 1, 0}, // fewer flows than meters: one for each
		{1, 1, 1, 0},
	} {
		b := NewBudget(c.flows, c.meters)
		equal(t, "reserve", b.reserve, c.reserve)
		equal(t, "free", int(b.free.Load()), c.free)
	}
}

func TestBudgetRejectsMoreMetersThanDeclared(t *testing.T) {
	b := NewBudget(100, 2)
	first, second := b.join(), b.join()
	first.release()
	second.release()
	defer func() {
		if recover() == nil {
			t.Error("a third meter joined")
		}
	}()
	b.join()
}

func TestBusyMeterUsesFlowsThatOthersDoNotNeed(t *testing.T) {
	_, labs := sharers(t, 8000, 8) // 125 reserved for each
	busy := labs[0]
	fill(busy, 0, 0, 8000-7*125)
	busy.has(7125, 0)
	fill(busy, sec, 10_000, 3)
	busy.has(7125, 3)
	for _, r := range busy.out {
		equal(t, "end reason", r.EndReason, flow.LackOfResources)
	}
}

func TestMeterCanAlwaysOpenItsReserve(t *testing.T) {
	_, labs := sharers(t, 8000, 8)
	fill(labs[0], 0, 0, 10_000)
	for _, quiet := range labs[1:] {
		fill(quiet, 0, 0, 125)
		quiet.has(125, 0)
		fill(quiet, sec, 1000, 2)
		quiet.has(125, 2) // of the quiet meter's flows
	}
	labs[0].has(7125, 10_000-7125)
}

func TestEndedFlowsAreAvailableToOtherMeters(t *testing.T) {
	b, labs := sharers(t, 8000, 2) // 500 reserved for each
	first, second := labs[0], labs[1]
	fill(first, 0, 0, 7500)
	fill(second, 0, 0, 1000)
	first.has(7500, 0)
	second.has(500, 500)
	first.passTime(901 * sec)
	first.has(0, 0)
	equal(t, "flows that the first keeps", first.share.flows, 500)
	fill(second, sec, 2000, 7000)
	second.has(7500, 500)
	equal(t, "free", b.free.Load(), 0)

	second.share.release() // as a meter that ends
	fill(first, 1000*sec, 0, 8000)
	first.has(8000, 0)
}

func TestSingleMeterHasTheWholeBudget(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 3000})
	for range 3 {
		fill(l, 0, 0, 3000)
		l.has(3000, 0)
		l.passTime(901 * sec)
		equal(t, "its flows", l.share.flows, 3000)
	}
}

// manyFlows is a packet of one of some ten thousand flows.
func manyFlows(rng *rand.Rand) decode.Packet {
	p := randomPacket(rng)
	p.Key.Interface = uint16(rng.IntN(60))
	return p
}

// newSharer is an engine whose open flows are counted: after there was room for one,
// and before its room is given back.
func newSharer(b *Budget, began, ended func()) *engine {
	var id int64
	var r flow.Record
	cfg := Config{Budget: b, NextID: func() int64 { id++; began(); return id }, Timeouts: Timeouts{Active: time.Minute}}
	return newEngine(cfg.withDefaults(), func(uint16) string { return "" }, func(bool) *flow.Record { ended(); return &r })
}

func TestOpenFlowsNeverExceedTheBudgetAndAllAreReleased(t *testing.T) {
	var evicted, most uint64
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 3))
		meters := 1 + int(seed%5)
		total := []int{meters, 40, 700, 2500, 6000}[rng.IntN(5)]
		b := NewBudget(total, meters)
		total = max(total, meters)
		var all []*engine
		check := func() {
			live, shares := 0, int(b.free.Load())
			for _, g := range all {
				live += g.table.live
				shares += g.share.flows
			}
			most = max(most, uint64(live))
			if live > total || shares != total {
				t.Fatalf("seed %d: %d flows are open, %d acquired, of a budget of %d", seed, live, shares, total)
			}
		}
		for range meters {
			all = append(all, newSharer(b, check, func() {}))
		}
		check()
		now, busy := epoch.UnixNano(), 0
		for n := range 24_000 {
			if n%3000 == 0 {
				busy = rng.IntN(meters)
			}
			i := busy
			if rng.IntN(4) == 0 {
				i = rng.IntN(meters)
			}
			if now += rng.Int64N(int64(10 * ms)); rng.IntN(5000) == 0 {
				now += int64(1000 * sec)
			}
			g := all[i]
			g.observe([]frame{{time: now, result: decode.Result{N: 1, Packets: [decode.MaxLayers]decode.Packet{manyFlows(rng)}}}})
			check()
			unused := g.share.flows - g.table.live
			if unused < 0 || g.share.flows < b.reserve || g.share.flows > b.reserve && unused >= 2*budgetStep {
				t.Fatalf("seed %d: %d flows are open, %d may be, %d are reserved", seed, g.table.live, g.share.flows, b.reserve)
			}
		}
		for _, g := range all {
			evicted += g.evicted
			g.endLast(g.remainingFlows())
			check()
			g.share.release()
		}
		equal(t, "free at the end", int(b.free.Load()), total)
	}
	if evicted == 0 || most < 3000 {
		t.Errorf("%d flows were evicted, %d were open at a time", evicted, most)
	}
}

func TestMetersShareABudgetConcurrently(t *testing.T) {
	const meters, flows, packets = 8, 4000, 30_000
	b := NewBudget(flows, meters)
	var open, tooMany, evicted atomic.Int64
	var wg sync.WaitGroup
	for seed := range uint64(meters) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, 4))
			g := newSharer(b, func() {
				if open.Add(1) > flows {
					tooMany.Add(1)
				}
			}, func() { open.Add(-1) })
			now := epoch.UnixNano()
			for n := range packets {
				now += rng.Int64N(int64(ms))
				if n%10_000 == int(seed)*1000 {
					now += int64(1000 * sec)
				}
				g.observe([]frame{{time: now, result: decode.Result{N: 1, Packets: [decode.MaxLayers]decode.Packet{manyFlows(rng)}}}})
			}
			evicted.Add(int64(g.evicted))
			g.endLast(g.remainingFlows())
			g.share.release()
		})
	}
	wg.Wait()
	equal(t, "times that too many flows were open", tooMany.Load(), 0)
	equal(t, "open at the end", open.Load(), 0)
	equal(t, "free at the end", b.free.Load(), flows)
	if evicted.Load() == 0 {
		t.Error("no flow was evicted: the budget was not used up")
	}
}

func TestSharesGrowAndShrinkConcurrently(t *testing.T) {
	const meters, flows, rounds = 8, 3000, 20_000 // beyond the reserves there is room for 10 steps
	b := NewBudget(flows, meters)
	var shared, tooMany, refused atomic.Int64
	shared.Store(meters * int64(b.reserve))
	var wg sync.WaitGroup
	for range meters {
		wg.Go(func() {
			s := b.join()
			for n := range rounds {
				if before := s.flows; !s.grow() {
					refused.Add(1)
				} else if shared.Add(int64(s.flows-before)) > flows {
					tooMany.Add(1)
				}
				if n%16 == 15 && s.flows >= 2*budgetStep {
					shared.Add(int64(budgetStep - s.flows)) // before they are free
					s.shrink(0)
				}
			}
			shared.Add(int64(-s.flows))
			s.release()
		})
	}
	wg.Wait()
	equal(t, "times that too many flows were shared out", tooMany.Load(), 0)
	equal(t, "free at the end", b.free.Load(), flows)
	if refused.Load() == 0 {
		t.Error("the budget was not used up")
	}
}

func TestRemainingFlowsAreReleasedAsTheyEnd(t *testing.T) {
	b, labs := sharers(t, 8000, 2) // 500 reserved for each
	fill(labs[0], 0, 0, 7000)
	equal(t, "free", b.free.Load(), 7000-26*budgetStep)
	slots := labs[0].remainingFlows()
	labs[0].endLast(slots[:4000])
	equal(t, "free", b.free.Load(), 7000-(26-15)*budgetStep) // all but 316
	labs[0].endLast(slots[4000:])
	equal(t, "free", b.free.Load(), 7000)
}

func TestMeterReleasesItsFlowsHoweverItEnds(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		live   bool
		end    func(cancel context.CancelFunc) error // how the source ends
		putErr error
		want   error
	}{
		"at the end of a file":      {false, func(context.CancelFunc) error { return io.EOF }, nil, nil},
		"by an error of its source": {false, func(context.CancelFunc) error { return broken }, nil, broken},
		"by an error of its sink":   {false, func(context.CancelFunc) error { return io.EOF }, broken, broken},
		"cancelled": {true, func(cancel context.CancelFunc) error {
			cancel()
			return errors.New("closed")
		}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var clock wallClock
			b := NewBudget(4000, 2)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			src := &script{live: c.live}
			src.numbered(&clock, 3000, time.Microsecond)
			src.look(func() { // 11 steps are 2750 flows beyond the reserve, rounded up
				equal(t, "free meanwhile", b.free.Load(), 3500-11*budgetStep)
			})
			src.do(func(*capture.Frame) error { return c.end(cancel) })
			m := New(Config{Now: clock.now, Budget: b}, src, &store{putErr: c.putErr})
			equal(t, "free before", b.free.Load(), 3500)
			if err := m.Run(ctx); !errors.Is(err, c.want) {
				t.Errorf("Run returned %v, want %v", err, c.want)
			}
			equal(t, "ended", m.Health().Ended, 3000)
			equal(t, "free but for the other one's reserve", b.free.Load(), 3750)
		})
	}
}

func TestEndedMeterFreesItsTable(t *testing.T) {
	var clock wallClock
	src := &script{}
	src.numbered(&clock, 10_000, time.Microsecond)
	m := New(Config{Now: clock.now}, src, discard{})
	table := weak.Make(m.engine.table)
	if err := m.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	if table.Value() != nil {
		t.Error("the table is still there")
	}
	equal(t, "flows begun", m.Health().Created, 10_000)
}

func TestMeterWithoutFlowsUsesLittleMemory(t *testing.T) {
	const meters = 8
	b := NewBudget(DefaultMaxFlows, meters)
	kept := make([]*Meter, meters)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range kept {
		kept[i] = New(Config{Budget: b}, &script{}, discard{})
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / meters; each > 1<<20 {
		t.Errorf("a meter takes %d octets before its first flow", each)
	}
	runtime.KeepAlive(kept)
}
