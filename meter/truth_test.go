package meter

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
)

// What is compared, tuple by tuple.
const (
	fieldPackets   = "packets"
	fieldOctets    = "octets"
	fieldExact     = "exact" // packets, and octets where they can be compared
	fieldFlows     = "flows" // how many flows: ends, reuse of ports
	fieldTimes     = "times" // start and end, ±1 ms
	fieldFlags     = "flags"
	fieldInitiator = "initiator"
	fieldAsker     = "icmp asker" // the initiator of ICMP, which every engine defines differently
	fieldState     = "state"
	fieldVLAN      = "vlan"
	fieldReason    = "end reason"
	fieldICMP      = "icmp"
	fieldExtra     = "extra" // a tuple that the other engine doesn't have
)

// goals are the minimum shares of exact tuples, in percent, of those that an engine reports.
var goals = map[string]map[string]float64{
	"":     {fieldExact: 99.5, fieldTimes: 99, fieldFlags: 100}, // all engines together
	"zeek": {fieldInitiator: 99, fieldState: 98},
}

// differencesFile lists the accepted differences from other engines, deliberate or due to their
// errors: capture, tuple or *, field, reason, separated by tabs. It should only shrink.
const differencesFile = "testdata/differences.tsv"

// count is how many tuples of a field could be compared.
type count struct{ told, exact, argued, open int }

func (c count) percent() float64 { return 100 * float64(c.exact) / float64(max(1, c.told)) }

// truth is a comparison with the other engines.
type truth struct {
	t       *testing.T
	scores  map[string]map[string]*count // engine, field
	reasons map[string]string            // capture, tuple, field: why they differ
	used    map[string]bool
}

func newTruth(t *testing.T) *truth {
	tr := &truth{t: t, scores: map[string]map[string]*count{"": {}}, reasons: map[string]string{}, used: map[string]bool{}}
	f, err := os.Open(differencesFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		column := strings.Split(line, "\t")
		if len(column) != 4 || column[3] == "" {
			t.Fatalf("%s: not four columns: %q", differencesFile, line)
		}
		for field := range strings.SplitSeq(column[2], ",") {
			tr.reasons[column[0]+"\t"+column[1]+"\t"+field] = column[3]
		}
	}
	return tr
}

// reason returns why field of scope in capture may differ, or "".
func (tr *truth) reason(capture, scope, field string) string {
	for _, s := range []string{scope, "*"} {
		at := capture + "\t" + s + "\t" + field
		if why := tr.reasons[at]; why != "" {
			tr.used[at] = true
			return why
		}
	}
	return ""
}

// judge counts whether a field of scope, a tuple, is exact, and complains where
// it is not and no reason is known.
func (tr *truth) judge(engine, capture, scope, field string, exact bool, want, got any) {
	for _, e := range []string{engine, ""} {
		if tr.scores[e] == nil {
			tr.scores[e] = map[string]*count{}
		}
		if tr.scores[e][field] == nil {
			tr.scores[e][field] = &count{}
		}
		c := tr.scores[e][field]
		c.told++
		switch {
		case exact:
			c.exact++
		case tr.reason(engine+"/"+capture, scope, field) != "":
			c.argued++
		default:
			c.open++
		}
	}
	if !exact && field != fieldExact && tr.reason(engine+"/"+capture, scope, field) == "" {
		tr.t.Errorf("%s/%s\t%s\t%s\twant %v, got %v", engine, capture, scope, field, want, got)
	}
}

// compare compares all properties that an engine reports for one tuple.
func (tr *truth) compare(engine, capture string, k tuple, w, g *tally, frames *frameSum) {
	judge := func(field string, exact bool, want, got any) {
		tr.judge(engine, capture, k.String(), field, exact, want, got)
	}
	g = frames.withCopies(g, w.packets)
	basis, packets := g.packets, w.packets == g.packets
	if !packets && frames != nil {
		basis, packets = frames.onBasisOf(engine, w.packets, g.packets)
	}
	judge(fieldPackets, packets, w.packets, basis)
	octets := true
	switch {
	case w.hasOctets:
		octets = w.octets == g.octets
		judge(fieldOctets, octets, w.octets, g.octets)
	case w.hasFrames && frames != nil && !frames.inexact && basis == g.packets:
		got := [2]uint64{g.octets[0] + frames.layer2[0], g.octets[1] + frames.layer2[1]}
		octets = w.frames == got
		judge(fieldOctets, octets, w.frames, got)
	}
	tr.judgeExact(engine, capture, k.String(), packets, octets)
	judge(fieldFlows, w.flows == g.flows, w.flows, g.flows)
	if g.flows == 0 {
		return
	}
	if w.flows == g.flows && packets {
		field := fieldInitiator
		if k.proto.IsICMP() {
			field = fieldAsker
		}
		judge(field, number(w.fromA) == number(g.fromA), w.fromA, g.fromA)
	}
	if w.hasVLANs && !frames.inner {
		judge(fieldVLAN, slices.Equal(w.vlans, g.vlans), w.vlans, g.vlans)
	}
	if !packets || basis != g.packets {
		return // of other packets everything else may differ
	}
	if w.told != 0 {
		want, got := w.flags, g.flags
		if w.oneWayFlags {
			got = [2]flow.Flags{got[0] | got[1]}
		}
		want[0], want[1], got[0], got[1] = want[0]&w.told, want[1]&w.told, got[0]&w.told, got[1]&w.told
		judge(fieldFlags, want == got, want, got)
	}
	if w.states[0] != "" && w.flows == g.flows { // else, which is which?
		judge(fieldState, slices.Equal(w.states, g.states), w.states, g.states)
	}
	if w.hasTimes {
		compareTimes(judge, w, g, frames)
	}
}

