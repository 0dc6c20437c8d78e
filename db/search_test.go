package db

import (
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

func TestBucketsLeaveOutFlowsWithoutAStart(t *testing.T) {
	s := filled(t, flow.Record{ID: 1, Node: "a"}, flow.Record{ID: 2, Node: "a", Start: epoch}, flow.Record{ID: 3, Node: "a", Start: epoch.Add(10 * time.Second)})
	for _, r := range []search.Range{{}, {To: epoch.Add(time.Minute)}} {
		got, err := s.Buckets(t.Context(), search.Request{Query: search.Query{Range: r}}, 2)
		if err != nil || len(got) != 2 || got[0].Started+got[1].Started != 2 || got[0].Started == 0 || !got[0].Start.Equal(epoch) {
			t.Errorf("%v: %+v, %v, want the two flows with a start, from the first on", r, got, err)
		}
	}
}
