package cli

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// worded is a filter as people write it, with what it means said a second time,
// in Go and without a look at how the filter is parsed or stored.
type worded struct {
	text  string
	means func(r *flow.Record) bool
}

// TestAFilterFindsWhatItsWordsMean writes random filters, and compares what the
// store finds with what they mean, over random flows.
func TestAFilterFindsWhatItsWordsMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	store, _ := writtenStore(t)
	now := time.Now().Truncate(time.Second)
	recs := make([]flow.Record, 1200)
	for i := range recs {
		recs[i] = anyFlow(rng, int64(i+1), now)
	}
	put(t, store, recs...)
	selective := 0
	for range 600 {
		c := anyTerm(rng, now, 2)
		x, err := search.ParseAt(c.text, now, time.UTC)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		var got, want []int64
		err = store.Each(t.Context(), search.Request{Query: search.Query{Filter: x, Order: search.Oldest, Limit: -1}}, func(r *flow.Record) error {
			got = append(got, r.ID)
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		for i := range recs {
			if c.means(&recs[i]) {
				want = append(want, recs[i].ID)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Fatalf("%s finds %d flows, and %d match", c.text, len(got), len(want))
		}
		if len(want) > 0 && len(want) < len(recs) {
			selective++
		}
	}
	if selective < 300 {
		t.Errorf("only %d of the filters tell flows apart: the test tests little", selective)
	}
}

func anyOf[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// anyFlow is a flow out of few values, so that filters hit.
func anyFlow(rng *rand.Rand, id int64, now time.Time) flow.Record {
	addr := func() netip.Addr {
		return netip.MustParseAddr(anyOf(rng, "10.0.0.1", "10.0.0.200", "10.1.0.1", "192.0.2.7", "2001:db8::1", "2001:db9::1"))
	}
	side := func() flow.Side {
		return flow.Side{Flags: anyOf(rng, flow.SYN, flow.SYN|flow.ACK, flow.SYN|flow.ACK|flow.PSH|flow.FIN, flow.RST),
			ISN: flow.Seq32{Value: uint32(rng.IntN(5)), Seen: rng.IntN(2) == 0}, MinTTL: anyOf(rng, uint8(0), 1, 64, 128),
			Payload: uint64(rng.IntN(3)) * 1000, Retransmitted: flow.Counters{Packets: uint64(rng.IntN(2)), Octets: uint64(rng.IntN(2)) * 1000},
			OutOfOrder: uint64(rng.IntN(2)), ZeroWindows: uint64(rng.IntN(3)),
			RTTMin: time.Duration(rng.IntN(3)) * time.Millisecond, RTTMean: time.Duration(rng.IntN(3)) * time.Millisecond}
	}
	start := now.Add(-time.Duration(rng.IntN(7200)) * time.Second)
	r := flow.Record{
		ID: id, Node: anyOf(rng, "edge-1", "edge-2", "core"), Interface: anyOf(rng, "eth0", ""), Start: start,
		Last: start.Add(time.Duration(rng.IntN(20)) * 500 * time.Millisecond), EndReason: anyOf(rng, flow.StillOpen, flow.EndOfFlow, flow.IdleTimeout),
		Proto: anyOf(rng, flow.TCP, flow.TCP, flow.UDP, flow.ICMP), Verdict: anyOf(rng, flow.NoAnswer, flow.Refused, flow.Closed, flow.NoVerdict),
		Src:  flow.Endpoint{Node: anyOf(rng, "", "edge-1"), Addr: addr()},
		Dst:  flow.Endpoint{Node: anyOf(rng, "", "dc-2"), Addr: addr()},
		Sent: flow.Counters{Packets: uint64(rng.IntN(4)), Octets: uint64(rng.IntN(4)) * 1000}, Recv: flow.Counters{Octets: uint64(rng.IntN(3)) * 1024},
		VLAN: flow.VLANs{anyOf(rng, uint16(0), 100, 200)}, SYNRetries: uint16(rng.IntN(3)), Direction: anyOf(rng, flow.BySyn, flow.ByService),
		ServerRTT: time.Duration(rng.IntN(3)) * time.Millisecond, ClientRTT: time.Duration(rng.IntN(2)) * time.Millisecond,
	}
	if r.Proto == flow.TCP {
		r.SrcSide, r.DstSide = side(), side()
	}
	r.Uncounted = rng.IntN(6) == 0
	if r.Proto.HasPorts() {
		r.Src.Port, r.Dst.Port = uint16(40000+rng.IntN(3)), anyOf(rng, uint16(22), 53, 80, 443)
	} else {
		r.ICMP, r.ICMPID = flow.ICMPType{Type: anyOf(rng, uint8(0), 3, 8), Code: uint8(rng.IntN(2))}, uint16(rng.IntN(3))
	}
	if rng.IntN(5) == 0 {
		r.Error = flow.ICMPError{From: addr(), Type: flow.ICMPType{Type: 3, Code: uint8(rng.IntN(3))}}
	}
	r.Verdict = r.CorrectVerdict() // as the store does
	return r
}

// anyTerm is a random filter of the given depth.
func anyTerm(rng *rand.Rand, now time.Time, depth int) worded {
	if depth == 0 || rng.IntN(4) == 0 {
		return anyOf(rng, addrTerm, numberTerm, nameTerm, flagsTerm, wordTerm, timeTerm)(rng, now)
	}
	a, b := anyTerm(rng, now, depth-1), anyTerm(rng, now, depth-1)
	switch rng.IntN(4) {
	case 0:
		return worded{anyOf(rng, "!(", "not (") + a.text + ")", func(r *flow.Record) bool { return !a.means(r) }}
	case 1:
		return worded{"(" + a.text + anyOf(rng, " or ", " || ") + b.text + ")", func(r *flow.Record) bool { return a.means(r) || b.means(r) }}
	}
	return worded{"(" + a.text + ")" + anyOf(rng, " ", " and ", "&&") + "(" + b.text + ")", func(r *flow.Record) bool { return a.means(r) && b.means(r) }}
}

func addrTerm(rng *rand.Rand, _ time.Time) worded {
	net := netip.MustParsePrefix(anyOf(rng, "10.0.0.0/8", "10.0.0.0/24", "10.0.0.1/32", "2001:db8::/32", "0.0.0.0/0", "::/0", "192.0.2.0/29"))
	text := net.String()
	if net.IsSingleIP() {
		text = net.Addr().String()
	}
	src := func(r *flow.Record) bool { return net.Contains(r.Src.Addr) }
	dst := func(r *flow.Record) bool { return net.Contains(r.Dst.Addr) }
	either := func(r *flow.Record) bool { return src(r) || dst(r) }
	failed := func(r *flow.Record) bool { return r.Error.From.IsValid() && net.Contains(r.Error.From) }
	return anyOf(rng, worded{"src:" + text, src}, worded{"dip=" + text, dst}, worded{"ip:" + text, either}, worded{text, either}, worded{"errorip:" + text, failed},
		worded{"src!=" + text, func(r *flow.Record) bool { return !src(r) }},
		worded{"dst:10.0.0.1-10.0.0.255," + text, func(r *flow.Record) bool {
			return dst(r) || netip.MustParsePrefix("10.0.0.0/24").Contains(r.Dst.Addr) && r.Dst.Addr != netip.MustParseAddr("10.0.0.0")
		}})
}

// numberTerm compares each of the numbers of a flow.
func numberTerm(rng *rand.Rand, _ time.Time) worded {
	isn := func(s flow.Seq32) []int64 {
		if !s.Seen {
			return nil
		}
		return []int64{int64(s.Value)}
	}
	some := func(n int64, has bool) []int64 {
		if !has {
			return nil
		}
		return []int64{n}
	}
	field := anyOf(rng, []struct {
		name string
		of   func(r *flow.Record) []int64 // none: the flow has no such number
		at   []int64
		unit string
	}{
		{"sport", func(r *flow.Record) []int64 { return some(int64(r.Src.Port), true) }, []int64{40000, 40001}, ""},
		{"dport", func(r *flow.Record) []int64 { return some(int64(r.Dst.Port), true) }, []int64{22, 53, 443}, ""},
		{"port", func(r *flow.Record) []int64 { return []int64{int64(r.Src.Port), int64(r.Dst.Port)} }, []int64{80, 40002}, ""},
		{"proto", func(r *flow.Record) []int64 { return some(int64(r.Proto), true) }, []int64{1, 6, 17}, ""},
		{"bytes", func(r *flow.Record) []int64 { return some(int64(r.Sent.Octets+r.Recv.Octets), true) }, []int64{0, 1000, 2024}, ""},
		{"sent", func(r *flow.Record) []int64 { return some(int64(r.Sent.Octets/1000), true) }, []int64{1, 2}, "K"},
		{"recv", func(r *flow.Record) []int64 { return some(int64(r.Recv.Octets/1024), true) }, []int64{1, 2}, "KiB"},
		{"packets", func(r *flow.Record) []int64 { return some(int64(r.Sent.Packets), true) }, []int64{0, 2}, ""},
		{"sentpackets", func(r *flow.Record) []int64 { return some(int64(r.Sent.Packets), true) }, []int64{0, 2}, ""},
		{"duration", func(r *flow.Record) []int64 { return some(r.Duration().Milliseconds(), true) }, []int64{500, 5000}, "ms"},
		{"rtt", func(r *flow.Record) []int64 { return some(r.RTT().Milliseconds(), r.RTT() > 0) }, []int64{1, 2, 3}, "ms"},
		{"serverrtt", func(r *flow.Record) []int64 { return some(r.ServerRTT.Milliseconds(), r.ServerRTT > 0) }, []int64{1, 2}, "ms"},
		{"vlan", func(r *flow.Record) []int64 { return some(int64(r.VLAN[0]), r.VLAN[0] > 0) }, []int64{100, 200}, ""},
		{"synretries", func(r *flow.Record) []int64 { return some(int64(r.SYNRetries), true) }, []int64{0, 1}, ""},
		{"payload", func(r *flow.Record) []int64 { return some(int64(r.Payload()/1000), !r.Uncounted) }, []int64{0, 1, 3}, "K"},
		{"recvpayload", func(r *flow.Record) []int64 { return some(int64(r.DstSide.Payload/1000), !r.Uncounted) }, []int64{0, 1}, "K"},
		{"retrans", func(r *flow.Record) []int64 { return some(int64(r.Retransmitted().Packets), r.HasHealth()) }, []int64{0, 1, 2}, ""},
		{"sretrans", func(r *flow.Record) []int64 { return some(int64(r.SrcSide.Retransmitted.Packets), r.HasHealth()) }, []int64{0, 1}, ""},
		{"retransbytes", func(r *flow.Record) []int64 { return some(int64(r.Retransmitted().Octets/1000), r.HasHealth()) }, []int64{0, 1}, "K"},
		{"outoforder", func(r *flow.Record) []int64 { return some(int64(r.OutOfOrder()), r.HasHealth()) }, []int64{0, 1}, ""},
		{"zerowin", func(r *flow.Record) []int64 { return some(int64(r.ZeroWindows()), r.HasHealth()) }, []int64{0, 2}, ""},
		{"rttmin", func(r *flow.Record) []int64 { return some(r.RTTMin().Milliseconds(), r.RTTMin() > 0) }, []int64{1, 2, 3}, "ms"},
		{"rttmean", func(r *flow.Record) []int64 { return some(r.RTTMean().Milliseconds(), r.RTTMean() > 0) }, []int64{1, 2}, "ms"},
		{"icmptype", func(r *flow.Record) []int64 { return some(int64(r.ICMP.Type), r.Proto.IsICMP()) }, []int64{0, 3, 8}, ""},
		{"icmpcode", func(r *flow.Record) []int64 { return some(int64(r.ICMP.Code), r.Proto.IsICMP()) }, []int64{0, 1}, ""},
		{"icmpid", func(r *flow.Record) []int64 { return some(int64(r.ICMPID), r.Proto.IsICMP()) }, []int64{0, 1}, ""},
		{"errorcode", func(r *flow.Record) []int64 { return some(int64(r.Error.Type.Code), r.Error.From.IsValid()) }, []int64{0, 1}, ""},
		{"sttl", func(r *flow.Record) []int64 { return some(int64(r.SrcSide.MinTTL), r.SrcSide.MinTTL > 0) }, []int64{1, 64}, ""},
		{"isn", func(r *flow.Record) []int64 { return append(isn(r.SrcSide.ISN), isn(r.DstSide.ISN)...) }, []int64{0, 2}, ""},
		{"disn", func(r *flow.Record) []int64 { return isn(r.DstSide.ISN) }, []int64{0, 3}, ""},
		{"id", func(r *flow.Record) []int64 { return some(r.ID, true) }, []int64{1, 600}, ""},
	}...)
	n := anyOf(rng, field.at...)
	holds := func(is func(int64) bool) func(*flow.Record) bool {
		return func(r *flow.Record) bool { return slices.ContainsFunc(field.of(r), is) }
	}
	value := fmt.Sprint(n, field.unit)
	if n == 0 { // a duration of 0 needs no unit
		value = "0"
	}
	terms := []worded{
		{field.name + ":" + value, holds(func(m int64) bool { return m == n })},
		{field.name + "=" + value + "," + value, holds(func(m int64) bool { return m == n })},
		{field.name + "!=" + value, func(r *flow.Record) bool { return !slices.Contains(field.of(r), n) }},
		{field.name + ">=" + value, holds(func(m int64) bool { return m >= n })},
		{field.name + ":>" + value, holds(func(m int64) bool { return m > n })},
		{field.name + ":<=" + value, holds(func(m int64) bool { return m <= n })},
		{fmt.Sprintf("%s:%s-%d%s", field.name, value, n+2, field.unit), holds(func(m int64) bool { return n <= m && m <= n+2 })},
	}
	return anyOf(rng, terms...)
}

func nameTerm(rng *rand.Rand, _ time.Time) worded {
	pattern := anyOf(rng, "edge-1", "EDGE-*", "*", "*o*", `""`, "nowhere", "edge-1,core")
	like := func(name string) bool {
		for p := range strings.SplitSeq(strings.Trim(pattern, `"`), ",") {
			if regexp.MustCompile("(?i)^" + strings.ReplaceAll(p, "*", ".*") + "$").MatchString(name) {
				return true
			}
		}
		return false
	}
	return anyOf(rng,
		worded{"node:" + pattern, func(r *flow.Record) bool { return like(r.Node) }},
		worded{"snode:" + pattern, func(r *flow.Record) bool { return like(r.Src.Node) }},
		worded{"dnode!=" + pattern, func(r *flow.Record) bool { return !like(r.Dst.Node) }},
		worded{"anynode:" + pattern, func(r *flow.Record) bool { return like(r.Node) || like(r.Src.Node) || like(r.Dst.Node) }},
		worded{"interface:" + pattern, func(r *flow.Record) bool { return like(r.Interface) }},
		worded{"dc", func(r *flow.Record) bool { return r.Dst.Node == "dc-2" }})
}

func flagsTerm(rng *rand.Rand, _ time.Time) worded {
	of := func(is func(f flow.Flags) bool) func(*flow.Record) bool {
		return func(r *flow.Record) bool { return r.Proto == flow.TCP && is(r.Flags()) }
	}
	return anyOf(rng,
		worded{"flags:syn,ack", of(func(f flow.Flags) bool { return f.Has(flow.SYN) && f.Has(flow.ACK) })},
		worded{"flags:syn,!ack", of(func(f flow.Flags) bool { return f.Has(flow.SYN) && !f.Has(flow.ACK) })},
		worded{"flags:any(fin,rst)", of(func(f flow.Flags) bool { return f.Has(flow.FIN) || f.Has(flow.RST) })},
		worded{"flags:fin|rst,!psh", of(func(f flow.Flags) bool { return (f.Has(flow.FIN) || f.Has(flow.RST)) && !f.Has(flow.PSH) })},
		worded{"flags:=0x12", of(func(f flow.Flags) bool { return f == 0x12 })},
		worded{"!flags:rst", func(r *flow.Record) bool { return r.Proto != flow.TCP || !r.Flags().Has(flow.RST) }},
		worded{"sflags:=syn", func(r *flow.Record) bool { return r.Proto == flow.TCP && r.SrcSide.Flags == flow.SYN }},
		worded{"rst", of(func(f flow.Flags) bool { return f.Has(flow.RST) })})
}

func wordTerm(rng *rand.Rand, _ time.Time) worded {
	port := func(p uint16) func(r *flow.Record) bool {
		return func(r *flow.Record) bool { return r.Src.Port == p || r.Dst.Port == p }
	}
	return anyOf(rng,
		worded{"tcp", func(r *flow.Record) bool { return r.Proto == flow.TCP }},
		worded{"!udp,icmp", func(r *flow.Record) bool { return r.Proto != flow.ICMP && r.Proto != flow.UDP }},
		worded{"443", port(443)}, worded{"ssh", port(22)}, worded{"!53", func(r *flow.Record) bool { return !port(53)(r) }},
		worded{"refused", func(r *flow.Record) bool { return r.Verdict == flow.Refused }},
		worded{"verdict:none,no-answer", func(r *flow.Record) bool { return r.Verdict == flow.NoVerdict || r.Verdict == flow.NoAnswer }},
		worded{"open", (*flow.Record).Open}, worded{"open:no", func(r *flow.Record) bool { return !r.Open() }},
		worded{"reason:idle", func(r *flow.Record) bool { return r.EndReason == flow.IdleTimeout }},
		worded{"direction:syn", func(r *flow.Record) bool { return r.Direction == flow.BySyn }},
		worded{"error:any", func(r *flow.Record) bool { return r.Error.From.IsValid() }},
		worded{"vlan:none", func(r *flow.Record) bool { return r.VLAN == flow.VLANs{} }},
		worded{"isn:none", func(r *flow.Record) bool { return !r.SrcSide.ISN.Seen && !r.DstSide.ISN.Seen }},
		worded{"tunnel:none", func(*flow.Record) bool { return true }})
}

func timeTerm(rng *rand.Rand, now time.Time) worded {
	minutes := 10 + rng.IntN(100)
	at := now.Add(-time.Duration(minutes) * time.Minute)
	clock := at.UTC().Format(time.RFC3339)
	return anyOf(rng,
		worded{fmt.Sprintf("since:%dm", minutes), func(r *flow.Record) bool { return r.Open() || !r.Last.Before(at) }},
		worded{fmt.Sprintf("until:-%dm", minutes), func(r *flow.Record) bool { return r.Start.Before(at) }},
		worded{"start>" + clock, func(r *flow.Record) bool { return r.Start.After(at) }},
		worded{"start<=" + clock, func(r *flow.Record) bool { return !r.Start.After(at) }},
		worded{"end>=" + clock, func(r *flow.Record) bool { return !r.Open() && !r.Last.Before(at) }},
		worded{fmt.Sprintf("end<-%dm", minutes), func(r *flow.Record) bool { return !r.Open() && r.Last.Before(at) }},
		worded{"start:" + clock + "..now", func(r *flow.Record) bool { return !r.Start.Before(at) && !r.Start.After(now) }})
}
