package db

import (
	"slices"
	"testing"

	"weir/flow"
	"weir/search"
)

// oldVerdicts returns flows with the verdicts that earlier programs stored for them, and the right ones.
func oldVerdicts() (recs []flow.Record, want []flow.Verdict) {
	const fin, rst = flow.FIN | flow.ACK, flow.RST | flow.ACK
	for i, c := range []struct {
		stored   flow.Verdict
		proto    flow.Proto
		src, dst flow.Flags
		sent     uint64
		recv     uint64
		want     flow.Verdict
	}{
		{flow.SynThenFin, flow.TCP, fin, 0, 1, 0, flow.HalfClosedBySource},
		{flow.SynThenFin, flow.TCP, fin, flow.ACK, 5, 3, flow.HalfClosedBySource},
		{flow.SynThenFin, flow.TCP, fin | flow.SYN, 0, 2, 0, flow.SynThenFin},
		{flow.SynAckOnly, flow.TCP, flow.ACK, fin, 1, 1, flow.HalfClosedByDest},
		{flow.SynAckOnly, flow.TCP, 0, fin | flow.SYN, 0, 2, flow.SynAckOnly},
		{flow.SynAckThenReset, flow.TCP, flow.ACK, rst, 4, 3, flow.ResetByDest},
		{flow.SynAckThenReset, flow.TCP, 0, rst, 0, 1, flow.ResetByDest},
		{flow.NoAnswer, flow.TCP, flow.SYN, flow.ACK, 1, 1, flow.MidStream},
		{flow.Unanswered, flow.UDP, 0, 0, 0, 3, flow.ReplyOnly},
		{flow.Unanswered, flow.UDP, 0, 0, 3, 0, flow.Unanswered},
		{flow.Unreachable, flow.UDP, 0, 0, 0, 3, flow.ReplyOnly},
		{flow.Closed, flow.TCP, fin | flow.SYN, fin | flow.SYN, 5, 5, flow.Closed},
	} {
		r := flow.Record{ID: int64(i + 1), Node: "a", Start: epoch, Last: epoch, EndReason: flow.EndOfFlow, Proto: c.proto, Verdict: c.stored,
			SrcSide: flow.Side{Flags: c.src}, DstSide: flow.Side{Flags: c.dst}, Sent: flow.Counters{Packets: c.sent, Octets: 40 * c.sent}, Recv: flow.Counters{Packets: c.recv, Octets: 40 * c.recv}}
		recs, want = append(recs, r), append(want, c.want)
	}
	return recs, want
}

// Stored verdicts that the flags contradict are corrected when they are read, by filters and in sums too: in
// pieces, and in a block.
func TestVerdictsOfEarlierProgramsAreCorrected(t *testing.T) {
	recs, want := oldVerdicts()
	s := filled(t, recs...)
	check := func() {
		t.Helper()
		all := storedByID(t, s)
		for i, v := range want {
			if got := all[i].Verdict; got != v {
				t.Errorf("flow %d, stored as %v, is read as %v, want %v", i+1, recs[i].Verdict, got, v)
			}
		}
		for _, v := range flow.Verdicts() {
			var flows, octets uint64
			for i := range all {
				if want[i] == v {
					flows, octets = flows+1, octets+all[i].Sent.Octets+all[i].Recv.Octets
				}
			}
			q := search.Request{Query: search.Query{Filter: search.Numbers{Field: search.FieldVerdict, Ranges: []search.Interval{{Lo: int64(v), Hi: int64(v)}}}}}
			if n, err := s.Count(t.Context(), q, -1); err != nil || n != int64(flows) {
				t.Errorf("verdict:%v: %d flows, %v, want %d", v, n, err, flows)
			}
			answer, err := s.Top(t.Context(), search.TopRequest{Request: q, By: search.Grouping{search.ByVerdict}, N: 2})
			top := answer.Rows
			if err != nil || flows == 0 && len(top) > 0 || flows > 0 && (len(top) != 1 || uint64(top[0].Flows) != flows || top[0].Octets != octets || top[0].Values[0].Number != int64(v)) {
				t.Errorf("verdict:%v: sums %+v, %v, want %d flows, %d octets", v, top, err, flows, octets)
			}
			page, err := s.Search(t.Context(), q, search.Cursor{}, 100)
			if err != nil || uint64(len(page.Rows)) != flows || slices.ContainsFunc(page.Rows, func(r flow.Record) bool { return r.Verdict != v }) {
				t.Errorf("verdict:%v: found %+v, %v", v, page.Rows, err)
			}
		}
	}
	check()
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st, err := s.Stat(t.Context()); err != nil || st.Blocks != 1 {
		t.Errorf("%+v, %v, want one block", st, err)
	}
	check()
}

// storedByID returns all flows of a store by id.
func storedByID(t *testing.T, s *Writer) []flow.Record {
	t.Helper()
	var all []flow.Record
	err := s.Each(t.Context(), search.Request{}, func(r *flow.Record) error { all = append(all, *r); return nil })
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b flow.Record) int { return int(a.ID - b.ID) })
	return all
}
