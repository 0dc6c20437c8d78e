package meter

import (
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"weir/decode"
	"weir/flow"
)

// numbered is one of many keys.
func numbered(n int) flow.Key {
	return flow.Key{A: flow.Addr4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), PortA: uint16(n), Proto: flow.UDP}
}

func TestTableEqualsAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	tb, model := newTable(), map[int]uint32{}
	for range 200_000 {
		n := rng.IntN(5000)
		k := numbered(n)
		slot := tb.get(&k, tb.hash(&k))
		want, ok := model[n]
		if !ok {
			want = none
		}
		if slot != want {
			t.Fatalf("key %d is in slot %d, want %d", n, slot, want)
		}
		h := tb.hash(&k)
		if guess := tb.guess(h, tb.home(h)); ok && guess == none || guess != none && tb.hash(&tb.at(guess).key) != h {
			t.Fatalf("key %d is guessed to be in slot %d, want %d or one with the same hash", n, guess, want)
		} else if guess != none && uint32(*tb.home(h)) != guess {
			t.Fatalf("key %d was looked up and isn't at home", n)
		}
		switch {
		case !ok:
			model[n], _ = tb.insert(&k, tb.hash(&k))
		case rng.IntN(2) == 0:
			tb.delete(slot, tb.at(slot), h)
			delete(model, n)
		}
		if tb.live != len(model) {
			t.Fatalf("%d live, want %d", tb.live, len(model))
		}
	}
	equal(t, "slots", len(tb.slots()), len(model))
	used, places := 0, 0
	for i := range tb.index {
		used += tb.index[i].used
		places += len(tb.index[i].places)
	}
	equal(t, "places in use", used, len(model))
	if places > 5*5000 {
		t.Errorf("the index of at most 5000 flows grew to %d places", places)
	}
}

func TestEveryPartOfTheKeyIsHashed(t *testing.T) {
	tb := newTable()
	base := flow.Key{}
	seen := map[uint32]int{tb.hash(&base): -1}
	bytes := unsafe.Sizeof(base)
	for i, change := range []func(*flow.Key){
		func(k *flow.Key) { k.A[0] = 1 }, func(k *flow.Key) { k.A[15] = 1 }, func(k *flow.Key) { k.B[0] = 1 },
		func(k *flow.Key) { k.B[15] = 1 }, func(k *flow.Key) { k.PortA = 1 }, func(k *flow.Key) { k.PortB = 1 },
		func(k *flow.Key) { k.VLAN[0] = 1 }, func(k *flow.Key) { k.VLAN[1] = 1 }, func(k *flow.Key) { k.Tunnel.ID = 1 },
		func(k *flow.Key) { k.Tunnel.Kind = 1 }, func(k *flow.Key) { k.Interface = 1 }, func(k *flow.Key) { k.Proto = 1 },
		func(k *flow.Key) { k.ICMPClass = 1 },
	} {
		k := base
		change(&k)
		h := tb.hash(&k)
		if other, ok := seen[h]; ok {
			t.Errorf("changes %d and %d of the key (%d bytes) hash alike", i, other, bytes)
		}
		seen[h] = i
	}
}

func TestEntryIsSmallAndWithoutPointers(t *testing.T) {
	if size := unsafe.Sizeof(entry{}); size > 128 {
		t.Errorf("an entry has %d bytes, want at most 128", size)
	}
}

func TestWheelReturnsEachEntryOnceWhenDue(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tb, w := newTable(), newWheel()
	deadline := map[uint32]int64{}
	for n := range 3000 {
		k := numbered(n)
		slot, _ := tb.insert(&k, tb.hash(&k))
		deadline[slot] = rng.Int64N(3 * wheelSize * tickNS) // beyond the horizon too
		w.add(tb, slot, deadline[slot])
	}
	for now := int64(0); len(deadline) > 0; now += rng.Int64N(40 * tickNS) {
		for done := false; !done; {
			limit := 1 + rng.IntN(2*decodeBatch)
			up := map[uint32]bool{}
			done = w.advance(tb, now, limit, func(slots []uint32) {
				if len(slots) > decodeBatch {
					t.Fatalf("%d slots at once, %d have room", len(slots), decodeBatch)
				}
				for _, slot := range slots {
					if up[slot] {
						t.Fatalf("slot %d came up twice", slot)
					}
					up[slot] = true
					w.remove(tb, slot)
					if deadline[slot] > now {
						w.add(tb, slot, deadline[slot])
					} else {
						delete(deadline, slot)
					}
				}
			})
			if len(up) > limit || !done && len(up) < limit {
				t.Fatalf("%d entries came up, the limit was %d, done %v", len(up), limit, done)
			}
		}
		for slot, d := range deadline {
			if d <= now-tickNS {
				t.Fatalf("slot %d was due at %d and is not up at %d", slot, d, now)
			}
		}
	}
	equal(t, "entries left", w.len, 0)
}

func TestIsSameComparesAllFields(t *testing.T) {
	fields := []func(*flow.Key){
		func(k *flow.Key) { k.PortA++ }, func(k *flow.Key) { k.PortB++ },
		func(k *flow.Key) { k.VLAN[0]++ }, func(k *flow.Key) { k.VLAN[1]++ },
		func(k *flow.Key) { k.Tunnel.ID++ }, func(k *flow.Key) { k.Tunnel.Kind++ },
		func(k *flow.Key) { k.Interface++ }, func(k *flow.Key) { k.Proto++ }, func(k *flow.Key) { k.ICMPClass++ },
	}
	for i := range 16 {
		fields = append(fields, func(k *flow.Key) { k.A[i]++ }, func(k *flow.Key) { k.B[i]++ })
	}
	a := numbered(1)
	if b := a; !isSame(&a, &b) {
		t.Error("a key is not the same as its copy")
	}
	for i, change := range fields {
		b := a
		if change(&b); isSame(&a, &b) {
			t.Errorf("keys that differ in field %d are the same", i)
		}
	}
}

// What a slot held before is zero when it is free, and so is this key.
func TestEndedFlowWithZeroKeyIsNotFound(t *testing.T) {
	l := newLab(t, Config{})
	at := func(at time.Duration, packets int) frame {
		f := frame{time: epoch.Add(at).UnixNano()}
		f.result.N = packets
		f.result.Packets[0] = decode.Packet{Octets: 40}
		return f
	}
	l.observe([]frame{at(0, 1)})
	l.observe([]frame{at(time.Hour, 0), at(time.Hour, 1)}) // time ends it, before the next packet
	l.counts(1, 1)
}
