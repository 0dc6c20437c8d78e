package flow_test

import (
	"reflect"
	"testing"
	"time"

	"weir/flow"
)

// filledCounts returns counters that differ in every field.
func filledCounts(from int64) (c flow.CoverageCounts) {
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.CanUint() {
			f.SetUint(uint64(from + int64(i)))
		} else {
			f.SetInt(from + int64(i))
		}
	}
	return c
}

func TestCoverageCountsAddEveryField(t *testing.T) {
	a, b := filledCounts(100), filledCounts(1000)
	sum := a
	sum.Add(b)
	if sum.Since(b) != a || sum.Since(a) != b {
		t.Errorf("%+v and %+v add up to %+v", a, b, sum)
	}
	if v := reflect.ValueOf(sum.Since(sum)); !v.IsZero() {
		t.Errorf("the counters since now are %+v", v)
	}
	if b != filledCounts(1000) {
		t.Error("Since changed its receiver")
	}
}

func TestAnyLossMakesCoverageIncomplete(t *testing.T) {
	if c := (flow.Coverage{CoverageCounts: flow.CoverageCounts{Packets: 1, Octets: 1, Created: 1, Ended: 1}}); !c.Lossless() {
		t.Error("what was seen counts as lost")
	}
	for _, name := range []string{"KernelDrops", "CutShort", "Evicted", "Unstored", "Outdated", "Outages"} {
		var c flow.Coverage
		reflect.ValueOf(&c).Elem().FieldByName(name).SetUint(1)
		if c.Lossless() {
			t.Errorf("%s is not counted as a loss", name)
		}
	}
}

// TestHealthOfSpansIsTheirSum has two interfaces, one of which was away for a while.
func TestHealthOfSpansIsTheirSum(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	spans := []flow.Coverage{
		{Node: "a", Interface: "eth0", From: at(0), To: at(10), CoverageCounts: flow.CoverageCounts{Packets: 1, Octets: 100, KernelDrops: 2, Created: 10, Ended: 4, Outages: 1, Away: time.Second}},
		{Node: "a", Interface: "eth1", From: at(0), To: at(12), CoverageCounts: flow.CoverageCounts{Packets: 3, CutShort: 1, Unstored: 1, Created: 1, Ended: 1, Outdated: 2, Evicted: 1}},
		{Node: "a", Interface: "eth0", From: at(11), To: at(30), Capturing: true, CoverageCounts: flow.CoverageCounts{Packets: 10, Octets: 50, Created: 2, Ended: 3}},
	}
	want := flow.Health{
		Sources: []flow.SourceHealth{
			{Name: "eth0", Packets: 11, Octets: 150, KernelDrops: 2, Outages: 1, Away: time.Second},
			{Name: "eth1", Packets: 3, CutShort: 1, Err: "down, removed or ended"},
		},
		OpenFlows: 5, Created: 13, Ended: 8, Evicted: 1, Unstored: 1, Outdated: 2, AsOf: at(30),
	}
	if got := flow.HealthOf(spans); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := flow.HealthOf(nil); !reflect.DeepEqual(got, flow.Health{}) {
		t.Errorf("no spans: %+v", got)
	}
}
