package search

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

func TestParseQuery(t *testing.T) {
	must := func(s string) Expr {
		x, err := ParseAt(s, testNow, testLoc)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	at := func(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, testLoc) }
	for text, want := range map[string]Query{
		"":                           {},
		"tcp 443":                    {Filter: must("tcp 443")},
		"since:12h tcp":              {Range: Range{Last: 12 * time.Hour}, Filter: must("tcp")},
		"tcp last:90m":               {Range: Range{Last: 90 * time.Minute}, Filter: must("tcp")},
		"since:14:00":                {Range: Range{From: at(14)}},
		"until:15:00 since:14:00":    {Range: Range{From: at(14), To: at(15)}},
		"since:2h until:15:00":       {Range: Range{From: testNow.Add(-2 * time.Hour), To: at(15)}},
		"start>=14:00 start<15:00":   {Filter: must("start>=14:00 start<15:00")},
		"since:2h start>=14:00":      {Range: Range{Last: 2 * time.Hour}, Filter: must("start>=14:00")},
		"since:2h since:1h":          {Range: Range{Last: 2 * time.Hour}, Filter: must("since:1h")},
		"since:2h or tcp":            {Filter: must("since:2h or tcp")},
		"!since:2h":                  {Filter: must("!since:2h")},
		"order:oldest limit:50":      {Order: Oldest, Limit: 50},
		"order:bytes tcp":            {Order: OrderBy(FieldBytes, false), Filter: must("tcp")},
		"order=RX:asc":               {Order: OrderBy(FieldRecv, true)},
		"order:start order:end:desc": {Order: OrderBy(FieldEnd, false)},
		"order:start:asc":            {Order: Oldest},
		"limit:all node:edge-1,dc-2": {Limit: -1, Nodes: []string{"edge-1", "dc-2"}},
		"node:edge-* tcp":            {Filter: must("node:edge-* tcp")},
		"!node:edge-1":               {Filter: must("!node:edge-1")},
		"limit:1 limit:2":            {Limit: 2},
	} {
		got, err := ParseQuery(text, testNow, testLoc)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !sameQuery(got, want) {
			t.Errorf("%s parses as %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"since:14:00 until:2026-11-23T10:00:00Z", "since:1h until:2h", "limit:0", "order:up", "order:node", "order:bytes:up", "order>bytes", "tcp or limit:5", "!order:oldest", "since:", "(tcp limit:5) or udp"} {
		if q, err := ParseQuery(text, testNow, testLoc); err == nil {
			t.Errorf("%s parses as %+v, want an error", text, q)
		}
	}
}

// sameQuery compares queries, and their times as instants.
func sameQuery(a, b Query) bool {
	if !a.Range.From.Equal(b.Range.From) || !a.Range.To.Equal(b.Range.To) || a.Range.Last != b.Range.Last {
		return false
	}
	a.Range, b.Range = Range{}, Range{}
	return reflect.DeepEqual(a, b)
}

func TestWithKeepsWhatTheTextDoesNotSet(t *testing.T) {
	q := Query{Range: Range{Last: time.Hour}, Nodes: []string{"edge-1"}, Order: Oldest, Limit: 7, Filter: Numbers{FieldDport, []Interval{{1, 1}}}}
	got, err := q.With("tcp", testNow, testLoc)
	want := q
	want.Filter = Numbers{FieldProto, []Interval{{6, 6}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got, err := q.With("start>=14:00", testNow, testLoc); err != nil || got.Range != (Range{}) {
		t.Errorf("a condition on the start time keeps the range %v, %v: want all time", got.Range, err)
	}
	if got, err := q.With("tcp since:5m order:newest", testNow, testLoc); err != nil || got.Range.Last != 5*time.Minute || got.Order != Newest || got.Limit != 7 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestQueryTextRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		var q Query
		switch rng.IntN(4) {
		case 0:
			q.Range.Last = time.Duration(1+rng.IntN(500)) * time.Minute
		case 1:
			q.Range.From = testNow.Add(-time.Duration(rng.Int64N(1e15)))
		case 2:
			q.Range.To = testNow.Add(-time.Duration(rng.Int64N(1e15))).In(testLoc)
		}
		if rng.IntN(2) == 0 {
			q.Nodes = []string{"edge-1", "Branch office", `o"dd`, "dc-2"}[rng.IntN(2) : 2+rng.IntN(3)]
		}
		q.Order = OrderBy(orderFields[rng.IntN(len(orderFields))], rng.IntN(2) == 0)
		q.Limit = []int{0, -1, 1, 777, MaxLimit}[rng.IntN(5)]
		if rng.IntN(4) > 0 {
			text := canonicalTexts[rng.IntN(len(canonicalTexts))].text
			parsed, err := ParseQuery(text, testNow, testLoc)
			if err != nil {
				t.Fatal(err)
			}
			q.Filter = parsed.Filter // without its range and nodes
		}
		text := q.Text()
		got, err := ParseQuery(text, testNow, testLoc)
		if err != nil || !sameQuery(got, q) {
			// If a text has two ranges or node lists, the second one stays in the
			// filter, and becomes the range or the nodes once it is parsed alone.
			if again := got.Text(); err != nil || again != text && len(Conjuncts(got.Filter)) == len(Conjuncts(q.Filter)) {
				t.Fatalf("%s parses as %s (%v)", text, again, err)
			}
		}
	}
}

func TestCommand(t *testing.T) {
	tcp := Numbers{FieldProto, []Interval{{6, 6}}}
	for want, q := range map[string]Query{
		"weir query": {},
		"weir query --since 2h 'proto:tcp dport:443'": {Range: Range{Last: 2 * time.Hour}, Filter: And{tcp, Numbers{FieldDport, []Interval{{443, 443}}}}},
		"weir query --node edge-1 --node dc-2":        {Nodes: []string{"edge-1", "dc-2"}},
		`weir query --node '"a,b"'`:                   {Nodes: []string{"a,b"}},
		"weir query --order oldest --limit 5000":      {Order: Oldest, Limit: 5000},
		"weir query --all":                            {Limit: -1},
		"weir query proto:tcp":                        {Limit: DefaultLimit, Filter: tcp},
		"weir query '!proto:tcp'":                     {Filter: Not{tcp}},
		`weir query 'snode:"it'\''s"'`:                {Filter: Names{FieldSnode, []string{"it's"}}},
		`weir query $'snode:"a\033[201~\012b"'`:       {Filter: Names{FieldSnode, []string{"a\x1b[201~\nb"}}},
		"weir query --from 2026-11-23T14:00:00-05:00 --to 2026-11-23T20:00:00Z": {
			Range: Range{From: time.Date(2026, 11, 23, 14, 0, 0, 0, testLoc), To: time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)}},
	} {
		if got := q.Command(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := (Query{Filter: tcp}).Command("--csv"); got != "weir query --csv proto:tcp" {
		t.Error(got)
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{
		"": "''", "plain-1.2/3": "plain-1.2/3", "a b": "'a b'", "$(reboot)": "'$(reboot)'", "it's": `'it'\''s'`, "a\nb": `$'a\012b'`,
		"=ls": "'=ls'", "ü": "'ü'", "a\u202eb": `$'a\342\200\256b'`, "'\x1b\\": `$'\'\033\\'`, "!x": "'!x'", "~": "'~'", "*": "'*'",
	} {
		if got := ShellQuote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, c := range canonicalTexts {
		f.Add(c.text)
	}
	f.Add("since:2h node:edge-1 order:oldest limit:5000 flags:syn,!ack")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text, testNow, testLoc)
		if err != nil {
			checkError(t, text, err)
			return
		}
		checkTree(t, q.Filter, false)
		printed := q.Text()
		if _, err := ParseQuery(printed, testNow, testLoc); err != nil {
			t.Fatalf("%q prints as %q, which does not parse: %v", text, printed, err)
		}
	})
}
