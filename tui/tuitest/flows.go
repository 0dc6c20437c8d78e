package tuitest

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"weir/flow"
)

// Zone is the user's time zone in tests.
var Zone = time.FixedZone("", -5*3600)

// Now is the current time in tests: 14:12:07.5 in [Zone].
var Now = time.Date(2024, 11, 14, 19, 12, 7, 500_000_000, time.UTC)

// Flows returns a flow of each kind that looks different, newest first.
func Flows() []flow.Record {
	ip := netip.MustParseAddr
	end := func(r flow.Record, v flow.Verdict, took time.Duration) flow.Record {
		r.Verdict, r.EndReason, r.Last = v, flow.EndOfFlow, r.Start.Add(took)
		return r
	}
	tcp := func(id int64, before time.Duration, src, dst flow.Flags) flow.Record {
		start := Now.Add(-before)
		return flow.Record{
			ID: id, Node: "edge-1", Interface: "eth0", Start: start, Last: start, Proto: flow.TCP, Direction: flow.BySyn,
			Src:  flow.Endpoint{Node: "edge-1", Addr: ip("10.100.1.17"), Port: 51422},
			Dst:  flow.Endpoint{Node: "dc-2", Addr: ip("192.168.100.20"), Port: 443},
			Sent: flow.Counters{Packets: 9, Octets: 1_142}, Recv: flow.Counters{Packets: 12, Octets: 12_431},
			SrcSide: flow.Side{Flags: src, ISN: flow.Seq32{Value: 305419896, Seen: true}, IPID: flow.Seq32{Value: 4711, Seen: true}, MinTTL: 64, Payload: 662},
			DstSide: flow.Side{Flags: dst, MinTTL: 57, Payload: 11_791},
		}
	}
	complete := flow.SYN | flow.ACK | flow.PSH | flow.FIN
	closed := tcp(107, 400*time.Millisecond, complete, complete)
	closed.ServerRTT, closed.ClientRTT = 10_100*time.Microsecond, 2_200*time.Microsecond
	closed.DstSide.ISN = flow.Seq32{Value: 7, Seen: true}
	closed.SrcSide.RTTMin, closed.SrcSide.RTTMean, closed.SrcSide.ZeroWindows = 2_100*time.Microsecond, 2_600*time.Microsecond, 1
	closed.DstSide.RTTMin, closed.DstSide.RTTMean = 9_800*time.Microsecond, 14_250*time.Microsecond
	closed.DstSide.Retransmitted, closed.DstSide.OutOfOrder = flow.Counters{Packets: 2, Octets: 2_896}, 1
	silent := tcp(106, 2*time.Second, flow.SYN, 0)
	silent.Recv, silent.SYNRetries, silent.Dst.Port, silent.Dst.Node = flow.Counters{}, 4, 8443, ""
	silent.SrcSide.Payload, silent.DstSide.Payload = 0, 0
	refused := tcp(105, 3*time.Second, flow.SYN, flow.RST|flow.ACK)
	refused.Dst.Port, refused.Recv = 25, flow.Counters{Packets: 1, Octets: 40}
	refused.SrcSide.Payload, refused.DstSide.Payload = 0, 0
	open := tcp(104, 65*time.Second, flow.SYN|flow.ACK|flow.PSH, flow.SYN|flow.ACK|flow.PSH|flow.ECE)
	open.Verdict, open.Last, open.Recv.Octets, open.VLAN = flow.Established, Now, 3_412_000_000, flow.VLANs{100, 200}
	open.DstSide.Payload, open.DstSide.ZeroWindows, open.SrcSide.RTTMin = 3_290_000_000, 3, 310*time.Microsecond
	dns := tcp(103, 90*time.Second, 0, 0)
	dns.Proto, dns.Dst.Port, dns.Direction = flow.UDP, 53, flow.ByService
	ping := tcp(102, 30*time.Minute, 0, 0)
	ping.Proto, ping.ICMP, ping.ICMPID, ping.Direction = flow.ICMP, flow.ICMPType{Type: 8}, 77, flow.ByRequest
	ping.Src.Port, ping.Dst.Port, ping.Recv, ping.DstSide = 0, 0, flow.Counters{}, flow.Side{}
	six := tcp(101, 100*time.Minute, flow.SYN|flow.ACK, flow.SYN|flow.RST)
	six.Src.Addr, six.Dst.Addr = ip("2001:db8:12::7"), ip("2001:db8:ffff:1:0:5efe:c0a8:6414")
	six.Node, six.Src.Node = "branch-office-3", "evil\x1b[31mname"
	six.Uncounted, six.SrcSide.Payload, six.DstSide.Payload = true, 0, 0 // stored by an earlier version
	unreachable := tcp(100, 110*time.Minute, 0, 0)
	unreachable.Proto, unreachable.Dst.Port = flow.UDP, 33434
	unreachable.Error = flow.ICMPError{From: ip("192.168.100.1"), Type: flow.ICMPType{Type: 3, Code: 3}}
	return []flow.Record{
		end(closed, flow.Closed, 412*time.Millisecond), end(silent, flow.NoAnswer, 15*time.Second), end(refused, flow.Refused, 3*time.Millisecond),
		open, end(dns, flow.Answered, 1234*time.Millisecond), end(ping, flow.Unanswered, 4*time.Minute),
		end(six, flow.ResetByDest, 26*time.Hour), end(unreachable, flow.Unreachable, 0),
	}
}

// ManyFlows returns n flows, a millisecond apart, newest first, with ids from n down to 1.
func ManyFlows(n int) []flow.Record {
	rnd := rand.New(rand.NewPCG(1, 2))
	kinds := Flows()
	out := make([]flow.Record, n)
	for i := range out {
		r := kinds[rnd.IntN(len(kinds))]
		took := r.Duration()
		r.ID = int64(n - i)
		r.Start = Now.Add(-time.Duration(i) * time.Millisecond)
		r.Last = r.Start.Add(took)
		r.Src.Port, r.Sent.Octets = uint16(rnd.IntN(1<<16)), uint64(rnd.IntN(1<<20))
		out[i] = r
	}
	return out
}
