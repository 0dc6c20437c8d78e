package form

import (
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
	"weir/tui/input"
	"weir/tui/tuitest"
)

// randomQuery returns a query that the form can show completely.
func randomQuery(rnd *rand.Rand, env input.Env) search.Query {
	q := search.Query{Range: randomRange(rnd, env), Order: search.Order(rnd.IntN(2)), Limit: rnd.IntN(search.MaxLimit + 1)}
	if rnd.IntN(2) == 0 {
		q.Nodes = randomNames(rnd)
	}
	var terms []search.Expr
	cells := formCells(env)
	for _, id := range rnd.Perm(int(numCells)) {
		if field := cells[id].term; field != search.FieldNone && rnd.IntN(3) > 0 {
			terms = append(terms, randomTerm(rnd, field))
		}
	}
	if q.Nodes == nil && rnd.IntN(2) == 0 {
		terms = append(terms, search.Not{X: search.Names{Field: search.FieldNode, Patterns: randomNames(rnd)}})
	}
	q.Filter = search.Join(terms)
	return q
}

func randomRange(rnd *rand.Rand, env input.Env) search.Range {
	switch rnd.IntN(3) {
	case 0:
		return search.Range{}
	case 1:
		return search.Range{Last: presets[rnd.IntN(len(presets))]}
	}
	from := env.Now.Add(-time.Duration(rnd.Int64N(int64(9000 * time.Hour))))
	r := search.Range{From: from, To: from.Add(1 + time.Duration(rnd.Int64N(int64(time.Hour))))}
	switch rnd.IntN(4) {
	case 0:
		r.From = time.Time{}
	case 1:
		r.To = time.Time{}
	}
	return r
}

func randomNames(rnd *rand.Rand) []string {
	all := []string{"edge-1", "edge-*", "branch office", "a,b", `q"uo\te`, "", "!not", "ü世", " blank "}
	rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+rnd.IntN(3)]
}

func randomTerm(rnd *rand.Rand, field search.Field) search.Expr {
	var x search.Expr
	switch info := field.Info(); info.Kind {
	case search.KindName:
		x = search.Names{Field: field, Patterns: randomNames(rnd)}
	case search.KindAddr:
		x = search.Addrs{Field: field, Ranges: randomAddrs(rnd)}
	case search.KindFlags:
		all := flow.Flags(rnd.IntN(256))
		none := flow.Flags(rnd.IntN(256)) &^ all
		if all|none == 0 {
			all = flow.SYN
		}
		return search.FlagTest{Field: field, All: all, None: none}
	case search.KindEnum:
		n := 1 + rnd.Int64N(info.Max)
		x = search.Numbers{Field: field, Ranges: []search.Interval{{Lo: n, Hi: n}}}
	case search.KindTime:
		n := rnd.Int64N(int64(60 * 365 * 24 * time.Hour))
		return search.Numbers{Field: field, Ranges: [][]search.Interval{{{Lo: n, Hi: search.MaxNumber}}, {{Lo: 0, Hi: n}}}[rnd.IntN(2)]}
	case search.KindProto:
		x = search.Numbers{Field: field, Ranges: randomIntervals(rnd, 0, 255, false)}
	default:
		x = search.Numbers{Field: field, Ranges: randomIntervals(rnd, info.Min, min(info.Max, 1<<40), true)}
	}
	if rnd.IntN(3) == 0 {
		return search.Not{X: x}
	}
	return x
}

// randomIntervals returns a bound, or a list of numbers and ranges.
func randomIntervals(rnd *rand.Rand, least, most int64, bounds bool) []search.Interval {
	if n := 1 + rnd.Int64N(most-1); bounds {
		switch rnd.IntN(3) {
		case 0:
			return []search.Interval{{Lo: n, Hi: search.MaxNumber}}
		case 1:
			return []search.Interval{{Lo: least, Hi: n}}
		}
	}
	var list []search.Interval
	for lo := int64(1); len(list) <= rnd.IntN(3) && lo < most; {
		lo += rnd.Int64N(most-lo) / 2
		hi := lo + rnd.Int64N(2)*rnd.Int64N(most-lo)
		list = append(list, search.Interval{Lo: lo, Hi: hi})
		lo = hi + 1
	}
	return list
}