// withCopies adds the copies that a mirror passed to what we counted, if the other engine counted them.
func (s *frameSum) withCopies(g *tally, want [2]uint64) *tally {
	if s == nil || g.packets == want {
		return g
	}
	all := *g
	for i := range all.packets {
		all.packets[i] += s.copies.packets[i]
		all.octets[i] += s.copies.octets[i]
	}
	if all.packets != want {
		return g
	}
	return &all
}

// onBasisOf takes later fragments from our packets for engines that put them
// together and count the datagram once.
func (s *frameSum) onBasisOf(engine string, want, got [2]uint64) (basis [2]uint64, same bool) {
	if engine != "arkime" && engine != "ndpi" {
		return got, false
	}
	basis = [2]uint64{got[0] - s.later[0], got[1] - s.later[1]}
	return basis, basis == want
}

// judgeExact counts a tuple whose counters are all equal. Differences have been reported
// already.
func (tr *truth) judgeExact(engine, capture, scope string, packets, octets bool) {
	exact := packets && octets
	if !exact {
		for _, field := range []string{fieldPackets, fieldOctets} {
			if why := tr.reason(engine+"/"+capture, scope, field); why != "" {
				tr.reasons[engine+"/"+capture+"\t"+scope+"\t"+fieldExact] = why
			}
		}
	}
	tr.judge(engine, capture, scope, fieldExact, exact, "", "")
}

// compareTimes compares the first start and the last end, or, of an engine
// that only tells how long flows lasted, that of each.
func compareTimes(judge func(string, bool, any, any), w, g *tally, frames *frameSum) {
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() <= time.Millisecond }
	if !w.spans[0].start.IsZero() {
		want, got := hull(w.spans), hull(g.spans)
		judge(fieldTimes, near(want.start, got.start) && near(want.end, got.end), want, got)
		return
	}
	if w.flows != g.flows {
		return // which one is which can't be told; the number of flows has been compared
	}
	if w.flows == 1 {
		g.spans[0].duration = frames.toFIN()
	}
	exact := true
	for i := range w.spans {
		exact = exact && (w.spans[i].duration-g.spans[i].duration).Abs() <= time.Millisecond
	}
	judge(fieldTimes, exact, w.spans, g.spans)
}

// number returns how many are true.
func number(all []bool) (n int) {
	for _, b := range all {
		if b {
			n++
		}
	}
	return n
}

func hull(spans []span) span {
	s := spans[0]
	for _, next := range spans {
		if next.start.Before(s.start) {
			s.start = next.start
		}
		if next.end.After(s.end) {
			s.end = next.end
		}
	}
	return s
}

func TestFlowsEqualThoseOfOtherEngines(t *testing.T) {
	tr := newTruth(t)
	for _, engine := range []string{"zeek", "arkime", "ipfixprobe", "ndpi"} {
		for _, path := range corpus(t, engine+"/*.expected.json") {
			pcap, want := expectations(t, path)
			got, frames := measured(flowsOf(t, Config{}, pcap)), ledgerOf(t, pcap)
			name := strings.TrimSuffix(filepath.Base(path), ".expected.json")
			for _, k := range slices.SortedFunc(maps.Keys(want), compareTuples) {
				g := got[k]
				if g == nil {
					g = &tally{}
				}
				tr.compare(engine, name, k, want[k], g, frames[k])
			}
			for _, k := range slices.SortedFunc(maps.Keys(got), compareTuples) {
				if engine != "ipfixprobe" && want[k] == nil && (frames[k] == nil || !frames[k].carrier()) { // it lists what its plugins know
					tr.judge(engine, name, k.String(), fieldExtra, false, "none", got[k].packets)
				}
			}
		}
	}
	for _, path := range corpus(t, "suricata-verify/*.expected.json") {
		tr.suricata(path)
	}
	tr.print()
	tr.checkGoals()
	for at := range tr.reasons {
		if !tr.used[at] && !strings.HasSuffix(at, fieldExact) {
			t.Errorf("%s: nothing differs any more: %q", differencesFile, at)
		}
	}
}

func compareTuples(a, b tuple) int { return strings.Compare(a.String(), b.String()) }

func (tr *truth) print() {
	var s strings.Builder
	fmt.Fprintf(&s, "\n%-16s %-12s %6s %6s %7s %6s\n", "engine", "field", "tuples", "exact", "", "argued")
	for _, engine := range slices.Sorted(maps.Keys(tr.scores)) {
		for _, field := range slices.Sorted(maps.Keys(tr.scores[engine])) {
			c := tr.scores[engine][field]
			name := engine
			if name == "" {
				name = "all"
			}
			if field == fieldExtra {
				fmt.Fprintf(&s, "%-16s %-12s %29s %6d\n", name, field, "", c.argued)
				continue
			}
			fmt.Fprintf(&s, "%-16s %-12s %6d %6d %6.2f%% %6d\n", name, field, c.told, c.exact, c.percent(), c.argued)
		}
	}
	tr.t.Log(s.String())
}

func (tr *truth) checkGoals() {
	for engine, fields := range goals {
		for field, goal := range fields {
			if c := tr.scores[engine][field]; c == nil || c.percent() < goal {
				tr.t.Errorf("%s %s: below %v %%", engine, field, goal)
			}
		}
	}
}
