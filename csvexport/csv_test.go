package csvexport

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/flow"
)

const header = "startTime,startTimeUnixMS,endTime,endTimeUnixMS,protocol,sourceNode,sourceIP,sourcePort,destNode,destIP,destPort,recvBytes,sentBytes,tcpFlags,node\n"

// newYork is UTC-5 without daylight saving, so that the tests need no tzdata.
var newYork = time.FixedZone("EST", -5*3600)

// handshake returns a closed TCP flow. Other test records are variations of it.
func handshake() flow.Record {
	start := time.Date(2026, 11, 23, 19, 12, 7, 123456789, time.UTC)
	return flow.Record{
		ID: 184223, Node: "edge-1", Interface: "eth0", Start: start, Last: start.Add(2400 * time.Millisecond), EndReason: flow.EndOfFlow,
		Proto: flow.TCP,
		Src:   flow.Endpoint{Node: "edge-1", Addr: netip.MustParseAddr("10.100.1.17"), Port: 51422},
		Dst:   flow.Endpoint{Node: "dc-2", Addr: netip.MustParseAddr("192.168.100.20"), Port: 443},
		Sent:  flow.Counters{Packets: 9, Octets: 1127}, Recv: flow.Counters{Packets: 11, Octets: 12412345},
		SrcSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.PSH, ISN: flow.Seq32{Value: 0, Seen: true},
			Payload: 647, ZeroWindows: 3, RTTMin: 900 * time.Microsecond, RTTMean: time.Millisecond},
		DstSide: flow.Side{Flags: flow.SYN | flow.ACK | flow.FIN, ISN: flow.Seq32{Value: 4294967295, Seen: true},
			Payload: 12411801, Retransmitted: flow.Counters{Packets: 2, Octets: 2896}, OutOfOrder: 1, RTTMin: 9 * time.Millisecond, RTTMean: 12 * time.Millisecond},
		Verdict: flow.Closed, ServerRTT: 10 * time.Millisecond, ClientRTT: time.Millisecond,
		VLAN: flow.VLANs{100, 200}, Tunnel: flow.Tunnel{Kind: flow.TunnelVXLAN, ID: 5001},
	}
}

func vary(change func(*flow.Record)) flow.Record {
	r := handshake()
	change(&r)
	return r
}

func ping(r *flow.Record) {
	r.Proto, r.ICMP = flow.ICMP, flow.ICMPType{Type: 0, Code: 0}
	r.Src.Port, r.Dst.Port = 0, 0
	r.SrcSide, r.DstSide, r.ServerRTT, r.Verdict = flow.Side{}, flow.Side{}, 0, flow.Answered
	r.VLAN, r.Tunnel = flow.VLANs{}, flow.Tunnel{}
}

func TestCSVRows(t *testing.T) {
	for _, c := range []struct {
		name   string
		record flow.Record
		want   string
	}{
		{"a closed TCP flow", handshake(),
			"11/23/2026 02:12:07 PM,1795461127123,11/23/2026 02:12:09 PM,1795461129523,TCP,edge-1,10.100.1.17,51422,dc-2,192.168.100.20,443,12412345,1127,0x1b,edge-1"},
		{"an open flow has no end", vary(func(r *flow.Record) { r.EndReason = flow.StillOpen }),
			"11/23/2026 02:12:07 PM,1795461127123,,,TCP,edge-1,10.100.1.17,51422,dc-2,192.168.100.20,443,12412345,1127,0x1b,edge-1"},
		{"ICMP has neither ports nor flags", vary(ping),
			"11/23/2026 02:12:07 PM,1795461127123,11/23/2026 02:12:09 PM,1795461129523,ICMP,edge-1,10.100.1.17,,dc-2,192.168.100.20,,12412345,1127,,edge-1"},
		{"IPv6, no owner, no bytes, no flags seen", vary(func(r *flow.Record) {
			r.Src = flow.Endpoint{Addr: netip.MustParseAddr("2001:db8::1"), Port: 53}
			r.Dst.Node, r.Sent, r.Recv = "", flow.Counters{}, flow.Counters{}
			r.SrcSide, r.DstSide = flow.Side{}, flow.Side{}
		}), "11/23/2026 02:12:07 PM,1795461127123,11/23/2026 02:12:09 PM,1795461129523,TCP,,2001:db8::1,53,,192.168.100.20,443,0,0,0x00,edge-1"},
		{"a protocol without a name is a number", vary(func(r *flow.Record) { ping(r); r.Proto = 200 }),
			"11/23/2026 02:12:07 PM,1795461127123,11/23/2026 02:12:09 PM,1795461129523,200,edge-1,10.100.1.17,,dc-2,192.168.100.20,,12412345,1127,,edge-1"},
		{"midnight and noon, ten years apart, in UTC-5", vary(func(r *flow.Record) {
			r.Start = time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC)
			r.Last = time.Date(2036, 1, 1, 17, 0, 0, 999999999, time.UTC)
		}), "01/01/2026 12:00:00 AM,1767243600000,01/01/2036 12:00:00 PM,2082819600999,TCP,edge-1,10.100.1.17,51422,dc-2,192.168.100.20,443,12412345,1127,0x1b,edge-1"},
		{"names that a spreadsheet would interpret", vary(func(r *flow.Record) {
			r.Src.Node, r.Dst.Node, r.Node = "=1+1", `dc "two", rack 3`, "-x"
		}), `11/23/2026 02:12:07 PM,1795461127123,11/23/2026 02:12:09 PM,1795461129523,TCP,'=1+1,10.100.1.17,51422,"dc ""two"", rack 3",192.168.100.20,443,12412345,1127,0x1b,'-x`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			w := NewCSV(&b, newYork)
			if err := errors.Join(w.Write(&c.record), w.Flush()); err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != header+c.want+"\n" {
				t.Errorf("wrote\n%s\nwant\n%s", got, header+c.want)
			}
		})
	}
}

