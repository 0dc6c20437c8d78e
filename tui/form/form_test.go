package form

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/search"
	"weir/tui/input"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

// filledQuery returns a query for every field of the form, with two terms that no field
// shows.
func filledQuery(env input.Env) search.Query {
	return search.Query{
		Range: search.Range{
			From: time.Date(2026, 11, 23, 9, 0, 0, 0, env.Loc),
			To:   time.Date(2026, 11, 23, 12, 30, 0, 250_000_000, env.Loc),
		},
		Nodes: []string{"edge-1", "branch office", "a,b"},
		Filter: mustParse(env, `snode:edge-* !dnode:dc-1,dc-2 src:10.0.0.0/8,192.0.2.1-192.0.2.9 !dst:2001:db8::1 sport:>=1024 dport:!=80,443
			proto:tcp,47 verdict:no-answer flags:syn,!ack bytes:<10K duration:200ms-5s sent:0 recv:>1MiB end:>=2026-11-23T14:05:00Z
			payload:>1M retrans:>0 rtt:>=200ms outoforder:0 rttmin:<10ms !zerowindow:1-9 rttmean:>1.5s
			vlan:100 interface:eth0`),
		Order: search.Oldest,
		Limit: 10_000,
	}
}

func mustParse(env input.Env, text string) search.Expr {
	x, err := search.ParseAt(text, env.Now, env.Loc)
	if err != nil {
		panic(err)
	}
	return x
}

// goTo moves the cursor to a field.
func (f *Form) goTo(id cellID) *Form {
	for f.focus != id {
		tuitest.Press(f, "tab")
	}
	return f
}

func TestTheFormShowsEveryPartOfAQueryItHasAFieldFor(t *testing.T) {
	env := tuitest.Env(t)
	f := New(filledQuery(env), nil, env)
	for id, want := range map[cellID]string{
		cellRange: customRange, cellFrom: "2026-11-23 09:00:00", cellTo: "2026-11-23 12:30:00.25", cellNodes: `edge-1,branch office,"a,b"`,
		cellSnode: "edge-*", cellSrc: "10.0.0.0/8,192.0.2.1-192.0.2.9", cellDst: "!2001:db8::1", cellSport: ">=1024", cellDport: "!=80,443",
		cellProto: "tcp,gre", cellVerdict: "no-answer", cellFlags: "syn,!ack", cellBytes: "<10K", cellDuration: "200ms-5s", cellSent: "0", cellRecv: ">1MiB",
		cellEnd: ">=2026-11-23 09:05:00", cellPayload: ">1M", cellRetrans: ">0", cellRTT: ">=200ms", cellOutOfOrder: "0", cellRTTMin: "<10ms",
		cellZeroWindow: "!=1-9", cellRTTMean: ">1.5s", cellLimit: "10000", cellOrder: "oldest",
	} {
		if got := f.text(id); got != want {
			t.Errorf("field %d: got %q, want %q", id, got, want)
		}
	}
}

