package csvexport

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/field"
	"weir/flow"
)

func selectFlow() *flow.Record {
	start := time.Date(2026, 11, 23, 14, 5, 6, 7_000_000, time.UTC)
	return &flow.Record{
		ID: 1, Node: "edge-1", Start: start, Last: start.Add(time.Second), EndReason: flow.EndOfFlow, Proto: flow.TCP, Verdict: flow.Closed,
		Src: flow.Endpoint{Addr: netip.MustParseAddr("10.0.0.1"), Port: 5}, Dst: flow.Endpoint{Addr: netip.MustParseAddr("10.0.0.2"), Port: 443},
	}
}

func TestSelectedColumnsKeepTheirOrder(t *testing.T) {
	var b bytes.Buffer
	c := NewCSV(&b, time.UTC)
	if err := c.Select([]string{"destPort", "VERDICT", "node"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Write(selectFlow()); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(); err != nil || b.String() != "destPort,verdict,node\n443,closed,edge-1\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	j := NewJSON(&b, time.UTC)
	if err := j.Select([]string{"node", "destPort"}); err != nil {
		t.Fatal(err)
	}
	_ = j.Write(selectFlow())
	if err := j.Flush(); err != nil || b.String() != `{"node":"edge-1","destPort":443}`+"\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestInvalidColumnsAreErrors(t *testing.T) {
	for name, want := range map[string]string{"": "no columns", "nod": `unknown column "nod": expected startTime, `, "node,NODE": "duplicate column node"} {
		var names []string
		if name != "" {
			names = strings.Split(name, ",")
		}
		if err := NewCSV(nil, nil).Select(names); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
		if err := NewJSON(nil, nil).Select(names); err == nil {
			t.Errorf("%q: JSON accepts it, want an error", name)
		}
	}
}

func TestArrayIsValidJSONForAnyLength(t *testing.T) {
	for rows := range 4 {
		var b bytes.Buffer
		j := NewJSONArray(&b, time.UTC)
		for range rows {
			if err := j.Write(selectFlow()); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Flush(); err != nil {
			t.Fatal(err)
		}
		var all []map[string]any
		if err := json.Unmarshal(b.Bytes(), &all); err != nil || len(all) != rows {
			t.Errorf("%d rows: %q, %v", rows, b.String(), err)
		}
	}
}

func TestLiveTableKeepsItsLayoutAndHasOneHeader(t *testing.T) {
	var b bytes.Buffer
	out := NewLiveTable(&b, time.UTC, 0)
	if err := out.Flush(); err != nil || b.Len() > 0 {
		t.Errorf("before the first flow: %q, %v", b.String(), err)
	}
	for range 3 {
		if err := out.Write(selectFlow()); err != nil {
			t.Fatal(err)
		}
		if err := out.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 4 || strings.Index(lines[0], "DST IP") != strings.Index(lines[3], "10.0.0.2") || !strings.Contains(lines[1], "10.0.0.1         ") {
		t.Errorf("got\n%s", b.String())
	}
}

func TestQuotedCellsReadBackWithEncodingCSV(t *testing.T) {
	var b bytes.Buffer
	c := NewCSV(&b, time.UTC)
	names := []string{"edge-1", `a "quoted" name`, "comma, name", "=1+1", " blank ", "ü世", "-1"}
	for _, name := range names {
		r := selectFlow()
		r.Node = name
		if err := c.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != len(names)+1 || !reflect.DeepEqual(rows[0], Header()) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, name := range names {
		if got := rows[i+1][14]; got != EscapeFormula(name) {
			t.Errorf("%q reads back as %q", name, got)
		}
	}
}

func TestColumnsHaveTheNamesOfTheSearchLanguage(t *testing.T) {
	r := selectFlow()
	r.Interface, r.Sent, r.Recv = "eth0", flow.Counters{Packets: 2, Octets: 100}, flow.Counters{Packets: 1, Octets: 40}
	r.ServerRTT, r.SrcSide.MinTTL, r.SYNRetries = 3*time.Millisecond, 64, 1
	for names, want := range map[string]string{
		"src,DPORT,result":          "sourceIP,destPort,verdict\n10.0.0.1,443,closed\n",
		"iface,duration,serverrtt":  "interface,durationNS,serverRTTNS\neth0,1000000000,3000000\n",
		"bytes,packets,open,id":     "bytes,packets,open,id\n140,3,no,1\n",
		"ip,ttl,synretries,errorip": "sourceIP,destIP,sttl,dttl,synRetries,errorIP\n10.0.0.1,10.0.0.2,64,,1,\n",
		"communityid,clientRTTNS":   "communityID,clientRTTNS\n1:x6j4O0q+XEmaNhxb2LWy4HH7cSA=,\n",
	} {
		var b bytes.Buffer
		c := NewCSV(&b, time.UTC)
		if err := c.Select(strings.Split(names, ",")); err != nil {
			t.Fatal(err)
		}
		_ = c.Write(r)
		if err := c.Flush(); err != nil || b.String() != want {
			t.Errorf("%s: %q, %v, want %q", names, b.String(), err, want)
		}
	}
	for _, preset := range field.PresetNames() {
		if err := NewJSON(nil, nil).Select([]string{preset}); err != nil {
			t.Errorf("%s: %v", preset, err)
		}
	}
	if err := NewCSV(nil, nil).Select([]string{"group"}); err == nil || !strings.Contains(err.Error(), "group is not a column") {
		t.Errorf("group: %v", err)
	}
}
