package meter

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
)

// expectedFile is what another engine counted in a capture.
type expectedFile struct {
	PCAP  string         `json:"pcap"`
	Flows []expectedFlow `json:"flows"`
}

// expectedFlow is one of its flows, with source and destination as it decided. No engine reports
// all fields.
type expectedFlow struct {
	Number  flow.Proto `json:"ip_proto"`
	Name    string     `json:"proto"` // nDPI, which has no number
	Src     string     `json:"src"`
	Dst     string     `json:"dst"`
	SrcPort uint16     `json:"sport"`
	DstPort uint16     `json:"dport"`
	SrcPkts uint64     `json:"src_pkts"`
	DstPkts uint64     `json:"dst_pkts"`

	SrcBytes  *uint64 `json:"src_ip_bytes"` // Zeek, ipfixprobe
	DstBytes  *uint64 `json:"dst_ip_bytes"`
	SrcFrames *uint64 `json:"src_frame_bytes"` // Arkime, nDPI
	DstFrames *uint64 `json:"dst_frame_bytes"`

	State    string          `json:"conn_state"`    // Zeek
	History  string          `json:"history"`       // Zeek
	Duration *float64        `json:"duration"`      // Zeek, seconds; null: a single packet
	Flags    *flow.Flags     `json:"tcp_flags"`     // ipfixprobe
	FlagsRev *flow.Flags     `json:"tcp_flags_rev"` // ipfixprobe
	First    string          `json:"first"`         // ipfixprobe
	Last     string          `json:"last"`          // ipfixprobe
	FirstMS  int64           `json:"first_ms"`      // Arkime
	LastMS   int64           `json:"last_ms"`       // Arkime
	Counts   map[string]int  `json:"tcpflags"`      // Arkime
	Segment  int             `json:"segmentCnt"`    // Arkime; above 1: the rest of the flow before
	VLAN     json.RawMessage `json:"vlan"`          // Arkime: an object; nDPI: a number
}

// tuple identifies flows for the comparison: engines differ in when they end a flow and begin
// another, so all flows between two endpoints are summed. ICMP's ports are ignored, since every
// engine defines them differently.
type tuple struct {
	proto flow.Proto
	a, b  netip.AddrPort
}

func (t tuple) String() string { return t.proto.String() + " " + t.a.String() + " " + t.b.String() }

// canonical puts the endpoints in order and says whether it had to exchange them.
func (t tuple) canonical() (_ tuple, swapped bool) {
	if t.proto != flow.TCP && t.proto != flow.UDP { // SCTP has ports, but not in every engine
		t.a, t.b = netip.AddrPortFrom(t.a.Addr(), 0), netip.AddrPortFrom(t.b.Addr(), 0)
	}
	if t.b.Compare(t.a) < 0 {
		t.a, t.b = t.b, t.a
		return t, true
	}
	return t, false
}

// span is the time from a flow's first packet to its last. A field that an engine doesn't report
// is the zero time.
type span struct {
	start, end time.Time
	duration   time.Duration
}

// tally is the sum of all flows of a tuple. Pairs are from a, from b.
type tally struct {
	flows   int
	packets [2]uint64
	octets  [2]uint64 // of IP packets
	frames  [2]uint64 // of frames
	flags   [2]flow.Flags
	told    flow.Flags // the flags that the engine reports
	fromA   []bool     // of each flow: a is its source
	states  []string   // sorted
	spans   []span
	vlans   []uint16 // sorted, each once

	oneWayFlags                              bool // flags[0] holds those of both directions
	hasOctets, hasFrames, hasTimes, hasVLANs bool
}

// expectations reads the file at path and sums its flows.
func expectations(t *testing.T, path string) (pcap string, all map[tuple]*tally) {
	t.Helper()
	var file expectedFile
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	all = make(map[tuple]*tally)
	seen := make(map[string]bool)
	for _, f := range file.Flows {
		if f.Src == "" {
			continue // a session of something else than IP
		}
		if again, _ := json.Marshal(f); f.First != "" { // ipfixprobe's outputs for several plugins, joined
			if seen[string(again)] {
				continue
			}
			seen[string(again)] = true
		}
		f.addTo(t, all)
	}
	return filepath.Join(filepath.Dir(path), file.PCAP), all
}

