package meter

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

// consistent fails the test if table, index, wheels and free slots of l are inconsistent.
func consistent(t *testing.T, l *lab) {
	t.Helper()
	tb := l.table
	live, changed, free := 0, 0, make([]bool, tb.highWater)
	equal(t, "chunks with free slots", len(tb.free), len(tb.chunks))
	equal(t, "bits for them", len(tb.withFree), (len(tb.chunks)+63)/64)
	equal(t, "bits for slots", len(tb.dirty), len(tb.chunks)*chunkSize/64)
	for _, c := range tb.chunks[len(tb.chunks):cap(tb.chunks)] {
		equal(t, "a chunk behind the last one", c, nil)
	}
	for c := range tb.chunks {
		for slot := tb.free[c]; slot != none; slot = tb.cold(slot).next {
			if slot >= tb.highWater || free[slot] || int(slot/chunkSize) != c || c == tb.draining {
				t.Fatalf("slot %d of %d is free in chunk %d twice, or out of range", slot, tb.highWater, c)
			}
			free[slot] = true
		}
		equal(t, "chunk has room", tb.withFree[c/64]>>(c%64)&1 == 1, tb.free[c] != none)
	}
	for slot := range tb.highWater {
		e := tb.at(slot)
		isDirty := tb.dirty[slot/64]>>(slot%64)&1 == 1
		switch {
		case !e.bits.has(inUse):
			if *e != (entry{}) || isDirty || !free[slot] && int(slot/chunkSize) != tb.draining {
				t.Fatalf("slot %d is neither used nor free, or not empty", slot)
			}
			continue
		case free[slot]:
			t.Fatalf("slot %d is used and free", slot)
		case tb.get(&e.key, tb.hash(&e.key)) != slot:
			t.Fatalf("the index has slot %d, the flow is in slot %d", tb.get(&e.key, tb.hash(&e.key)), slot)
		case e.bits.has(dirty) != isDirty:
			t.Fatalf("slot %d is dirty in entry or bitmap only", slot)
		}
		live++
		if isDirty {
			changed++
		}
	}
	if live != tb.live || changed != tb.changed {
		t.Fatalf("%d flows, %d dirty; the counters are %d and %d", live, changed, tb.live, tb.changed)
	}
	for _, w := range []*wheel{l.flows, l.evictFirst} {
		n := 0
		for b := range w.rings {
			for slot := w.rings[b].next; slot < bucketBase; slot = tb.cold(slot).next {
				if e := tb.at(slot); !e.bits.has(inUse) || l.wheelOf(e) != w || w.of(tb, tb.cold(slot).next).prev != slot {
					t.Fatalf("slot %d in bucket %d does not belong there", slot, b)
				}
				n++
			}
		}
		equal(t, "flows in a wheel", n, w.len)
	}
}

// ticks lets time go by in steps after each of which a table may be made smaller.
func (l *lab) ticks(n int) {
	for range n {
		l.passTime(time.Duration(tickNS))
	}
}

func (l *lab) places() (n int) {
	for i := range l.table.index {
		n += len(l.table.index[i].places)
	}
	return n
}

func TestTableReleasesMemoryAfterAFlood(t *testing.T) {
	const flood, each = 100_000, 100
	l := newLab(t, Config{})
	fill(l, 0, 0, flood)
	f := newFeed(l.engine)
	f.at += int64(sec)
	k := feedKey(flood - 2*each)
	_, e := l.table.find(&k, l.table.hash(&k))
	e.side[0].Packets, e.side[1].Packets = math.MaxUint32-1, math.MaxUint32-1 // one less than fits
	for at := range 3 {                                                       // packets of some flows, the rest times out
		f.at += int64(400 * sec)
		for n := 0; n < flood; n += each {
			f.packet(n)
		}
		l.observe(f.batch)
		f.batch = f.batch[:0]
		if at == 0 {
			var r decode.Result
			r.N, r.HasQuoted, r.Quoted = 1, true, feedKey(flood-each)
			r.Packets[0] = decode.Packet{Key: flow.Key{Proto: flow.ICMP, A: flow.Addr4([4]byte{1, 2, 3, 4})}, HasICMP: true, ICMP: flow.ICMPType{Type: 3, Code: 1}}
			l.observe([]frame{{time: f.at, result: r}})
		}
	}
	before := l.places()
	l.ticks(int(l.table.highWater)/compactStep + 1)
	consistent(t, l)
	equal(t, "flows", l.table.live, flood/each)
	equal(t, "chunks", len(l.table.chunks), keptChunks)
	if l.places() > before/4 {
		t.Errorf("the index has %d places, %d before", l.places(), before)
	}
	l.exportChanged(func(recs []flow.Record) bool {
		equal(t, "records that changed", len(recs), flood/each)
		return true
	})
	equal(t, "flows that changed", l.table.changed, 0)

	l.out = nil
	l.passTime(901 * sec)
	l.counts(flood/each, 0)
	seen := map[int64]bool{}
	for _, r := range l.out {
		n := r.ID - 1 // they began in this order
		want := uint64(4)
		if n == flood-2*each {
			want = 2*math.MaxUint32 - 2 + 3
		}
		if seen[n] || n%each != 0 || r.Sent.Packets+r.Recv.Packets != want || r.EndReason != flow.IdleTimeout {
			t.Fatalf("%+v, want %d packets", r, want)
		}
		seen[n] = true
		equal(t, "an error quoted it", r.Error.From.IsValid(), n == flood-each)
	}
	equal(t, "errors and counters left", len(l.errors)+len(l.extras), 0)
	consistent(t, l)
}

