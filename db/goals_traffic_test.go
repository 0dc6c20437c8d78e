package db

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"weir/flow"
)

// generator makes flows as a network of 40 nodes sees them: few busy nodes, clients and servers and
// many quiet ones, a tenth on IPv6; TCP, DNS and other UDP, pings, scans and refused connections, some
// with VLAN tags.
type generator struct {
	rng            *rand.Rand
	id             int64
	at             time.Time
	nodes          [40]string
	client, server *rand.Zipf
}

// goalRate is the number of flows that start in a second: 10 million in nine hours.
const goalRate = 300

func newGenerator() *generator {
	rng := rand.New(rand.NewPCG(2026, 11))
	g := &generator{rng: rng, at: epoch, client: rand.NewZipf(rng, 1.1, 20, 20_000), server: rand.NewZipf(rng, 1.2, 4, 60_000)}
	for i := range g.nodes {
		g.nodes[i] = fmt.Sprintf("node-%02d", i)
	}
	return g
}

func (g *generator) batch(n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		g.id++
		g.at = g.at.Add(time.Duration(g.rng.ExpFloat64() * float64(time.Second) / goalRate))
		recs[i] = g.record()
	}
	return recs
}

// octets returns an even number, so that a search for an odd one finds nothing.
func (g *generator) octets(mean float64) uint64 {
	return 40 + 2*uint64(math.Min(math.Exp(g.rng.NormFloat64()*1.6)*mean/2, 1e12))
}

func (g *generator) record() flow.Record {
	c, s := g.client.Uint64(), g.server.Uint64()
	src, dst := netip.AddrFrom4([4]byte{10, byte(c >> 12), byte(c >> 6 & 63), byte(c&63) + 1}), netip.AddrFrom4([4]byte{198, 18 + byte(s>>14), byte(s >> 6), byte(s&63) + 1})
	if g.rng.IntN(10) == 0 {
		src = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, byte(c >> 8), 15: byte(c)})
		dst = netip.AddrFrom16([16]byte{0x2a, 0, 0x14, 0x50, byte(s >> 12), byte(s >> 4), 15: byte(s)})
	}
	length := time.Duration(math.Exp(g.rng.NormFloat64()*2) * float64(200*time.Millisecond))
	r := flow.Record{
		ID: g.id, Node: g.nodes[int(math.Pow(g.rng.Float64(), 2)*40)], Interface: "eth" + string(rune('0'+g.rng.IntN(3))),
		Start: g.at, Last: g.at.Add(min(length, time.Hour)), EndReason: flow.EndOfFlow,
		Src:     flow.Endpoint{Addr: src, Port: uint16(32768 + g.rng.IntN(28232))},
		Dst:     flow.Endpoint{Addr: dst},
		SrcSide: flow.Side{MinTTL: 64, IPID: flow.Seq32{Value: g.rng.Uint32() & 0xffff, Seen: src.Is4()}},
		DstSide: flow.Side{MinTTL: uint8(64 - g.rng.IntN(20)), IPID: flow.Seq32{Value: g.rng.Uint32() & 0xffff, Seen: src.Is4()}},
	}
	if g.rng.IntN(4) == 0 {
		r.Src.Node = r.Node
	}
	switch kind := g.rng.IntN(100); {
	case kind < 58:
		g.tcp(&r)
	case kind < 92:
		g.udp(&r)
	case kind < 96:
		r.Proto, r.Verdict, r.EndReason, r.Direction = flow.ICMP, flow.Answered, flow.IdleTimeout, flow.ByRequest
		r.Src.Port, r.ICMP, r.ICMPID = 0, flow.ICMPType{Type: 8}, uint16(g.rng.IntN(65536))
		r.Sent = flow.Counters{Packets: 4, Octets: 336}
		r.Recv = r.Sent
	default: // a scan
		r.Proto, r.Verdict, r.EndReason, r.Direction = flow.TCP, flow.NoAnswer, flow.IdleTimeout, flow.BySyn
		r.Dst.Port, r.SYNRetries = uint16(g.rng.IntN(10_000)), uint16(g.rng.IntN(4))
		r.SrcSide.Flags, r.SrcSide.ISN = flow.SYN, flow.Seq32{Value: g.rng.Uint32(), Seen: true}
		r.Sent = flow.Counters{Packets: 1 + uint64(r.SYNRetries), Octets: 60 * (1 + uint64(r.SYNRetries))}
		r.DstSide = flow.Side{}
	}
	g.health(&r)
	if g.rng.IntN(5) == 0 {
		r.VLAN[0] = uint16(100 + g.rng.IntN(20))
	}
	return r
}

