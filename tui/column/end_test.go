package column

import (
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// END shows "open" for the flows that the field open matches and that weir query
// shows as open, also while a closed connection waits for late packets.
func TestEndIsOpenUntilTheRecordHasEnded(t *testing.T) {
	r := flow.Record{Proto: flow.TCP, Verdict: flow.Closed, Start: time.Unix(0, 0), Last: time.Unix(1, 0)}
	style := Style{Loc: time.UTC}
	for _, c := range []struct {
		reason      flow.EndReason
		shown, term string
	}{{flow.StillOpen, "open", "open:yes"}, {flow.EndOfFlow, "+1.00s", ""}} {
		r.EndReason = c.reason
		b, _ := style.Append(nil, End, &r)
		term, _ := Term(End, &r)
		if string(b) != c.shown || search.Text(term) != c.term {
			t.Errorf("%v: %q with the term %q, want %q and %q", c.reason, b, search.Text(term), c.shown, c.term)
		}
	}
}