func (f *expectedFlow) addTo(t *testing.T, all map[tuple]*tally) {
	proto := f.Number
	if proto == 0 && f.Name != "" {
		p, err := flow.ParseProto(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		proto = p
	}
	src, dst := netip.MustParseAddr(f.Src).Unmap(), netip.MustParseAddr(f.Dst).Unmap()
	k, swapped := tuple{proto, netip.AddrPortFrom(src, f.SrcPort), netip.AddrPortFrom(dst, f.DstPort)}.canonical()
	w := tallyOf(all, k)
	a, b := 0, 1
	if swapped {
		a, b = 1, 0
	}
	w.packets[a] += f.SrcPkts
	w.packets[b] += f.DstPkts
	if f.SrcBytes != nil {
		w.hasOctets = true
		w.octets[a] += *f.SrcBytes
		w.octets[b] += *f.DstBytes
	}
	if f.SrcFrames != nil {
		w.hasFrames = true
		w.frames[a] += *f.SrcFrames
		w.frames[b] += *f.DstFrames
	}
	f.addFlags(w, a, b)
	f.addVLANs(t, w)
	s, hasTimes := f.span(t)
	w.hasTimes = hasTimes
	if f.Segment > 1 && len(w.spans) > 0 {
		last := &w.spans[len(w.spans)-1]
		last.end = s.end
		return
	}
	w.flows++
	w.spans = append(w.spans, s)
	w.fromA = append(w.fromA, !swapped)
	w.states = append(w.states, f.State)
	slices.Sort(w.states)
}

// span returns the time of the flow, and whether the engine reports it.
func (f *expectedFlow) span(t *testing.T) (s span, told bool) {
	switch {
	case f.First != "":
		s.start, s.end = mustTime(t, f.First), mustTime(t, f.Last)
	case f.FirstMS != 0:
		s.start, s.end = time.UnixMilli(f.FirstMS), time.UnixMilli(f.LastMS)
	case f.State != "":
		if f.Duration != nil {
			s.duration = time.Duration(*f.Duration * 1e9)
		}
	default:
		return s, false
	}
	return s, true
}

func mustTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// addFlags adds the union of the TCP flags that the engine reports.
func (f *expectedFlow) addFlags(w *tally, a, b int) {
	switch {
	case f.Flags != nil:
		w.told = 0xff
		w.flags[a] |= *f.Flags
		w.flags[b] |= *f.FlagsRev
	case f.Counts != nil:
		w.oneWayFlags = true
		w.told |= flow.FIN | flow.RST | flow.PSH | flow.URG | flow.SYN | flow.ECE | flow.CWR
		for name, bits := range map[string]flow.Flags{"fin": flow.FIN, "rst": flow.RST, "psh": flow.PSH, "urg": flow.URG,
			"syn": flow.SYN, "syn-ack": flow.SYN | flow.ACK, "ack": flow.ACK, "ece": flow.ECE, "cwr": flow.CWR} {
			if f.Counts[name] > 0 {
				w.flags[0] |= bits
				w.told |= bits // ACK without anything else has a count; beside PSH or FIN it has none
			}
		}
	case f.History != "" && f.Number == flow.TCP && !strings.ContainsAny(f.History, "QqIi"): // these stand for several
		w.told = flow.SYN | flow.FIN | flow.RST
		for _, letter := range f.History {
			side := a
			if letter >= 'a' {
				side = b
			}
			w.flags[side] |= map[rune]flow.Flags{'s': flow.SYN, 'h': flow.SYN, 'f': flow.FIN, 'r': flow.RST}[letter|0x20]
		}
	}
}

// addVLANs adds the VLAN IDs. nDPI reports one per flow, Arkime all.
func (f *expectedFlow) addVLANs(t *testing.T, w *tally) {
	if f.VLAN == nil || f.First != "" {
		return
	}
	w.hasVLANs = true
	var ids struct {
		ID []uint16 `json:"id"`
	}
	var one uint16
	if json.Unmarshal(f.VLAN, &ids) != nil {
		if err := json.Unmarshal(f.VLAN, &one); err != nil {
			t.Fatal(err)
		}
		ids.ID = []uint16{one}
	}
	w.addVLANs(ids.ID...)
}

func (w *tally) addVLANs(ids ...uint16) {
	for _, id := range ids {
		if id != 0 && !slices.Contains(w.vlans, id) {
			w.vlans = append(w.vlans, id)
		}
	}
	slices.Sort(w.vlans)
}

func tallyOf(all map[tuple]*tally, k tuple) *tally {
	if all[k] == nil {
		all[k] = &tally{}
	}
	return all[k]
}

// corpus is the folder of captures with known flows. Without it the test is
// skipped: these are other projects' captures and no part of this one.
func corpus(t testing.TB, folder string) []string {
	root := cmp.Or(os.Getenv("WEIR_PCAPS"), "../../shared/pcaps")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("SKIPPED: no captures with known flows: %v (WEIR_PCAPS names their folder)", err)
	}
	files, err := filepath.Glob(filepath.Join(root, folder))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s in %s: %v", folder, root, err)
	}
	return files
}
