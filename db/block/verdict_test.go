package block

import (
	"math/rand/v2"
	"slices"
	"testing"

	"weir/flow"
	"weir/search"
)

// oldTuples returns flows with any verdict, whether or not the other columns contradict it.
func oldTuples(rng *rand.Rand, n int) []*Tuple {
	tuples := randomTuples(rng, n)
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	for _, t := range tuples {
		nums := &t.Nums
		nums[ColProto] = pick(int64(flow.TCP), int64(flow.TCP), int64(flow.UDP), int64(flow.ICMP))
		nums[ColVerdict] = pick(int64(rng.IntN(int(flow.ReplyOnly)+1)), int64(flow.SynThenFin), int64(flow.Unanswered), 200)
		nums[ColSrcFlags], nums[ColDstFlags] = 0, 0
		if nums[ColProto] == int64(flow.TCP) {
			nums[ColSrcFlags], nums[ColDstFlags] = rng.Int64N(32), rng.Int64N(32)
		}
		nums[ColSeen] = rng.Int64N(32)
		nums[ColSentPackets], nums[ColRecvPackets] = pick(0, 1, 1<<40), pick(0, 0, 1)
		nums[ColSport], nums[ColDport] = pick(0, 53, 40000), pick(0, 53, 40000)
		nums[ColDirection] = rng.Int64N(int64(flow.BySyn) + 1)
	}
	return tuples
}

// readVerdict returns the verdict of the record that is read from t.
func readVerdict(t *Tuple) flow.Verdict {
	var r flow.Record
	t.Join(&r, RecordNames{})
	return r.Verdict
}

// verdictIn is the term "verdict:v,v,…".
func verdictIn(vs ...flow.Verdict) search.Numbers {
	x := search.Numbers{Field: search.FieldVerdict}
	for _, v := range vs {
		x.Ranges = append(x.Ranges, search.Interval{Lo: int64(v), Hi: int64(v)})
	}
	return x
}

// checkVerdicts compares what a filter on verdicts finds in a batch with the records that are read.
func checkVerdicts(t *testing.T, b Batch, tuples []*Tuple, vs []flow.Verdict) {
	t.Helper()
	f, err := Compile(verdictIn(vs...), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, outcome := RowRange(len(tuples), 0, len(tuples)), f.Zones(b)
	if err := f.Narrow(b, rows); err != nil {
		t.Fatal(err)
	}
	for i, u := range tuples {
		v := readVerdict(u)
		if want := slices.Contains(vs, v); rows.Has(i) != want || want && outcome == NoRow || !want && outcome == EveryRow {
			t.Fatalf("verdict:%v, row %d, stored as %v, read as %v: found %t; zones say %d", vs, i, flow.Verdict(u.Nums[ColVerdict]), v, rows.Has(i), outcome)
		}
	}
}

func TestFiltersFindVerdictsAsTheyAreRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 3))
	changed := 0
	for range 60 {
		tuples := oldTuples(rng, 1+rng.IntN(300))
		if rng.IntN(3) == 0 { // a narrow zone
			for _, u := range tuples {
				u.Nums[ColVerdict] = tuples[0].Nums[ColVerdict]
			}
		}
		for _, u := range tuples {
			if readVerdict(u) != flow.Verdict(u.Nums[ColVerdict]) {
				changed++
			}
		}
		data, parts := packed(t, tuples)
		h, err := readTestHeader(data)
		if err != nil {
			t.Fatal(err)
		}
		sets := [][]flow.Verdict{flow.Verdicts(), flow.Verdicts()[1:], {flow.NoVerdict}, {200}, {flow.ReplyOnly, flow.Unanswered}}
		for _, v := range flow.Verdicts() {
			sets = append(sets, []flow.Verdict{v})
		}
		for _, vs := range sets {
			var r Reader
			r.Reset(h, parts)
			checkVerdicts(t, &r, tuples, vs)
			checkVerdicts(t, &PieceRows{Tuples: tuples}, tuples, vs)
		}
	}
	if changed < 1000 {
		t.Errorf("only %d verdicts are read otherwise than stored", changed)
	}
}

// The zone of a block knows stored verdicts only: one that is corrected can lie outside of it.
func TestAVerdictOutsideOfTheZoneIsFound(t *testing.T) {
	tuples := randomTuples(rand.New(rand.NewPCG(1, 1)), 3)
	for _, u := range tuples {
		u.Nums[ColProto], u.Nums[ColVerdict] = int64(flow.TCP), int64(flow.SynThenFin)
		u.Nums[ColSrcFlags], u.Nums[ColDstFlags], u.Nums[ColSeen] = int64(flow.FIN|flow.ACK), 0, 0
	}
	data, parts := packed(t, tuples)
	h, err := readTestHeader(data)
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[flow.Verdict]int{flow.SynThenFin: 0, flow.HalfClosedBySource: 3} {
		var r Reader
		r.Reset(h, parts)
		f, err := Compile(verdictIn(v), nil)
		if err != nil {
			t.Fatal(err)
		}
		rows := RowRange(3, 0, 3)
		if err := f.Narrow(&r, rows); err != nil || rows.Count() != want || want > 0 && f.Zones(&r) == NoRow {
			t.Errorf("verdict:%v: %d rows, %v, want %d; zones say %d", v, rows.Count(), err, want, f.Zones(&r))
		}
	}
}

func TestTheTableOfVerdictsHasAllSetsOfFlags(t *testing.T) {
	table := correctTCP()
	for v := range table {
		for flags := range 1 << 16 {
			e := flow.Evidence{Proto: flow.TCP, SrcFlags: flow.Flags(flags), DstFlags: flow.Flags(flags >> 8)}
			got, want := table[v][flagSet(e.SrcFlags)][flagSet(e.DstFlags)], e.Correct(flow.Verdict(v))
			if got != want || !mayBecome(flow.Verdict(v), got) {
				t.Fatalf("%v with %v and %v: %v, want %v", flow.Verdict(v), e.SrcFlags, e.DstFlags, got, want)
			}
		}
	}
}