func TestRelocatedFlowIsMatchedInReverse(t *testing.T) {
	l := newLab(t, Config{})
	fill(l, 0, 0, 8*chunkSize)
	question := pkttest.Eth().VLAN(1).IPv4(client, server).UDP(40000, 5001)
	for at := time.Duration(0); at < 950*sec; at += 50 * sec {
		l.see(at, question)
	}
	slot := l.table.highWater - 1
	l.ticks(10)
	if l.table.highWater >= slot {
		t.Fatalf("the flow in slot %d was not relocated: the table has %d slots", slot, l.table.highWater)
	}
	l.out = nil
	l.see(951*sec, pkttest.Eth().VLAN(2).IPv4(server, client).UDP(5001, 40000))
	r := l.only()
	equal(t, "packets sent", r.Sent.Packets, 19)
	equal(t, "packets received", r.Recv.Packets, 1)
}

func TestGrowingTableUsesSlotsOfTheDrainingChunk(t *testing.T) {
	l := newLab(t, Config{Timeouts: Timeouts{Established: 10 * sec}})
	fill(l, 0, 0, 8*chunkSize)
	l.passTime(11 * sec)
	for l.table.draining < 0 || l.table.highWater%chunkSize == 0 {
		l.ticks(1)
	}
	made, chunks := l.table.highWater, len(l.table.chunks)
	consistent(t, l)
	fill(l, 20*sec, 100_000, int(made))
	consistent(t, l)
	equal(t, "slots", l.table.highWater, made)
	fill(l, 20*sec, 200_000, chunks*chunkSize-int(made))
	consistent(t, l)
	equal(t, "chunks", len(l.table.chunks), chunks)
	equal(t, "flows", l.table.live, chunks*chunkSize)
}

func TestFlowsWithUnconfirmedTimestampsAreNotRelocated(t *testing.T) {
	l := newLab(t, Config{})
	fill(l, 0, 0, 8*chunkSize)
	l.passTime(901 * sec)
	l.see(902*sec, udp(1000, 53))
	l.see(902*sec, udp(1001, 53))
	made := l.table.highWater
	l.see(100*time.Hour, udp(1001, 53))
	l.ticks(20)
	equal(t, "slots", l.table.highWater, made)
	l.see(905*sec, udp(1000, 53)) // back to the present
	l.ticks(20)
	if l.table.highWater == made {
		t.Error("the table did not shrink")
	}
	consistent(t, l)
	l.passTime(61 * sec)
	equal(t, "flows", l.table.live, 0)
}

func TestAlternatingFloodsLoseNothing(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 7))
		l := newLab(t, Config{MaxFlows: 30_000 + rng.IntN(30_000), Timeouts: Timeouts{Active: time.Duration(rng.IntN(2)) * time.Minute}})
		l.interfaceName = func(uint16) string { return "" }
		var in flow.Counters
		now, most, least := epoch.UnixNano(), 0, math.MaxInt
		for n := range 100_000 {
			isFlood := n/25_000%2 == 0
			r := decode.Result{N: 1 + rng.IntN(2)}
			for i := range r.N {
				p := randomPacket(rng)
				p.Key.VLAN[0] = uint16(rng.IntN(2))
				if isFlood {
					p.Key.Interface = uint16(rng.Uint32())
				}
				r.Packets[i] = p
				in.Add(flow.Counters{Packets: 1, Octets: uint64(p.Octets)})
			}
			if p := randomPacket(rng); rng.IntN(10) == 0 {
				r.Quoted, r.HasQuoted = p.Key, true
			}
			if now += rng.Int64N(int64(ms)); !isFlood {
				now += rng.Int64N(int64(200 * ms))
			}
			l.observe([]frame{{time: now, result: r}})
			most = max(most, len(l.table.chunks))
			if n > 40_000 {
				least = min(least, len(l.table.chunks))
			}
			if n%10_000 == 0 {
				consistent(t, l)
			}
		}
		if most <= keptChunks+2 || least > keptChunks+1 {
			t.Errorf("seed %d: from %d to %d chunks: nothing shrank", seed, most, least)
		}
		for _, slot := range l.remainingFlows() {
			l.endLast([]uint32{slot})
		}
		checkRecords(t, seed, l, in, epoch.UnixNano(), now)
	}
}
