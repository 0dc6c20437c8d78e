package form

import (
	"testing"
	"time"

	"weir/flow"
	"weir/search"
	"weir/tui/tuitest"
)

// wordyForm returns an empty form with nodes and groups to complete.
func wordyForm(t *testing.T) *Form {
	env := tuitest.Env(t)
	env.Words = search.Env{Nodes: []string{"dc-2", "edge-1", "edge-12", "edge-2", "Branch office", "a,b"}, Groups: []string{"europe"}}
	return New(search.Query{Range: search.Range{Last: 2 * time.Hour}}, nil, env)
}

func TestTabCompletesInTheFieldsOfTheForm(t *testing.T) {
	for _, tt := range []struct {
		cell        cellID
		typed, want string
	}{
		{cellSnode, "dc", "dc-2"},
		{cellDnode, "DC", "dc-2"},
		{cellNodes, "eu", "europe"},                          // a group
		{cellNodes, "edge-2,d", "edge-2,dc-2"},               // in a list
		{cellNodes, "!d", "!dc-2"},                           // excluded
		{cellSnode, "bra", "Branch office"},                  // needs no quotes here
		{cellSnode, `"bra`, "Branch office"},                 // and loses half of them
		{cellSnode, "a", `"a,b"`},                            // needs them
		{cellSnode, "ed", "edge-"},                           // as far as it is clear
		{cellProto, "udpl", "udplite"},                       // a protocol
		{cellProto, "tcp,udpl", "tcp,udplite"},               // in a list
		{cellProto, "!sct", "!sctp"},                         // excluded
		{cellDport, "wireg", "wireguard"},                    // a service
		{cellSport, "!=wireg", "!=wireguard"},                // behind an operator
		{cellEnd, "yest", ">=yesterday"},                     // a time
		{cellBytes, "1", ">=1"},                              // nothing to complete
		{cellSnode, "nobody", "nobody"}, {cellSrc, "1", "1"}, // nothing to complete
	} {
		f := wordyForm(t).goTo(tt.cell)
		tuitest.Type(f, tt.typed)
		tuitest.Press(f, "tab")
		if got := f.text(tt.cell); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func TestTabGoesOnWhereThereIsNothingToComplete(t *testing.T) {
	for _, tt := range []struct {
		cell  cellID
		typed string
	}{
		{cellSnode, ""}, {cellSnode, "edge-1"}, {cellSnode, "EDGE-1"}, {cellSnode, "nobody"}, {cellProto, "udp"}, {cellProto, "tcp,udp"},
		{cellDport, "http"}, {cellDport, "443"}, {cellNodes, "edge-1,europe"}, {cellSrc, "10.0.0.1"}, {cellVerdict, ""}, {cellFlags, ""},
	} {
		f := wordyForm(t).goTo(tt.cell)
		tuitest.Type(f, tt.typed)
		tuitest.Press(f, "tab")
		if f.focus == tt.cell || f.focus == cellRange {
			t.Errorf("behind %q Tab goes to field %d", tt.typed, f.focus)
		}
	}
}

func TestTabGoesRoundWhatAFieldMayHold(t *testing.T) {
	f := wordyForm(t).goTo(cellSnode)
	tuitest.Type(f, "ed")
	var got []string
	for range 6 {
		tuitest.Press(f, "tab")
		got = append(got, f.text(cellSnode))
	}
	// First the common prefix, then the choices, then each of them in turn.
	want := []string{"edge-", "edge-", "edge-1", "edge-2", "edge-12", "edge-1"}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("Tab writes %q, want %q", got, want)
		}
	}
	tuitest.Press(f, "down")
	if f.focus == cellSnode || f.text(cellSnode) != "edge-1" {
		t.Errorf("Down stays at field %d with %q", f.focus, f.text(cellSnode))
	}
}

func TestTheFormShowsWhatItWouldComplete(t *testing.T) {
	f := wordyForm(t).goTo(cellSnode)
	tuitest.Type(f, "ed")
	tuitest.Goldens(t, f, "form-complete")
	tuitest.Type(f, "ge-12")
	if len(f.choices()) != 0 {
		t.Error("a whole name is completed")
	}
}

func TestALetterChoosesAVerdict(t *testing.T) {
	f := wordyForm(t).goTo(cellVerdict)
	for _, want := range []string{"refused", "reset-by-source", "reset-by-dest", "reply-only", "refused"} {
		if tuitest.Type(f, "r"); f.text(cellVerdict) != want {
			t.Errorf("r chooses %q, want %q", f.text(cellVerdict), want)
		}
	}
	tuitest.Type(f, "z")
	if f.text(cellVerdict) != "refused" {
		t.Errorf("z, with which none begins, chooses %q", f.text(cellVerdict))
	}
	tuitest.Press(f.goTo(cellRange), "1")
	if f.text(cellRange) != "12h0m0s" {
		t.Errorf("1 chooses the range %q", f.text(cellRange))
	}
}

func TestMistakeSeveralFlagsTickedMatchAny(t *testing.T) {
	f := New(search.Query{}, nil, tuitest.Env(t)).goTo(cellFlags)
	tuitest.Press(f, "right", "space", "right", "space") // SYN and RST
	answer, ok := tuitest.Press(f, "enter").(QueryChosenMsg)
	if !ok {
		t.Fatal("the form stays open")
	}
	want := search.FlagTest{Field: search.FieldFlags, All: flow.SYN | flow.RST}
	if got := answer.Query.Filter; got != search.Expr(want) {
		t.Errorf("got %s, want all of %s", search.Text(got), want)
	}
}