func randomAddrs(rnd *rand.Rand) []search.AddrRange {
	seen := map[search.AddrRange]bool{}
	var list []search.AddrRange
	for range 1 + rnd.IntN(3) {
		var b [16]byte
		for i := range b {
			b[i] = byte(rnd.IntN(256))
		}
		b[0] = 0x20
		lo := netip.AddrFrom16(b)
		if rnd.IntN(2) == 0 {
			lo = netip.AddrFrom4([4]byte(b[12:]))
		}
		r := search.AddrRange{Lo: lo, Hi: lo}
		switch rnd.IntN(3) {
		case 0:
			r = search.PrefixRange(netip.PrefixFrom(lo, rnd.IntN(lo.BitLen()+1)))
		case 1:
			if next := lo.Next(); next.IsValid() && next.BitLen() == lo.BitLen() {
				r.Hi = next
			}
		}
		if !seen[r] {
			seen[r] = true
			list = append(list, r)
		}
	}
	return list
}

func TestAnyQueryThatTheFormCanShowComesBackAsItWas(t *testing.T) {
	env := tuitest.Env(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2_000 {
		q := randomQuery(rnd, env)
		f := New(q, nil, env)
		if len(f.kept) > 0 {
			t.Fatalf("%s: it does not show %v", search.Text(q.Filter), f.kept)
		}
		for id := range numCells {
			if err := f.problem(id); err != nil {
				t.Fatalf("%s: it opens with an error: %v", f.text(id), err)
			}
		}
		if got := f.result(); !reflect.DeepEqual(got, q) {
			t.Fatalf("\ngot  %+v\nwant %+v", got, q)
		}
	}
}

func TestAnyQueryCanBeTypedFromWhatTheFormShows(t *testing.T) {
	env := tuitest.Env(t)
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 2_000 {
		q := randomQuery(rnd, env)
		shown, typed := New(q, nil, env), New(search.Query{}, nil, env)
		for id := range numCells {
			typed.cells[id].field.SetText(shown.text(id))
		}
		got := typed.result()
		if !got.Range.From.Equal(q.Range.From) || !got.Range.To.Equal(q.Range.To) || got.Range.Last != q.Range.Last ||
			!reflect.DeepEqual(got.Nodes, q.Nodes) || got.Order != q.Order || got.Limit != q.Limit {
			t.Fatalf("\ngot  %+v\nwant %+v", got, q)
		}
		missing := search.Conjuncts(got.Filter)
		if len(missing) != len(search.Conjuncts(q.Filter)) {
			t.Fatalf("got %s, want %s", search.Text(got.Filter), search.Text(q.Filter))
		}
		for _, want := range search.Conjuncts(q.Filter) {
			found := false
			for _, x := range missing {
				found = found || sameTerm(x, want)
			}
			if !found {
				t.Fatalf("%s is missing in %s", want, search.Text(got.Filter))
			}
		}
	}
}

func TestAClearedFieldTakesItsTermOutAndAFilledOnePutsItInPlace(t *testing.T) {
	env := tuitest.Env(t)
	f := New(search.Query{Filter: mustParse(env, "dport:80 vlan:5 src:10.0.0.1 proto:tcp")}, nil, env)
	f.cells[cellDport].field.SetText("")
	f.cells[cellSrc].field.SetText("10.0.0.2")
	f.cells[cellDst].field.SetText("10.0.0.3")
	if got, want := search.Text(f.result().Filter), "vlan:5 src:10.0.0.2 proto:tcp dst:10.0.0.3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
