package meter

import (
	"math"
	"testing"

	"weir/flow"
)

func TestEndOfAnExportedFlowIsSentFirstAndDroppedLast(t *testing.T) {
	o := outbox{limit: 30}
	for id := range 1000 {
		*o.add(id%50 == 0) = flow.Record{ID: int64(id)}
	}
	equal(t, "dropped", o.unstored, 970)
	var sink store
	equal(t, "all taken", o.offer(&sink), true)
	equal(t, "kept", len(sink.handed), 30)
	for i := range 20 {
		equal(t, "known as open", sink.handed[i].ID, int64(50*i))
	}
	for i := range 10 {
		equal(t, "the newest of the others", sink.handed[20+i].ID, int64(990+i))
	}
}

func TestBatchDoesNotGrowBeyondItsSize(t *testing.T) {
	var o outbox
	const n = 3*batchSize + 5
	for id := range n {
		*o.add(false) = flow.Record{ID: int64(id)}
	}
	var sink store
	o.offer(&sink)
	equal(t, "handed over", len(sink.handed), n)
	for i, r := range sink.handed {
		if r.ID != int64(i) {
			t.Fatalf("record %d is %d", i, r.ID)
		}
	}
	equal(t, "the largest batch", sink.largest, batchSize)
}

func TestExportedFlowIsMarkedExported(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 3})
	var known []bool
	l.emit = func(announced bool) *flow.Record {
		known = append(known, announced)
		return new(flow.Record)
	}
	for i := range uint16(3) {
		l.see(0, udp(5000+i, 5001))
		if i == 0 {
			l.exportChanged(func([]flow.Record) bool { return false }) // refused: not seen
		}
		if i == 1 {
			l.exportChanged(func([]flow.Record) bool { return true })
		}
	}
	for _, slot := range l.remainingFlows() {
		l.endLast([]uint32{slot})
	}
	for i, want := range []bool{true, true, false} {
		equal(t, "known", known[i], want)
	}
}

func TestOpenFlowsAreExportedOnceInBatches(t *testing.T) {
	l := newLab(t, Config{})
	const flows = 2*updateBatch + 100
	f := newFeed(l.engine)
	for n := range flows + decodeBatch {
		f.packet(n)
	}
	live := l.table.live
	seen := map[int64]bool{}
	rounds := 0
	for more := true; more; rounds++ {
		more = l.exportChanged(func(recs []flow.Record) bool {
			for _, r := range recs {
				if seen[r.ID] {
					t.Fatalf("flow %d twice", r.ID)
				}
				seen[r.ID] = true
			}
			return true
		})
	}
	equal(t, "batches", rounds, 3)
	equal(t, "flows", len(seen), live)
	equal(t, "dirty afterwards", l.table.changed, 0)
}

func TestPacketCounterWraps(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, udp(5000, 5001))
	l.table.at(0).side[0].Packets = math.MaxUint32 - 1
	for range 3 {
		l.see(1*sec, udp(5000, 5001))
		equal(t, "taken for a single packet", l.table.at(0).isSingle(), false)
	}
	e := entry{side: [2]side{{Packets: math.MaxUint32}, {Packets: 1}}}
	equal(t, "taken for a single packet, both sides", e.isSingle(), false)
	equal(t, "packets", l.only().Sent.Packets, uint64(math.MaxUint32)+2)
	l.passTime(61 * sec)
	equal(t, "packets of the record", l.out[0].Sent.Packets, uint64(math.MaxUint32)+2)
	equal(t, "carried afterwards", len(l.extras), 0)
}

func TestSteadyStreamOfRecordsAllocatesNothing(t *testing.T) {
	var o outbox
	var sink discard
	stream := func() {
		for range batchSize + batchSize/4 { // one batch and the beginning of another
			o.add(false)
		}
		o.offer(sink)
	}
	stream()
	stream()
	if n := testing.AllocsPerRun(20, stream); n != 0 {
		t.Errorf("%v allocations each time", n)
	}
}
