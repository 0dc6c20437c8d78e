package column

import (
	"math"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

func TestRoundTripsFitTheirColumnAndRoundDown(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1: "1ns", time.Microsecond: "1us", 999_999: "999us", time.Millisecond: "1.00ms", 9_999_999: "9.99ms", 10 * time.Millisecond: "10.0ms",
		99_999_999: "99.9ms", 100 * time.Millisecond: "100ms", 999_999_999: "999ms", time.Second: "1.00s", 61 * time.Second: "1m01s",
	} {
		got := string(appendRTT(nil, d))
		if got != want || len(got) > All[RTTMin].Max {
			t.Errorf("%d ns is %q, want %q", d, got, want)
		}
	}
}

func TestHealthIsEmptyAndSortsFirstWhereItIsUnknown(t *testing.T) {
	side := flow.Side{Payload: 1500, Retransmitted: flow.Counters{Packets: 2}, OutOfOrder: 1, ZeroWindows: 3, RTTMin: time.Millisecond, RTTMean: 2 * time.Millisecond}
	known := flow.Record{Proto: flow.TCP, SrcSide: side}
	zero := flow.Record{Proto: flow.TCP, SrcSide: flow.Side{RTTMin: 1, RTTMean: 1}}
	unknown := flow.Record{Proto: flow.TCP, Uncounted: true}
	huge := flow.Record{Proto: flow.TCP, SrcSide: flow.Side{Payload: math.MaxUint64}}
	if Payload.Compare(&huge, &known) <= 0 || Payload.Compare(&huge, &huge) != 0 {
		t.Error("the largest count sorts before others")
	}
	var style Style
	for c, want := range map[Column]string{Payload: "1.5K", Retrans: "2", OutOfOrder: "1", ZeroWindow: "3", RTTMin: "1.00ms", RTTMean: "2.00ms"} {
		if got, _ := style.Append(nil, c, &known); string(got) != want {
			t.Errorf("%s is %q, want %q", c.Words(), got, want)
		}
		if got, _ := style.Append(nil, c, &unknown); len(got) > 0 {
			t.Errorf("%s, not known, is %q", c.Words(), got)
		}
		if c.Compare(&unknown, &zero) >= 0 || c.Compare(&zero, &known) >= 0 {
			t.Errorf("%s: unknown, none and some are in another order", c.Words())
		}
		if term, why := Term(c, &known); term == nil || why != "" {
			t.Errorf("%s: no term, %q", c.Words(), why)
		}
		if term, why := Term(c, &unknown); term != nil || why == "" {
			t.Errorf("%s, not known, gives %v", c.Words(), term)
		}
	}
	if term, _ := Term(Retrans, &known); search.Text(term) != "retrans:2" {
		t.Errorf("the cell gives %q", search.Text(term))
	}
	if term, _ := Term(RTTMean, &known); search.Text(term) != "rttmean:2ms" {
		t.Errorf("the cell gives %q", search.Text(term))
	}
}