func TestEmptyExportHasAHeader(t *testing.T) {
	var b bytes.Buffer
	if err := NewCSV(&b, nil).Flush(); err != nil || b.String() != header {
		t.Errorf("wrote %q, %v", b.String(), err)
	}
	if got := strings.Join(Header(), ",") + "\n"; got != header {
		t.Errorf("Header() = %q", got)
	}
}

func TestEscapeFormula(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"edge-1":                "edge-1",
		`=HYPERLINK("x")`:       `'=HYPERLINK("x")`,
		"+1":                    "'+1",
		"-1":                    "'-1",
		"@SUM(A1)":              "'@SUM(A1)",
		"  =1":                  "'  =1",
		"\t=1":                  "^I=1",
		"\r\n=1":                "^M^J=1",
		"\u3000＝1":              "' ＝1",
		"\u200b=1":              "\uFFFD=1",
		"a=b":                   "a=b",
		"\x1b[31mred\xff\u202e": "^[[31mred\uFFFD\uFFFD",
	} {
		if got := EscapeFormula(in); got != want {
			t.Errorf("EscapeFormula(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzTextCells(f *testing.F) {
	for _, s := range []string{"", "edge-1", "=1", "a,b", `"`, "a\nb", " x ", "\t+", "＠", `\.`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var b bytes.Buffer
		w := NewCSV(&b, nil)
		r := vary(func(r *flow.Record) { r.Src.Node, r.Node = name, name })
		if err := errors.Join(w.Write(&r), w.Flush()); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != 2 {
			t.Fatalf("%q is written as %d lines, want 2", name, n)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != csvColumns {
			t.Fatalf("%q reads back as %q, %v", name, rows, err)
		}
		cell := rows[1][csvColumns-1]
		if cell != EscapeFormula(name) || cell != rows[1][5] {
			t.Fatalf("%q reads back as %q, want %q", name, cell, EscapeFormula(name))
		}
		if start := strings.TrimLeft(cell, " \t\r\n"); start != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(start)[0]) {
			t.Fatalf("%q is a formula: %q", name, cell)
		}
	})
}

// failing is a writer that always fails, as on a full disk.
type failing struct{}

var errFull = errors.New("no space left on device")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreSticky(t *testing.T) {
	r := handshake()
	for name, w := range map[string]interface {
		Write(*flow.Record) error
		Flush() error
	}{"csv": NewCSV(failing{}, nil), "json": NewJSON(failing{}, nil), "table": NewTable(failing{}, nil, 0)} {
		if err := w.Write(&r); err != nil {
			t.Errorf("%s: the first row fits the buffer, got %v", name, err)
		}
		for range 2 {
			if err := w.Flush(); !errors.Is(err, errFull) {
				t.Errorf("%s: Flush returned %v", name, err)
			}
		}
		if err := w.Write(&r); !errors.Is(err, errFull) {
			t.Errorf("%s: Write after the error returned %v", name, err)
		}
	}
}

func TestManyRowsReadBackUnchanged(t *testing.T) {
	const n = 20_000 // more than one buffer
	var b bytes.Buffer
	w, r := NewCSV(&b, nil), handshake()
	for i := range n {
		r.Recv.Octets = uint64(i)
		if err := w.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != n+1 || rows[n][11] != "19999" || !reflect.DeepEqual(rows[0], Header()) {
		t.Fatalf("%d rows, last %q, %v", len(rows), rows[len(rows)-1], err)
	}
}

func TestCSVRowDoesNotAllocate(t *testing.T) {
	r, w := handshake(), NewCSV(io.Discard, newYork)
	for range 1000 {
		_ = w.Write(&r) // let the buffer grow
	}
	if n := testing.AllocsPerRun(1000, func() { _ = w.Write(&r) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkCSV(b *testing.B) {
	r, w := handshake(), NewCSV(io.Discard, newYork)
	for b.Loop() {
		_ = w.Write(&r)
	}
}

func BenchmarkJSON(b *testing.B) {
	r, w := handshake(), NewJSON(io.Discard, newYork)
	for b.Loop() {
		_ = w.Write(&r)
	}
}
