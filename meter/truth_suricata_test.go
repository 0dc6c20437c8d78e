package meter

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"weir/flow"
)

// assertions is what Suricata's tests say about the flows of a capture: as
// many as Count match, each with all of these properties.
type assertions struct {
	PCAP  string `json:"pcap"`
	Flows []struct {
		Count int            `json:"count"`
		Match map[string]any `json:"match"`
	} `json:"flows"`
}

// suricata compares what Suricata's tests assert in the file at path.
func (tr *truth) suricata(path string) {
	var file assertions
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	if err != nil {
		tr.t.Fatal(err)
	}
	pcap := filepath.Join(filepath.Dir(path), file.PCAP)
	recs, frames := flowsOf(tr.t, Config{}, pcap), ledgerOf(tr.t, pcap)
	name := strings.TrimSuffix(filepath.Base(path), ".expected.json")
	for i, f := range file.Flows {
		tr.assertion(name, fmt.Sprint("assertion ", i+1), f.Count, f.Match, recs, frames)
	}
}

// property compares one property of a record. ok is false if it can't be
// compared.
type property struct {
	key, field string
	same       func(m map[string]any, r *flow.Record, l *frameSum) (same, ok bool)
}

// assertion narrows the flows down property by property. One that too few
// flows have differs, and the next ones are looked for among all the same.
func (tr *truth) assertion(capture, scope string, count int, m map[string]any, recs []flow.Record, frames ledger) {
	var left []*flow.Record
	for i := range recs {
		if isMeant(m, &recs[i]) {
			left = append(left, &recs[i])
		}
	}
	if len(left) < count {
		tr.judge("suricata-verify", capture, scope, fieldPackets, false, count, len(left))
		tr.judgeExact("suricata-verify", capture, scope, false, false)
		return
	}
	verdict := map[string]bool{}
	for _, p := range properties {
		if m[p.key] == nil {
			continue
		}
		var next []*flow.Record
		told := true
		for _, r := range left {
			k, _ := tupleOf(r)
			same, ok := p.same(m, r, frames[k])
			told = told && ok
			if same {
				next = append(next, r)
			}
		}
		if !told {
			continue
		}
		if _, before := verdict[p.field]; !before {
			verdict[p.field] = true
		}
		if len(next) >= count {
			left = next
			continue
		}
		verdict[p.field] = false
	}
	for field, exact := range verdict {
		tr.judge("suricata-verify", capture, scope, field, exact, m, describe(left))
	}
	octets, told := verdict[fieldOctets]
	tr.judgeExact("suricata-verify", capture, scope, verdict[fieldPackets], octets || !told)
	if m["flow.action"] == nil && m["not-has-key"] == nil { // how many an inline firewall stopped is not for us to say
		tr.judge("suricata-verify", capture, scope, fieldFlows, len(left) == count, count, len(left))
	}
}

func describe(recs []*flow.Record) string {
	var s strings.Builder
	for _, r := range recs[:min(3, len(recs))] {
		fmt.Fprintf(&s, "\n\t%v %v:%d %v:%d sent %v recv %v %v %v %v", r.Proto, r.Src.Addr, r.Src.Port, r.Dst.Addr, r.Dst.Port, r.Sent, r.Recv, r.Verdict, r.EndReason, r.Duration())
	}
	return s.String()
}

// isMeant compares what names a flow, in the direction that Suricata gives it.
func isMeant(m map[string]any, r *flow.Record) bool {
	addr := func(key string, a netip.Addr) bool {
		s, told := m[key].(string)
		return !told || netip.MustParseAddr(s) == a
	}
	port := func(key string, p uint16) bool {
		n, told := m[key].(float64)
		return !told || uint16(n) == p
	}
	if name, told := m["proto"].(string); told {
		if p, err := flow.ParseProto(name); err != nil || p != r.Proto {
			return false
		}
	}
	return addr("src_ip", r.Src.Addr) && addr("dest_ip", r.Dst.Addr) && port("src_port", r.Src.Port) && port("dest_port", r.Dst.Port)
}

var properties = []property{
	{"flow.pkts_toserver", fieldPackets, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return m["flow.pkts_toserver"] == float64(r.Sent.Packets), true
	}},
	{"flow.pkts_toclient", fieldPackets, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return m["flow.pkts_toclient"] == float64(r.Recv.Packets), true
	}},
	{"flow.bytes_toserver", fieldOctets, func(m map[string]any, r *flow.Record, l *frameSum) (bool, bool) {
		return sameFrames(m["flow.bytes_toserver"], r, l, true)
	}},
	{"flow.bytes_toclient", fieldOctets, func(m map[string]any, r *flow.Record, l *frameSum) (bool, bool) {
		return sameFrames(m["flow.bytes_toclient"], r, l, false)
	}},
	{"tcp.tcp_flags_ts", fieldFlags, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return hexFlags(m["tcp.tcp_flags_ts"]) == r.SrcSide.Flags, true
	}},
	{"tcp.tcp_flags_tc", fieldFlags, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return hexFlags(m["tcp.tcp_flags_tc"]) == r.DstSide.Flags, true
	}},
	{"flow.start", fieldTimes, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return m["flow.start"] == r.Start.Format("2006-01-02T15:04:05.000000-0700"), true
	}},
	{"flow.end", fieldTimes, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return m["flow.end"] == r.Last.Format("2006-01-02T15:04:05.000000-0700"), true
	}},
	{"flow.age", fieldTimes, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) { // the difference of whole seconds
		return m["flow.age"] == float64(r.Last.Unix()-r.Start.Unix()), true
	}},
	{"flow.state", fieldState, sameState},
	{"flow.reason", fieldReason, func(_ map[string]any, r *flow.Record, _ *frameSum) (bool, bool) { // only "shutdown" occurs
		return r.EndReason == flow.ForcedEnd || r.EndReason == flow.EndOfFlow, true
	}},
	{"vlan[0]", fieldVLAN, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return m["vlan[0]"] == float64(r.VLAN[0]), true
	}},
	{"icmp_type", fieldICMP, func(m map[string]any, r *flow.Record, _ *frameSum) (bool, bool) {
		return m["icmp_type"] == float64(r.ICMP.Type) && m["icmp_code"] == float64(r.ICMP.Code), true
	}},
}

func hexFlags(v any) flow.Flags {
	n, _ := strconv.ParseUint(v.(string), 16, 8)
	return flow.Flags(n)
}

// sameFrames compares what the source sent, or the destination, with frames
// added up.
func sameFrames(want any, r *flow.Record, l *frameSum, sent bool) (same, ok bool) {
	if l == nil || l.inexact {
		return false, false
	}
	_, swapped := tupleOf(r)
	octets, from := r.Sent.Octets, 0
	if !sent {
		octets, from = r.Recv.Octets, 1
	}
	if swapped {
		from = 1 - from
	}
	return want == float64(octets+l.layer2[from]), true
}

// sameState compares how far a flow got. A flow that Suricata cut off, as an
// inline firewall, got no farther in its eyes.
func sameState(m map[string]any, r *flow.Record, _ *frameSum) (same, ok bool) {
	if m["flow.action"] == "drop" {
		return true, false
	}
	closed := []flow.Verdict{flow.Closed, flow.Refused, flow.ResetBySource, flow.ResetByDest, flow.Aborted, flow.SynAckThenReset}
	begun := []flow.Verdict{flow.NoAnswer, flow.Unanswered, flow.Unreachable}
	state := "established"
	switch {
	case slices.Contains(closed, r.Verdict):
		state = "closed"
	case slices.Contains(begun, r.Verdict):
		state = "new"
	}
	return m["flow.state"] == state, true
}
