package storetest

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"weir/flow"
)

// Enums holds the enumeration values of random records. Later versions have more
// values, so a file written by an earlier version has records with fewer.
type Enums struct {
	Verdicts   []flow.Verdict
	Directions []flow.Direction
	Tunnels    []flow.TunnelKind
}

// Record returns a random record that starts within 100 s after Now. Values come
// from small sets, so that filters match, and include extremes.
func Record(rng *rand.Rand, id int64) flow.Record {
	r := Enums{flow.Verdicts(), flow.Directions(), flow.TunnelKinds()}.Record(rng, id)
	if rng.IntN(8) == 0 {
		return r // as an earlier version stored it
	}
	r.Uncounted = false
	randomHealth(rng, &r, &r.SrcSide)
	randomHealth(rng, &r, &r.DstSide)
	r.ReplyInterface = pick(rng, "", "", "eth0", "tap1")
	return r
}

// randomHealth sets the fields that Enums.Record leaves out.
func randomHealth(rng *rand.Rand, r *flow.Record, s *flow.Side) {
	s.Payload = pick(rng, uint64(0), 1, 1448, 1<<20, 1<<62)
	if r.Proto != flow.TCP {
		return
	}
	s.Retransmitted = pick(rng, flow.Counters{}, flow.Counters{}, flow.Counters{Packets: 1, Octets: 1448}, flow.Counters{Packets: 1 << 33, Octets: 1 << 62})
	s.OutOfOrder, s.ZeroWindows = pick(rng, uint64(0), 0, 1, 7), pick(rng, uint64(0), 0, 0, 3)
	if s.RTTMin = pick(rng, 0, time.Microsecond, 3*time.Millisecond, time.Minute); s.RTTMin > 0 {
		s.RTTMean = s.RTTMin + time.Duration(rng.IntN(3))*time.Millisecond
	}
}

// Record is like the function Record with the values of v, but Uncounted. Files
// written by earlier versions contain its output, so the sequence of random
// numbers must not change. They contain verdicts that the flags contradict;
// Record corrects them, as reading must.
func (v Enums) Record(rng *rand.Rand, id int64) flow.Record {
	start := Now.Add(time.Duration(rng.IntN(2000)) * 50 * time.Millisecond)
	r := flow.Record{
		ID: id, Node: pick(rng, "fw-1", "FW-1", "edge", "", "core_2"), Interface: pick(rng, "", "eth0", "Eth0", "any%_"),
		Start: start, Last: start.Add(time.Duration(rng.IntN(5)) * time.Second), EndReason: flow.EndReason(rng.IntN(6)),
		Proto: pick(rng, flow.TCP, flow.TCP, flow.UDP, flow.ICMP, flow.ICMPv6, 200),
		Src:   randomEndpoint(rng), Dst: randomEndpoint(rng), Sent: randomCounters(rng), Recv: randomCounters(rng),
		SrcSide: randomSide(rng), DstSide: randomSide(rng),
		Verdict: pick(rng, v.Verdicts...), Direction: pick(rng, v.Directions...),
		ICMPID: uint16(rng.IntN(3) * 0x7fff), ServerRTT: randomRTT(rng), ClientRTT: randomRTT(rng), SYNRetries: uint16(rng.IntN(3) * 0x7fff),
		VLAN:   flow.VLANs{pick(rng, uint16(0), 100, 4094), pick(rng, uint16(0), 100, 200)},
		Tunnel: flow.Tunnel{Kind: pick(rng, v.Tunnels...), ID: pick(rng, uint32(0), 5001, 0xffffffff)},

		Uncounted: true,
	}
	if r.Proto.IsICMP() {
		r.ICMP = flow.ICMPType{Type: uint8(rng.IntN(4)), Code: uint8(rng.IntN(3))}
	}
	if r.Proto != flow.TCP {
		r.SrcSide.Flags, r.DstSide.Flags = 0, 0
	}
	if rng.IntN(4) == 0 {
		r.Error = flow.ICMPError{From: randomAddr(rng), Type: flow.ICMPType{Type: 3, Code: 255}}
	}
	r.Verdict = r.CorrectVerdict()
	return r
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

func randomEndpoint(rng *rand.Rand) flow.Endpoint {
	return flow.Endpoint{Node: pick(rng, "", "", "edge", "Branch-7", "fw-1"), Addr: randomAddr(rng), Port: pick(rng, uint16(0), 22, 53, 443, 8443, 65535)}
}

// randomAddr returns addresses that are edge cases of ranges: IPv6 addresses that
// start with the bytes of an IPv4 address, and both ends of either address space.
func randomAddr(rng *rand.Rand) netip.Addr {
	return netip.MustParseAddr(pick(rng, "10.0.0.1", "10.0.0.2", "10.0.1.255", "10.255.255.255", "192.0.2.1", "0.0.0.0", "255.255.255.255",
		"2001:db8::1", "2001:db8:1::1", "a00:1::", "a00:1::5", "fe80::1", "::", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))
}

func randomCounters(rng *rand.Rand) flow.Counters {
	return flow.Counters{Packets: pick(rng, uint64(0), 1, 2, 1000, 1<<33), Octets: pick(rng, uint64(0), 40, 1500, 1<<20, 1<<62)}
}

func randomSide(rng *rand.Rand) flow.Side {
	seq := func() flow.Seq32 {
		return pick(rng, flow.Seq32{}, flow.Seq32{Seen: true}, flow.Seq32{Value: 0xffffffff, Seen: true})
	}
	return flow.Side{Flags: pick(rng, flow.Flags(0), flow.SYN, flow.SYN|flow.ACK, flow.SYN|flow.ACK|flow.FIN, flow.RST, 0xff),
		ISN: seq(), IPID: seq(), MinTTL: pick(rng, uint8(0), 64, 255)}
}

func randomRTT(rng *rand.Rand) time.Duration { return pick(rng, 0, time.Millisecond, 3*time.Second) }

// population returns n random records. Ids are nearly ordered by start time; some
// records are much older, as after reading an old capture file, or start in the
// future.
func population(rng *rand.Rand, n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		recs[i] = Record(rng, 0)
	}
	slices.SortStableFunc(recs, func(a, b flow.Record) int { return a.Start.Compare(b.Start) })
	for i := range recs {
		r := &recs[i]
		r.ID = int64(i + 1)
		switch rng.IntN(100) {
		case 4, 5: // long-lived
			r.Start = r.Start.Add(-pick(rng, 20*time.Second, 3*time.Hour, 240*time.Hour))
		case 0, 1:
			other := &recs[rng.IntN(i+1)]
			r.Start, other.Start = other.Start, r.Start
			r.Last, other.Last = other.Last, r.Last
		case 2:
			move(r, Now.Add(-pick(rng, time.Second, time.Hour, 240*time.Hour)))
		case 3:
			move(r, Now.Add(futureSlack).Add(pick(rng, 0, 1, time.Hour, 10_000*time.Hour))) // 0 is within the slack
		}
	}
	return recs
}

// move sets the start of a flow and keeps its duration.
func move(r *flow.Record, start time.Time) { r.Start, r.Last = start, start.Add(r.Duration()) }

// clearSomeTimes sets the times of some records to zero, which means unknown and
// sorts before all others.
func clearSomeTimes(rng *rand.Rand, recs []flow.Record) {
	for i := range recs {
		if rng.IntN(100) == 0 {
			recs[i].Start, recs[i].Last = time.Time{}, time.Time{}
		}
	}
}
