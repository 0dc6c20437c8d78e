package meter

import (
	"testing"

	"weir/flow"
)

// BenchmarkFragmentsWithoutFirst is fragments without a first fragment, each of another
// datagram, compared with unfragmented packets and with fragments that have their first
// fragment. 1000 flows alternate.
func BenchmarkFragmentsWithoutFirst(b *testing.B) {
	const whole, first, middle, last = 0, 1, 2, 3 // what a packet is
	for _, kind := range []struct {
		name   string
		pieces []int // what each datagram is sent as
		waits  bool  // with fragments without a first fragment: one after every 48 packets
	}{
		{"whole", []int{whole}, false},
		{"in-order", []int{first, middle, last}, false},
		{"first-one-late", []int{middle, last, first}, true},
		{"in-order-while-others-wait", []int{first, middle, last}, true},
		{"without-first", []int{middle}, true},
	} {
		b.Run(kind.name, func(b *testing.B) {
			f := newFeed(newBenchEngine(Config{}))
			datagram := 0
			send := func(piece int) {
				p := f.next()
				n := datagram % 1000
				p.Key = flow.Key{Proto: flow.UDP, A: flow.Addr4([4]byte{10, 0, byte(n >> 8), byte(n)}), B: flow.Addr4([4]byte{10, 9, 9, 9})}
				p.Octets, p.TTL, p.HasIPID, p.FragID = 1500, 64, true, uint32(datagram)
				if p.HasPorts = piece <= first; p.HasPorts {
					p.Key.PortA, p.Key.PortB = 40000, 5001
				}
				p.Fragment, p.FirstFrag, p.LastFrag = piece != whole, piece == first, piece == last
				f.send()
			}
			before, n := cpuTime(), 0
			for b.Loop() {
				piece := kind.pieces[n%len(kind.pieces)]
				send(piece)
				if n++; n%len(kind.pieces) == 0 {
					datagram++
				}
				if kind.waits && n%48 == 0 { // 256 in 13 ms, so that none is given up for the time
					send(middle)
					datagram++
				}
			}
			b.ReportMetric(float64(cpuTime()-before)/float64(n), "cpu-ns/packet")
		})
	}
}
