package meter

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
)

// randomPacket returns a packet of one of a few hundred flows, in any state, with any flags,
// possibly fragmented.
func randomPacket(rng *rand.Rand) decode.Packet {
	k := flow.Key{
		A:     flow.Addr4([4]byte{10, 0, 0, byte(rng.IntN(4))}),
		B:     flow.Addr4([4]byte{10, 0, 0, byte(rng.IntN(4))}),
		PortA: uint16(rng.IntN(4)) * 20000,
		PortB: uint16(rng.IntN(4)) * 20000,
		Proto: []flow.Proto{flow.TCP, flow.TCP, flow.TCP, flow.UDP, flow.ICMP, flow.ESP}[rng.IntN(6)],
	}
	p := decode.Packet{
		Octets:   uint32(rng.IntN(1500)),
		TTL:      uint8(rng.Uint32()),
		FragID:   uint32(rng.IntN(8)),
		HasIPID:  true,
		HasPorts: k.Proto.HasPorts(),
	}
	switch k.Proto {
	case flow.TCP:
		p.HasTCP, p.Seq, p.Ack, p.Flags = true, uint32(rng.IntN(3)), uint32(rng.IntN(3)), flow.Flags(rng.Uint32())
	case flow.ICMP:
		p.HasICMP, p.ICMP = true, flow.ICMPType{Type: uint8(rng.IntN(12))}
		p.Request, p.Reply = p.ICMP.Type == 8, p.ICMP.Type == 0
	}
	if rng.IntN(5) == 0 {
		p.Fragment, p.FirstFrag, p.LastFrag = true, rng.IntN(2) == 0, rng.IntN(2) == 0
		if !p.FirstFrag {
			p.HasPorts, p.HasTCP, k.PortA, k.PortB = false, false, 0, 0
		}
	}
	p.FromB = k.Canonical()
	p.Key = k
	return p
}

// randomTime advances t: mostly a little, sometimes far, sometimes back.
func randomTime(rng *rand.Rand, t int64) int64 {
	switch rng.IntN(20) {
	case 0:
		return t - rng.Int64N(int64(time.Second))
	case 1:
		return t + rng.Int64N(int64(100*time.Second))
	case 2:
		if rng.IntN(20) == 0 {
			return t - rng.Int64N(int64(time.Hour))
		}
	}
	return t + rng.Int64N(int64(time.Second))
}

func TestAllCountedPacketsAreExported(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 0))
		l := newLab(t, Config{
			MaxFlows: 1 + rng.IntN(400),
			Timeouts: Timeouts{Active: time.Duration(rng.IntN(2)) * time.Minute},
		})
		l.live = seed%2 == 0
		var in flow.Counters
		first, last := int64(1<<62), int64(0)
		now := epoch.UnixNano()
		for range 5000 {
			r := decode.Result{N: 1 + rng.IntN(2)}
			for i := range r.N {
				r.Packets[i] = randomPacket(rng)
				in.Add(flow.Counters{Packets: 1, Octets: uint64(r.Packets[i].Octets)})
			}
			if p := randomPacket(rng); rng.IntN(10) == 0 {
				r.Quoted, r.HasQuoted = p.Key, true
			}
			now = randomTime(rng, now)
			first, last = min(first, now), max(last, now)
			l.observe([]frame{{time: now, result: r}})
			if l.table.live > l.cfg.MaxFlows {
				t.Fatalf("seed %d: %d flows, %d allowed", seed, l.table.live, l.cfg.MaxFlows)
			}
			if l.flows.len+l.evictFirst.len != l.table.live {
				t.Fatalf("seed %d: %d flows, %d+%d scheduled in the wheels", seed, l.table.live, l.flows.len, l.evictFirst.len)
			}
		}
		for _, slot := range l.remainingFlows() {
			l.endLast([]uint32{slot})
		}
		checkRecords(t, seed, l, in, first, last)
	}
}

func checkRecords(t *testing.T, seed uint64, l *lab, in flow.Counters, first, last int64) {
	var out flow.Counters
	final := map[int64]int{} // by id: records of late packets replace earlier ones
	for i, r := range l.out {
		if had, ok := final[r.ID]; ok && (!l.live || !l.out[had].HasFlags() || l.out[had].EndReason != flow.EndOfFlow || r.Sent.Packets+r.Recv.Packets <= l.out[had].Sent.Packets+l.out[had].Recv.Packets) {
			t.Fatalf("seed %d: ended twice: %+v and %+v", seed, l.out[had], r)
		}
		final[r.ID] = i
	}
	for i, r := range l.out {
		if final[r.ID] != i {
			continue
		}
		out.Add(r.Sent)
		out.Add(r.Recv)
		if r.End().Before(r.Start) || r.Start.UnixNano() < first || r.Last.UnixNano() > last {
			t.Fatalf("seed %d: from %v to %v, packets from %d to %d", seed, r.Start, r.End(), first, last)
		}
		if r.Open() || r.Sent.Packets+r.Recv.Packets == 0 {
			t.Fatalf("seed %d: open or empty: %+v", seed, r)
		}
		if r.ServerRTT < 0 || r.ClientRTT < 0 || !r.Proto.HasPorts() && r.Src.Port|r.Dst.Port != 0 {
			t.Fatalf("seed %d: %+v", seed, r)
		}
	}
	if out != in {
		t.Fatalf("seed %d: %+v went in, %+v came out", seed, in, out)
	}
	if l.created != l.ended || len(l.errors) != 0 || l.table.live != 0 {
		t.Fatalf("seed %d: created %d, ended %d, errors %d, live %d", seed, l.created, l.ended, len(l.errors), l.table.live)
	}
}

// The look-ups of a batch precede the first of its frames: flows that begin, end or move
// meanwhile must not be confused with previous ones.
func TestBatchesGiveTheSameFlowsAsSingleFrames(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 1))
		cfg := Config{MaxFlows: 1 + rng.IntN(20), Timeouts: Timeouts{Active: time.Duration(rng.IntN(2)) * time.Minute}}
		batched, single := newLab(t, cfg), newLab(t, cfg)
		single.table.seed = batched.table.seed // which answers under another VLAN are found depends on it
		at := epoch.UnixNano()
		for range 100 {
			frames := make([]frame, 1+rng.IntN(decodeBatch))
			for i := range frames {
				f := &frames[i]
				f.time, at = at, randomTime(rng, at)
				for range rng.IntN(decode.MaxLayers) {
					f.result.Packets[f.result.N] = randomPacket(rng)
					f.result.Packets[f.result.N].Key.VLAN[0] = uint16(rng.IntN(2))
					f.result.N++
				}
				if f.result.N > 0 && rng.IntN(10) == 0 {
					f.result.Quoted, f.result.HasQuoted = randomPacket(rng).Key, true
				}
			}
			for i := range frames {
				f := frames[i] // a copy: fragments get the key of their first one
				single.observe([]frame{f})
			}
			batched.observe(frames)
		}
		if !slices.Equal(batched.out, single.out) {
			t.Fatalf("seed %d: %d records end in batches, %d one by one, or they differ", seed, len(batched.out), len(single.out))
		}
		if !slices.Equal(batched.open(), single.open()) {
			t.Fatalf("seed %d: open flows differ", seed)
		}
	}
}
