package meter

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
)

// waitingRoom is the part of fragments that the engine uses.
type waitingRoom interface {
	resolve(p *decode.Packet, now int64) bool
	full() bool
	waiting() bool
	overdue(now int64) bool
	hold(p *decode.Packet, t, now int64)
	release() (decode.Packet, int64)
	releaseFor(first *decode.Packet, count func(*decode.Packet, int64))
}

// slowFragments is the simplest possible model of fragments: the waiting ones are in a slice,
// which is scanned for each first fragment and copied for each release.
type slowFragments struct {
	known map[slowDatagram]firstFragment
	order []slowDatagram // keys of known, the one remembered last at the end
	held  []heldFragment // in order of arrival
}

// slowDatagram identifies a packet that was fragmented.
type slowDatagram struct {
	src, dst flow.Addr
	id       uint32
	proto    flow.Proto // 0 in IPv6
	iface    uint16
	vlan     flow.VLANs
	tunnel   flow.Tunnel
}

func slowDatagramOf(p *decode.Packet) slowDatagram {
	k := &p.Key
	d := slowDatagram{src: k.A, dst: k.B, id: p.FragID, iface: k.Interface, vlan: k.VLAN, tunnel: k.Tunnel}
	if p.HasIPID {
		d.proto = k.Proto
	}
	if p.FromB {
		d.src, d.dst = d.dst, d.src
	}
	return d
}

func newSlowFragments() *slowFragments {
	return &slowFragments{known: make(map[slowDatagram]firstFragment)}
}

func (f *slowFragments) resolve(p *decode.Packet, now int64) bool {
	if !p.MayHavePorts() {
		return true
	}
	if p.FirstFrag {
		if p.HasPorts && !p.LastFrag {
			f.remember(slowDatagramOf(p), firstFragment{key: p.Key, fromB: p.FromB, seen: now})
		}
		return true
	}
	first, ok := f.known[slowDatagramOf(p)]
	if !ok || now-first.seen > fragLife {
		return false
	}
	p.Key, p.FromB = first.key, first.fromB
	return true
}

func (f *slowFragments) remember(d slowDatagram, first firstFragment) {
	if at := slices.Index(f.order, d); at >= 0 {
		f.order = slices.Delete(f.order, at, at+1)
	} else if len(f.order) == fragEntries {
		delete(f.known, f.order[0])
		f.order = slices.Delete(f.order, 0, 1)
	}
	f.order = append(f.order, d)
	f.known[d] = first
}

func (f *slowFragments) waiting() bool { return len(f.held) > 0 }
func (f *slowFragments) full() bool    { return len(f.held) >= heldFragments }

func (f *slowFragments) overdue(now int64) bool {
	return len(f.held) > 0 && now-f.held[0].seen >= holdFor
}

func (f *slowFragments) hold(p *decode.Packet, t, now int64) {
	f.held = append(f.held, heldFragment{packet: *p, time: t, seen: now})
}

func (f *slowFragments) release() (decode.Packet, int64) {
	h := f.held[0]
	f.held = slices.Delete(f.held, 0, 1)
	return h.packet, h.time
}

func (f *slowFragments) releaseFor(first *decode.Packet, count func(*decode.Packet, int64)) {
	d := slowDatagramOf(first)
	left := f.held[:0]
	for _, h := range f.held {
		if slowDatagramOf(&h.packet) != d {
			left = append(left, h)
			continue
		}
		h.packet.Key, h.packet.FromB = first.Key, first.FromB
		count(&h.packet, h.time)
	}
	f.held = left
}

// counted is a packet that was added to its flow.
type counted struct {
	packet decode.Packet
	time   int64
}

// pass passes a fragment to f as the engine does, and returns what is counted.
func pass(f waitingRoom, p decode.Packet, t, now int64) (out []counted) {
	count := func(p *decode.Packet, t int64) { out = append(out, counted{*p, t}) }
	for f.overdue(now) {
		p, t := f.release()
		count(&p, t)
	}
	if !f.resolve(&p, now) {
		if f.full() {
			oldest, at := f.release()
			count(&oldest, at)
		}
		f.hold(&p, t, now)
		return out
	}
	count(&p, t)
	if p.FirstFrag {
		f.releaseFor(&p, count)
	}
	return out
}

