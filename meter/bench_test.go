package meter

import (
	"context"
	"fmt"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
)

// discard is a Sink that takes everything and keeps nothing.
type discard struct{}

func (discard) Offer([]flow.Record) bool                 { return true }
func (discard) Put(context.Context, []flow.Record) error { return nil }

// BenchmarkPacket is one packet of one of many established flows, in an order
// that no cache foresees.
func BenchmarkPacket(b *testing.B) {
	for _, flows := range []int{10_000, 200_000} {
		b.Run(fmt.Sprintf("%dk", flows/1000), func(b *testing.B) {
			g := newEngine(Config{}.withDefaults(), func(uint16) string { return "" }, func(flow.Record) {})
			packets := make([]decode.Packet, flows)
			for i := range packets {
				packets[i] = decode.Packet{Key: numbered(i), Octets: 100, TTL: 64, HasPorts: true}
			}
			r := decode.Result{N: 1}
			at := time.Now().UnixNano()
			next := 0
			packet := func() {
				r.Packets[0] = packets[next]
				next = (next + 7919*101) % flows // coprime to the number of flows
				at += 1000
				g.observe(at, &r)
			}
			for range flows {
				packet()
			}
			for b.Loop() {
				packet()
			}
		})
	}
}

// BenchmarkFlood is one packet that begins a flow in a full table and evicts
// another one.
func BenchmarkFlood(b *testing.B) {
	g := newEngine(Config{MaxFlows: 200_000}.withDefaults(), func(uint16) string { return "" }, func(flow.Record) {})
	r := decode.Result{N: 1}
	at, n := time.Now().UnixNano(), 0
	packet := func() {
		r.Packets[0] = decode.Packet{Key: numbered(n), Octets: 60, TTL: 64, HasPorts: true}
		r.Packets[0].Key.PortB = uint16(n >> 24)
		n++
		at += 1000
		g.observe(at, &r)
	}
	for range g.cfg.MaxFlows {
		packet()
	}
	for b.Loop() {
		packet()
	}
}
