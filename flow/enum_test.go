package flow_test

import (
	"strings"
	"testing"

	"weir/flow"
)

// roundTrip checks that parse is the inverse of String for every value of an
// enumeration, that names are unique, and that case doesn't matter.
func roundTrip[E interface {
	comparable
	String() string
}](t *testing.T, all []E, parse func(string) (E, error)) {
	t.Helper()
	seen := map[string]E{}
	for i, want := range all {
		name := want.String()
		if other, ok := seen[name]; ok {
			t.Errorf("%#v and %#v share the name %q", other, want, name)
		}
		seen[name] = want
		for _, spelled := range []string{name, strings.ToUpper(name), " " + name + " "} {
			if got, err := parse(spelled); err != nil || got != want {
				t.Errorf("value %d: %q parses as %v, %v", i, spelled, got, err)
			}
		}
	}
}

func TestEnumNamesRoundTrip(t *testing.T) {
	roundTrip(t, flow.EndReasons(), flow.ParseEndReason)
	roundTrip(t, flow.Directions(), flow.ParseDirection)
	roundTrip(t, flow.TunnelKinds(), flow.ParseTunnelKind)
	roundTrip(t, flow.Verdicts(), flow.ParseVerdict)
}

func TestEnumValuesAreListedInOrderWithoutGaps(t *testing.T) {
	for i, v := range flow.EndReasons() {
		if int(v) != i {
			t.Errorf("end reason %d is at index %d", v, i)
		}
	}
	for i, v := range flow.Directions() {
		if int(v) != i {
			t.Errorf("direction %d is at index %d", v, i)
		}
	}
	for i, v := range flow.TunnelKinds() {
		if int(v) != i {
			t.Errorf("tunnel kind %d is at index %d", v, i)
		}
	}
	if n := len(flow.Verdicts()); n != int(flow.ReplyOnly)+1 {
		t.Errorf("%d verdicts have names, %d are declared", n, flow.ReplyOnly+1)
	}
}

func TestEndReasonsMatchIPFIX(t *testing.T) {
	// IE 136 flowEndReason: 1 idle timeout, 2 active timeout, 3 end of flow
	// detected, 4 forced end, 5 lack of resources.
	if flow.IdleTimeout != 1 || flow.ActiveTimeout != 2 || flow.EndOfFlow != 3 || flow.ForcedEnd != 4 || flow.LackOfResources != 5 {
		t.Error("an end reason differs from its number in IE 136")
	}
}

func TestEvidenceIsOrderedByStrength(t *testing.T) {
	weakestFirst := []flow.Direction{
		flow.ByUnknown, flow.ByFirstPacket, flow.ByHighPort, flow.ByFlowStart, flow.ByService, flow.ByMulticast, flow.ByPreviousFlow, flow.ByRequest,
		flow.BySynAck, flow.BySyn,
	}
	if len(weakestFirst) != len(flow.Directions()) {
		t.Errorf("%d of %d kinds of evidence have a place in the order", len(weakestFirst), len(flow.Directions()))
	}
	for i, a := range weakestFirst {
		for j, b := range weakestFirst {
			if got := a.StrongerThan(b); got != (i > j) {
				t.Errorf("%q stronger than %q: %v", a, b, got)
			}
		}
	}
	if flow.Direction(99).StrongerThan(flow.ByFirstPacket) {
		t.Error("an unknown value is stronger than a known one")
	}
}

// The numbers are in stored flows.
func TestStoredNumbersOfDirectionsStay(t *testing.T) {
	for i, name := range []string{"", "first-packet", "high-port", "service", "multicast", "request", "syn-ack", "syn", "flow-start", "previous-flow"} {
		if got := flow.Direction(i).String(); got != name {
			t.Errorf("direction %d is %q, want %q", i, got, name)
		}
	}
}

func TestUnknownNameErrorListsKnownNames(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"end reason": {second(flow.ParseEndReason("bored")), `unknown end reason "bored": expected one of open, idle, active, end, forced, resources`},
		"direction":  {second(flow.ParseDirection("up")), `unknown direction "up": expected one of first-packet, high-port, `},
		"tunnel":     {second(flow.ParseTunnelKind("channel")), `unknown tunnel "channel": expected one of gre, erspan, `},
		"verdict":    {second(flow.ParseVerdict("S0")), `unknown verdict "S0": expected one of no-answer, refused, `},
		"empty":      {second(flow.ParseEndReason("")), `unknown end reason "": expected one of open`},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s…", name, c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestOutOfRangeValuesPrintAsNumbers(t *testing.T) {
	for got, want := range map[string]string{
		flow.EndReason(9).String():    "reason-9",
		flow.Direction(99).String():   "direction-99",
		flow.TunnelKind(200).String(): "tunnel-200",
		flow.Verdict(255).String():    "verdict-255",
		flow.Verdict(255).Words():     "verdict-255",
		flow.Verdict(255).ConnState(): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEveryVerdictHasWordsAndConnState(t *testing.T) {
	zeek := " S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH " // the values of conn_state
	for _, v := range flow.Verdicts()[1:] {
		if v.Words() == "" {
			t.Errorf("%v has no words", v)
		}
		if !strings.Contains(zeek, " "+v.ConnState()+" ") {
			t.Errorf("%v: %q is not a conn_state", v, v.ConnState())
		}
	}
	if flow.NoVerdict.String()+flow.NoVerdict.Words()+flow.NoVerdict.ConnState() != "" {
		t.Error("NoVerdict has a name")
	}
}