// randomFragment returns a fragment of one of n datagrams between some hosts.
func randomFragment(rng *rand.Rand, datagrams int) decode.Packet {
	n := rng.IntN(datagrams)
	k := flow.Key{
		A:         flow.Addr4([4]byte{10, 0, 0, byte(n % 3)}),
		B:         flow.Addr4([4]byte{10, 0, 0, byte(n % 5)}),
		Proto:     []flow.Proto{flow.UDP, flow.UDP, flow.UDP, flow.TCP, flow.ICMP, flow.ESP}[n%6],
		Interface: uint16(n % 2),
		VLAN:      flow.VLANs{uint16(n % 7 / 6)},
		Tunnel:    flow.Tunnel{ID: uint32(n % 11 / 10)},
	}
	p := decode.Packet{Octets: rng.Uint32(), FragID: uint32(n / 2 << 13), HasIPID: n%4 > 0, Fragment: true}
	switch rng.IntN(8) {
	case 0, 1:
		p.FirstFrag = true
	case 2:
		p.FirstFrag, p.LastFrag = rng.IntN(4) == 0, true
	}
	if p.HasPorts = p.FirstFrag && rng.IntN(8) > 0; p.HasPorts {
		k.PortA, k.PortB = uint16(1+n%9), uint16(1+rng.IntN(2)) // another source of the same Identification at times
	}
	p.FromB = k.Canonical()
	p.Key = k
	return p
}

func TestFragmentsEqualTheSimpleModel(t *testing.T) {
	for seed := range uint64(16) {
		rng := rand.New(rand.NewPCG(seed, 2))
		datagrams := []int{3, 100, 1000, 20_000}[seed%4]
		step := []time.Duration{ms / 100, ms, 20 * ms, sec}[seed/4%4]
		quick, slow := waitingRoom(newFragments(newTable())), waitingRoom(newSlowFragments())
		now, waited, gaveUp := int64(0), 0, 0
		for n := range 40_000 {
			now += rng.Int64N(3) * int64(step) // so that times are up to the nanosecond
			at := now
			if rng.IntN(50) == 0 {
				at += maxGap // an unconfirmed timestamp
			}
			p := randomFragment(rng, datagrams)
			got, want := pass(quick, p, int64(n), at), pass(slow, p, int64(n), at)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, fragment %d: counted %+v, want %+v", seed, n, got, want)
			}
			if quick.waiting() != slow.waiting() || quick.full() != slow.full() {
				t.Fatalf("seed %d, fragment %d: waiting %v, full %v", seed, n, quick.waiting(), quick.full())
			}
			for _, c := range got {
				switch {
				case c.time == int64(n):
				case c.packet.Key.PortA == 0:
					gaveUp++
				default:
					waited++
				}
			}
		}
		for slow.waiting() {
			got, at := quick.release()
			want, wantAt := slow.release()
			if got != want || at != wantAt {
				t.Fatalf("seed %d: left is %+v of %d, want %+v of %d", seed, got, at, want, wantAt)
			}
		}
		equal(t, "waiting at the end", quick.waiting(), false)
		if datagrams <= 1000 && waited == 0 || gaveUp == 0 {
			t.Errorf("seed %d: %d fragments found their first fragment, %d did not", seed, waited, gaveUp)
		}
	}
}

func TestArrivalsAreFoundDespiteHashCollisions(t *testing.T) {
	a := newArrivals[int](8, newTable())
	a.table.seed = [7]uint64{} // keys that fold to the same hash: their words are multiplied by 0
	key := func(n int) *flow.Key { return &flow.Key{PortA: uint16(n)} }
	for n := range 8 {
		*a.add(key(n % 4)) = n
	}
	equal(t, "full", a.isFull(), true)
	a.remove(a.find(key(2)))
	a.remove(a.oldest())
	var left []int
	for n := range 4 {
		for slot := a.find(key(n)); slot != none; slot = a.after(slot) {
			left = append(left, *a.at(slot))
		}
	}
	if want := []int{4, 1, 5, 6, 3, 7}; !slices.Equal(left, want) {
		t.Errorf("found %v, want %v", left, want)
	}
	equal(t, "not there", a.find(key(9)), none)
}