func TestTheFormPutsBackWhatItCannotShow(t *testing.T) {
	env := tuitest.Env(t)
	for _, tt := range []struct{ filter, line, want string }{
		{"vlan:100", "and 1 more term: vlan:100", "dport:53 vlan:100"},
		{"vlan:100 (proto:tcp or proto:udp)", "and 2 more terms: vlan:100 (proto:tcp or proto:udp)", "dport:53 vlan:100 (proto:tcp or proto:udp)"},
		{"sentretrans:>0 clientrtt:<10ms", "and 2 more terms: sentretrans:>0 clientrtt:<10ms", "dport:53 sentretrans:>0 clientrtt:<10ms"},
		{"flags:any(fin,rst)", "and 1 more term: flags:any(fin,rst)", "dport:53 flags:any(fin,rst)"},
		{"verdict:refused,no-answer", "and 1 more term:", "dport:53 verdict:refused,no-answer"},
		{"sport:1 sport:2", "and 1 more term: sport:2", "dport:53 sport:1 sport:2"},
	} {
		t.Run(tt.filter, func(t *testing.T) {
			f := New(search.Query{Filter: mustParse(env, "dport:80 "+tt.filter)}, nil, env)
			if view := f.View(&ui.Theme{}, 80, 24); !strings.Contains(view, tt.line) {
				t.Errorf("%q is missing in\n%s", tt.line, view)
			}
			f.goTo(cellDport)
			tuitest.Press(f, "backspace", "backspace", "5", "3", "enter")
			if got := search.Text(f.result().Filter); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestChangingTheRangeLeavesTheOtherFiltersAlone(t *testing.T) {
	env := tuitest.Env(t)
	q := filledQuery(env)
	f := New(q, nil, env)
	tuitest.Press(f, "ctrl+u") // the cursor is on the range
	q.Range = search.Range{}
	if got := tuitest.Press(f, "enter"); !reflect.DeepEqual(got, tea.Msg(QueryChosenMsg{q})) {
		t.Errorf("\ngot  %+v\nwant %+v", got, q)
	}
}

func TestLeftAndRightChooseTheRange(t *testing.T) {
	env := tuitest.Env(t)
	for _, tt := range []struct {
		old  search.Range
		keys []string
		want search.Range
	}{
		{search.Range{Last: 2 * time.Hour}, []string{"right"}, search.Range{Last: 12 * time.Hour}},
		{search.Range{Last: 2 * time.Hour}, []string{"left", "left"}, search.Range{Last: 30 * time.Minute}},
		{search.Range{Last: 5 * time.Minute}, []string{"left"}, search.Range{}},
		{search.Range{}, []string{"space"}, search.Range{Last: 5 * time.Minute}},
		{search.Range{Last: 24 * time.Hour}, nil, search.Range{Last: 24 * time.Hour}},
		{search.Range{Last: 24 * time.Hour}, []string{"left"}, search.Range{Last: 12 * time.Hour}},
		{search.Range{Last: 2 * time.Hour}, []string{"home"}, search.Range{}},
	} {
		f := New(search.Query{Range: tt.old}, nil, env)
		tuitest.Press(f, tt.keys...)
		if got := f.result().Range; got != tt.want {
			t.Errorf("%v %v: got %v, want %v", tt.old, tt.keys, got, tt.want)
		}
	}
}

func TestACustomRangeStartsAsTheRangeBeforeIt(t *testing.T) {
	env := tuitest.Env(t)
	f := New(search.Query{Range: search.Range{Last: 12 * time.Hour}}, nil, env)
	tuitest.Press(f, "right") // custom
	want := search.Range{From: env.Now.Add(-12 * time.Hour)}
	if got := f.result().Range; !got.From.Equal(want.From) || !got.To.IsZero() {
		t.Errorf("got %v, want %v", got, want)
	}
	tuitest.Press(f, "tab", "tab")
	tuitest.Type(f, "13:30")
	if got := f.result().Range.To; !got.Equal(time.Date(2026, 11, 23, 13, 30, 0, 0, env.Loc)) {
		t.Errorf("until: got %v", got)
	}
	if _, ok := tuitest.Press(f, "enter").(QueryChosenMsg); !ok {
		t.Error("Enter does not search")
	}
}

func TestARangeThatEndsBeforeItBeginsIsRefused(t *testing.T) {
	env := tuitest.Env(t)
	f := New(search.Query{}, nil, env)
	tuitest.Press(f, "left", "tab")
	tuitest.Type(f, "14:00")
	tuitest.Press(f, "tab")
	tuitest.Type(f, "13:00")
	if got := tuitest.Press(f, "enter"); got != nil || f.focus != cellTo {
		t.Errorf("got %v at field %d", got, f.focus)
	}
	if view := f.View(&ui.Theme{}, 80, 24); !strings.Contains(view, "Range ends before it starts: expected a time after 2026-11-23 14:00:00") {
		t.Errorf("it does not say why:\n%s", view)
	}
}

func TestSeveralFlagsTickedMeanAllOfThem(t *testing.T) {
	env := tuitest.Env(t)
	f := New(search.Query{}, nil, env).goTo(cellFlags)
	tuitest.Press(f, "right", "space", "right", "right", "right", "space", "right", "space", "space") // SYN, ACK, not URG
	want := search.FlagTest{Field: search.FieldFlags, All: flow.SYN | flow.ACK, None: flow.URG}
	if got := f.result().Filter; got != search.Expr(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	tuitest.Press(f, "space") // and back to either
	want.None = 0
	if got := f.result().Filter; got != search.Expr(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnOperatorIsTypedOrChosenWithSpace(t *testing.T) {
	env := tuitest.Env(t)
	for _, tt := range []struct {
		cell cellID
		keys string // "_" is Space
		want string
	}{
		{cellDport, "443", "dport:443"},
		{cellDport, "80,443", "dport:80,443"},
		{cellDport, "6000-6063", "dport:6000-6063"},
		{cellDport, "!=80,443", "!dport:80,443"},
		{cellDport, "!80", "!dport:80"},
		{cellDport, ">1024", "dport:>1024"},
		{cellDport, ">=1024", "dport:>=1024"},
		{cellDport, "<1024", "dport:<1024"},
		{cellDport, "<=1023", "dport:<1024"},
		{cellDport, "=22", "dport:22"},
		{cellDport, "_22", "!dport:22"},
		{cellDport, "__1024", "dport:<1024"},
		{cellDport, "______22", "dport:22"},
		{cellBytes, "1M", "bytes:>=1M"},
		{cellBytes, "=1M", "bytes:1M"},
		{cellBytes, "<4KiB", "bytes:<4KiB"},
		{cellBytes, "=1K-64K", "bytes:1K-64K"},
		{cellDuration, ">200ms", "duration:>200ms"},
		{cellPayload, "10K", "payload:>=10K"},
		{cellRetrans, ">0", "retrans:>0"},
		{cellRTT, "<41us", "rtt:<41us"},
		{cellOutOfOrder, "1", "outoforder:>=1"},
		{cellRTTMin, "=10ms-20ms", "rttmin:10ms-20ms"},
		{cellZeroWindow, "!=0", "!zerowindow:0"},
		{cellRTTMean, "1.5s", "rttmean:>=1.5s"},
		{cellEnd, "13:05", "end:>=2026-11-23T18:05:00Z"},
		{cellEnd, "14:05", "end:>=2026-11-22T19:05:00Z"}, // 14:05 today is in the future
		{cellEnd, "<14:05", "end:<2026-11-23T19:05:00Z"},
		{cellEnd, "<=14:05", "end:<2026-11-23T19:05:00Z"},
		{cellSrc, "10.0.0.0/8, 192.0.2.1", "src:10.0.0.0/8,192.0.2.1"},
		{cellSrc, "!10.0.0.0/8", "!src:10.0.0.0/8"},
		{cellSrc, "192.0.2.1 - 192.0.2.9", "src:192.0.2.1-192.0.2.9"},
		{cellSnode, "branch office, edge-*", `snode:"branch office",edge-*`},
		{cellDnode, `!""`, `!dnode:""`},
		{cellProto, "tcp,47", "proto:tcp,gre"},
		{cellProto, "!icmp", "!proto:icmp"},
	} {
		f := New(search.Query{}, nil, env).goTo(tt.cell)
		for _, r := range tt.keys {
			if r == '_' {
				tuitest.Press(f, "space")
			} else {
				tuitest.Type(f, string(r))
			}
		}
		answer, ok := tuitest.Press(f, "enter").(QueryChosenMsg)
		if !ok {
			t.Errorf("%s: refused: %v", tt.keys, f.problem(f.focus))
			continue
		}
		got := search.Text(answer.Query.Filter)
		if want := search.Text(mustParse(env, tt.want)); got != want {
			t.Errorf("%s: got %s, want %s", tt.keys, got, want)
		}
	}
}

func TestEnterGoesToTheFirstFieldThatIsNotValidAndSaysWhy(t *testing.T) {
	env := tuitest.Env(t)
	for _, tt := range []struct {
		cell       cellID
		text, want string
	}{
		{cellNodes, "a,,b", "Missing name between commas"},
		{cellNodes, `"a`, "Missing closing quote"},
		{cellNodes, "!", "Expected a name after "},
		{cellNodes, "a,!b", `before the whole list`},
		{cellSnode, "!", "Expected a name after "},
		{cellSrc, "10.0.0.300", `Invalid IP address "10.0.0.300"`},
		{cellSrc, "edge-1", "snode:edge-1"},
		{cellDst, "10.0.0.1 dport:80", "Invalid IP address"},
		{cellDst, "10.0.0.1)", "Parenthesis"},
		{cellSport, ">80,443", "< and > take one number"},
		{cellSport, "80,!443", "Expected a value such as"},
		{cellDport, "70000", "out of range"},
		{cellDport, "htps", "Invalid port"},
		{cellProto, "tpc", `Unknown protocol "tpc": did you mean tcp? `},
		{cellBytes, "ten", "bytes"},
		{cellDuration, "5 parsecs", "duration"},
		{cellRetrans, "many", `Unknown unit "many"`},
		{cellRTTMin, "5", "duration"},
		{cellEnd, "soon", `Unknown time "soon"`},
		{cellLimit, "0", "Invalid limit: expected 1 to 10,000"},
		{cellLimit, "10001", "Invalid limit: expected 1 to 10,000"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			f := New(search.Query{}, nil, env)
			f.cells[tt.cell].field.SetText(tt.text)
			if got := tuitest.Press(f, "enter"); got != nil {
				t.Fatalf("accepted as %s", search.Text(f.result().Filter))
			}
			if f.focus != tt.cell {
				t.Errorf("the cursor went to field %d, not to %d", f.focus, tt.cell)
			}
			view := strings.Join(strings.Fields(f.View(&ui.Theme{ASCII: true}, 80, 24)), " ")
			if view = strings.ReplaceAll(view, " | | ", " "); !strings.Contains(view, tt.want) {
				t.Errorf("%q is missing in\n%s", tt.want, f.View(&ui.Theme{}, 80, 24))
			}
		})
	}
}

func TestTabGoesThroughAllFieldsAndTheArrowsThroughTheRows(t *testing.T) {
	f := New(search.Query{}, nil, tuitest.Env(t))
	var seen []cellID
	for range int(numCells) - 2 { // the ends of the range can't be edited now
		seen = append(seen, f.focus)
		tuitest.Press(f, "tab")
	}
	if f.focus != cellRange || slices.Contains(seen, cellFrom) || slices.Contains(seen, cellTo) || !slices.IsSorted(seen) {
		t.Errorf("Tab goes through %v to %d", seen, f.focus)
	}
	tuitest.Press(f, "shift+tab")
	if f.focus != cellOrder {
		t.Errorf("Shift-Tab went to %d", f.focus)
	}
	f.goTo(cellDnode)
	for _, step := range []struct {
		key  string
		want cellID
	}{
		{"down", cellDst}, {"down", cellDport}, {"down", cellVerdict}, {"down", cellFlags}, {"down", cellBytes}, {"down", cellSent},
		{"down", cellEnd}, {"down", cellRetrans}, {"down", cellOutOfOrder}, {"down", cellZeroWindow}, {"down", cellLimit}, {"down", cellRange},
		{"up", cellLimit}, {"tab", cellOrder}, {"up", cellRTTMean}, {"up", cellRTTMin}, {"up", cellRTT}, {"up", cellPayload}, {"up", cellRecv},
	} {
		if tuitest.Press(f, step.key); f.focus != step.want {
			t.Errorf("%s went to %d, not to %d", step.key, f.focus, step.want)
		}
	}
}

func TestOneKeyClearsTheFieldAnotherClearsAll(t *testing.T) {
	env := tuitest.Env(t)
	f := New(filledQuery(env), nil, env).goTo(cellSrc)
	tuitest.Press(f, "ctrl+u")
	if got := search.Text(f.result().Filter); strings.Contains(got, "src:") || !strings.Contains(got, "dport:") {
		t.Errorf("^u left %s", got)
	}
	tuitest.Press(f, "ctrl+x")
	want := search.Query{Filter: mustParse(env, "vlan:100 interface:eth0")}
	if got := f.result(); !reflect.DeepEqual(got, want) {
		t.Errorf("^x left %+v", got)
	}
	tuitest.Press(f, "ctrl+x") // the second time it drops the terms that no field shows
	if got := f.result(); !reflect.DeepEqual(got, search.Query{}) {
		t.Errorf("^x twice left %+v", got)
	}
}

func TestEscClosesTheForm(t *testing.T) {
	env := tuitest.Env(t)
	if got := tuitest.Press(New(filledQuery(env), nil, env).goTo(cellSrc), "ctrl+u", "esc"); got != tuitest.Closed {
		t.Errorf("got %v", got)
	}
}

func TestALocalTimeThatIsThereTwiceSurvivesTheForm(t *testing.T) {
	env := tuitest.Env(t)
	later := time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC) // 01:30 for the second time
	x := search.Numbers{Field: search.FieldEnd, Ranges: []search.Interval{{Lo: later.UnixNano(), Hi: search.MaxNumber}}}
	f := New(search.Query{Filter: x, Range: search.Range{From: later}}, nil, env)
	if got := f.text(cellEnd); got != ">=2026-11-01 01:30:00 -05:00" {
		t.Errorf("the end is shown as %s", got)
	}
	tuitest.Press(f.goTo(cellTo), "n", "o", "w") // so that the range is parsed again
	if got := f.result(); !got.Range.From.Equal(later) || !sameTerm(got.Filter, x) {
		t.Errorf("got %v and %v", got.Range, got.Filter)
	}
}

func TestNamesSurviveTheForm(t *testing.T) {
	for _, names := range [][]string{
		nil, {"edge-1"}, {"a", "b c"}, {""}, {"", ""}, {"a,b", `q"uo\te`, " lead", "trail ", "!not", "ü世"}, {`\`}, {`"`}, {"*"},
	} {
		got, err := parseNames(joinNames(names))
		if err != nil || !slices.Equal(got, names) {
			t.Errorf("%q: got %q, %v", names, got, err)
		}
	}
}

func TestTenThousandKeysDoTheFormNoHarm(t *testing.T) {
	env := tuitest.Env(t)
	queries := []search.Query{{}, filledQuery(env), {Filter: search.Addrs{Field: search.FieldSrc, Ranges: []search.AddrRange{search.PrefixRange(netip.MustParsePrefix("::/0"))}}}}
	n := 0
	tuitest.Fuzz(t, func() ui.Window { n++; return New(queries[n%len(queries)], nil, env) }, func(_ ui.Window, answer tea.Msg) {
		q := answer.(QueryChosenMsg).Query
		text := search.Text(q.Filter)
		if back, err := search.ParseAt(text, env.Now, env.Loc); err != nil || !sameTerm(back, q.Filter) {
			t.Errorf("the filter %s reads back as %v, %v", text, back, err)
		}
		if q.Limit < 0 || q.Limit > search.MaxLimit {
			t.Errorf("limit %d", q.Limit)
		}
	})
}

func TestAFieldRefusesAPasteThatNoFilterCanBe(t *testing.T) {
	env := tuitest.Env(t)
	for _, id := range []cellID{cellSrc, cellDport} {
		f := New(search.Query{}, nil, env).goTo(id)
		f.Update(tea.PasteMsg{Content: strings.Repeat("1,", 32<<10+1)})
		if got := f.text(id); got != "" {
			t.Errorf("the field has %d bytes", len(got))
		}
		if hint := strings.Join(f.hintLines(&ui.Theme{}, 80), " "); !strings.Contains(hint, "Paste rejected: a filter has at most 64 KiB") {
			t.Errorf("it says %q", hint)
		}
		tuitest.Press(f, "8")
		if hint := strings.Join(f.hintLines(&ui.Theme{}, 80), " "); strings.Contains(hint, "rejected") {
			t.Errorf("the next key leaves the message: %q", hint)
		}
		f.Update(tea.PasteMsg{Content: strings.Repeat(",80", 1000)}) // more than 512 characters
		if got, want := f.text(id), "8"+strings.Repeat(",80", 1000); got != want {
			t.Errorf("the field has %d bytes, want %d", len(got), len(want))
		}
	}
}
