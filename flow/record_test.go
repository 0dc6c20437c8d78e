package flow_test

import (
	"reflect"
	"testing"
	"time"

	"weir/flow"
)

func TestVLANAndTunnelStrings(t *testing.T) {
	for want, got := range map[string]string{
		"100":              flow.VLANs{100}.String(),
		"100.200":          flow.VLANs{100, 200}.String(),
		"0.5":              flow.VLANs{0, 5}.String(), // a priority tag around a VLAN
		"vxlan:5001":       flow.Tunnel{ID: 5001, Kind: flow.TunnelVXLAN}.String(),
		"gtp-u:4294967295": flow.Tunnel{ID: 1<<32 - 1, Kind: flow.TunnelGTPU}.String(),
		"6in4":             flow.Tunnel{Kind: flow.Tunnel6in4}.String(),
		"gre":              flow.Tunnel{Kind: flow.TunnelGRE}.String(),
		"":                 flow.VLANs{}.String() + flow.Tunnel{}.String() + flow.Tunnel{ID: 7}.String(),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOpenFlowHasNoEnd(t *testing.T) {
	start := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	r := flow.Record{Start: start, Last: start.Add(90 * time.Second)}
	if !r.Open() || !r.End().IsZero() || r.Duration() != 90*time.Second {
		t.Errorf("open: %v, end %v, duration %v", r.Open(), r.End(), r.Duration())
	}
	r.EndReason = flow.IdleTimeout
	if r.Open() || !r.End().Equal(r.Last) {
		t.Errorf("ended: open %v, end %v", r.Open(), r.End())
	}
}

func TestOnlyTCPHasFlags(t *testing.T) {
	r := flow.Record{Proto: flow.TCP, SrcSide: flow.Side{Flags: flow.SYN}, DstSide: flow.Side{Flags: flow.RST | flow.ACK}}
	if !r.HasFlags() || r.Flags() != flow.SYN|flow.RST|flow.ACK {
		t.Errorf("got %v", r.Flags())
	}
	r.Proto = flow.UDP
	if r.HasFlags() {
		t.Error("UDP has flags")
	}
}

func TestRTTRequiresTheWholeHandshake(t *testing.T) {
	r := flow.Record{ServerRTT: 20 * time.Millisecond}
	if r.RTT() != 0 {
		t.Errorf("got %v without the last ACK", r.RTT())
	}
	r.ClientRTT = 4 * time.Millisecond
	if r.RTT() != 24*time.Millisecond {
		t.Errorf("got %v", r.RTT())
	}
}

func TestHealthAddsUpBothSides(t *testing.T) {
	r := flow.Record{
		Proto:   flow.TCP,
		SrcSide: flow.Side{Payload: 5, Retransmitted: flow.Counters{Packets: 1, Octets: 3}, OutOfOrder: 1, ZeroWindows: 2, RTTMin: time.Millisecond},
		DstSide: flow.Side{Payload: 7, Retransmitted: flow.Counters{Packets: 2, Octets: 4}, OutOfOrder: 3, RTTMean: 9 * time.Millisecond},
	}
	if r.Payload() != 12 || r.Retransmitted() != (flow.Counters{Packets: 3, Octets: 7}) || r.OutOfOrder() != 4 || r.ZeroWindows() != 2 {
		t.Errorf("payload %d, retransmitted %+v, out of order %d, zero windows %d", r.Payload(), r.Retransmitted(), r.OutOfOrder(), r.ZeroWindows())
	}
	if r.RTTMin() != time.Millisecond || r.RTTMean() != 9*time.Millisecond {
		t.Errorf("round trips %v and %v, want those of the side that has them", r.RTTMin(), r.RTTMean())
	}
	if r.DstSide.RTTMin = 20 * time.Millisecond; r.RTTMin() != 21*time.Millisecond {
		t.Errorf("round trip %v, want the sum", r.RTTMin())
	}
	udp := r
	udp.Proto = flow.UDP
	old := r
	old.Uncounted = true
	if !r.HasHealth() || udp.HasHealth() || old.HasHealth() {
		t.Error("only TCP that was counted has TCP health")
	}
}

func TestCountersAdd(t *testing.T) {
	c := flow.Counters{Packets: 1, Octets: 60}
	c.Add(flow.Counters{Packets: 2, Octets: 1500})
	if c != (flow.Counters{Packets: 3, Octets: 1560}) {
		t.Errorf("got %+v", c)
	}
}

func TestLostCountsKernelDropsAndUnstoredRecords(t *testing.T) {
	h := flow.Health{
		Sources:  []flow.SourceHealth{{Packets: 10, KernelDrops: 3}, {Packets: 5, KernelDrops: 4}},
		Skipped:  []flow.Count{{Name: "arp", N: 100}}, // not a loss
		Evicted:  7,                                   // stored, only too early
		Unstored: 2,
	}
	if h.Lost() != 9 || h.Packets() != 15 {
		t.Errorf("lost %d, packets %d, want 9 and 15", h.Lost(), h.Packets())
	}
}

func TestMergeAddsCountersWithoutChangingItsArgument(t *testing.T) {
	a := flow.Health{
		Sources: []flow.SourceHealth{{Name: "eth0"}}, Skipped: []flow.Count{{Name: "arp", N: 1}, {Name: "stp", N: 1}},
		OpenFlows: 1, Created: 2, Ended: 3, Evicted: 4, Unstored: 5, Stored: 6,
	}
	b := flow.Health{
		Sources: []flow.SourceHealth{{Name: "eth1"}}, Skipped: []flow.Count{{Name: "arp", N: 2}, {Name: "lldp", N: 7}},
		OpenFlows: 10, Created: 20, Ended: 30, Evicted: 40, Unstored: 50, Stored: 60, StoreErr: "disk full", LogErr: "log",
	}
	want := flow.Health{
		Sources:   []flow.SourceHealth{{Name: "eth0"}, {Name: "eth1"}},
		Skipped:   []flow.Count{{Name: "arp", N: 3}, {Name: "stp", N: 1}, {Name: "lldp", N: 7}},
		OpenFlows: 11, Created: 22, Ended: 33, Evicted: 44, Unstored: 55, Stored: 66, StoreErr: "disk full", LogErr: "log",
	}
	a.Merge(b)
	if !reflect.DeepEqual(a, want) {
		t.Errorf("got  %+v\nwant %+v", a, want)
	}
	if b.Skipped[0].N != 2 {
		t.Error("Merge changed its argument")
	}
	a.Merge(flow.Health{StoreErr: "second"})
	if a.StoreErr != "disk full" {
		t.Errorf("got %q, want the first error kept", a.StoreErr)
	}
}

// TestMergeCoversEveryField fails when a field is added to Health but not to
// Merge, which would drop it before it reaches the screen.
func TestMergeCoversEveryField(t *testing.T) {
	var full, sum flow.Health
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Uint64:
			f.SetUint(1)
		case reflect.Int64:
			f.SetInt(1)
		case reflect.String:
			f.SetString("x")
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Struct:
			f.Set(reflect.ValueOf(time.Unix(1, 0)))
		default:
			t.Fatalf("%s: field kind not supported by this test", v.Type().Field(i).Name)
		}
	}
	sum.Merge(full)
	if !reflect.DeepEqual(sum, full) {
		t.Errorf("got %+v, want %+v", sum, full)
	}
}