func (g *generator) tcp(r *flow.Record) {
	r.Proto, r.Verdict, r.Direction = flow.TCP, flow.Closed, flow.BySyn
	r.Dst.Port = pick(g.rng, uint16(443), 443, 443, 443, 443, 443, 80, 80, 22, 25, 993, 3306, 5432, 8443)
	r.SrcSide.Flags, r.DstSide.Flags = 0x1b, 0x1b
	r.SrcSide.ISN, r.DstSide.ISN = flow.Seq32{Value: g.rng.Uint32(), Seen: true}, flow.Seq32{Value: g.rng.Uint32(), Seen: true}
	r.ServerRTT, r.ClientRTT = time.Duration(g.rng.ExpFloat64()*20e6)+1, time.Duration(g.rng.ExpFloat64()*1e6)+1
	r.Sent = flow.Counters{Octets: g.octets(2_000)}
	r.Recv = flow.Counters{Octets: g.octets(20_000)}
	r.Sent.Packets, r.Recv.Packets = 6+r.Sent.Octets/700, 5+r.Recv.Octets/1300
	if g.rng.IntN(20) == 0 {
		r.Verdict, r.DstSide.Flags = flow.Refused, flow.RST|flow.ACK
		r.SrcSide.Flags, r.Sent, r.Recv = flow.SYN, flow.Counters{Packets: 1, Octets: 60}, flow.Counters{Packets: 1, Octets: 40}
		r.DstSide.ISN, r.ServerRTT, r.ClientRTT = flow.Seq32{}, 0, 0
	}
}

// health sets what the meter counts behind the headers. One flow in five has lost segments, 3 % of
// those it sent; few close their window. Its random numbers are its own, so that the flows stay those
// of earlier measurements.
func (g *generator) health(r *flow.Record) {
	headers := uint64(28)
	if r.Proto == flow.TCP {
		headers = 52
	}
	rng := rand.New(rand.NewPCG(uint64(r.ID), 1))
	lossy, closes := rng.IntN(5) == 0, rng.IntN(200) == 0
	for _, side := range [...]struct {
		of   *flow.Side
		sent flow.Counters
		rtt  time.Duration
	}{{&r.SrcSide, r.Sent, r.ClientRTT}, {&r.DstSide, r.Recv, r.ServerRTT}} {
		s := side.of
		s.Payload = side.sent.Octets - min(side.sent.Octets, headers*side.sent.Packets)
		if r.Proto != flow.TCP || s.Payload == 0 || side.rtt == 0 {
			continue
		}
		s.RTTMin = side.rtt - time.Duration(rng.Float64()*0.3*float64(side.rtt)) + 1
		s.RTTMean = side.rtt + time.Duration(rng.ExpFloat64()*float64(side.rtt))
		if lossy {
			s.Retransmitted.Packets = uint64(rng.ExpFloat64() * 0.03 * float64(side.sent.Packets))
			s.Retransmitted.Octets = s.Retransmitted.Packets * s.Payload / side.sent.Packets
			s.OutOfOrder = uint64(rng.ExpFloat64() * 0.03 * float64(side.sent.Packets))
		}
		if closes {
			s.ZeroWindows = uint64(rng.IntN(8))
		}
	}
}

func (g *generator) udp(r *flow.Record) {
	r.Proto, r.Verdict, r.EndReason, r.Direction = flow.UDP, flow.Answered, flow.IdleTimeout, flow.ByService
	r.Dst.Port = pick(g.rng, uint16(53), 53, 53, 53, 443, 123, 161)
	r.Sent, r.Recv = flow.Counters{Packets: 1, Octets: g.octets(60)}, flow.Counters{Packets: 1, Octets: g.octets(160)}
	if r.Dst.Port == 443 {
		r.Sent, r.Recv = flow.Counters{Octets: g.octets(3_000)}, flow.Counters{Octets: g.octets(30_000)}
		r.Sent.Packets, r.Recv.Packets = 3+r.Sent.Octets/600, 3+r.Recv.Octets/1200
	}
}
