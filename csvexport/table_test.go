package csvexport

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
)

func table(t *testing.T, width int, records ...flow.Record) string {
	t.Helper()
	var b bytes.Buffer
	w := NewTable(&b, newYork, width)
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func sample() []flow.Record {
	return []flow.Record{
		handshake(),
		vary(ping),
		vary(func(r *flow.Record) {
			r.EndReason, r.Verdict = flow.StillOpen, flow.Established
			r.Src = flow.Endpoint{Node: "branch office\x1b[2J", Addr: netip.MustParseAddr("2001:db8::17"), Port: 1024}
			r.Dst = flow.Endpoint{Addr: netip.MustParseAddr("2001:db8:0:1:20c:29ff:fe0c:47d5"), Port: 22}
		}),
	}
}

func TestTableIsAligned(t *testing.T) {
	const want = `
START (UTC-05:00)        END      PROTO  SRC NODE            SRC IP         PORT  DST NODE  DST IP                           PORT      RECV  SENT  FLAGS     VERDICT      NODE
2026-11-23 14:12:07.123  +2.400s  TCP    edge-1              10.100.1.17   51422  dc-2      192.168.100.20                    443  12412345  1127  ...AP.SF  closed       edge-1
2026-11-23 14:12:07.123  +2.400s  ICMP   edge-1              10.100.1.17       -  dc-2      192.168.100.20                    0/0  12412345  1127  -         answered     edge-1
2026-11-23 14:12:07.123  open     TCP    branch office^[[2J  2001:db8::17   1024  -         2001:db8:0:1:20c:29ff:fe0c:47d5    22  12412345  1127  ...AP.SF  established  edge-1
`
	if got := "\n" + table(t, 0, sample()...); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

func TestTableFitsTheWidth(t *testing.T) {
	for width := 101; width <= 200; width++ {
		out := table(t, width, sample()...)
		for line := range strings.Lines(out) {
			if n := termsafe.Width(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("a line has %d cells at width %d:\n%s", n, width, out)
			}
		}
		for _, whole := range []string{"2026-11-23 14:12:07.123", "2001:db8:0:1:20c:29ff:fe0c:47d5", "51422"} {
			if !strings.Contains(out, whole) {
				t.Fatalf("%s was cut at width %d:\n%s", whole, width, out)
			}
		}
	}
}

func TestNarrowTableTruncatesNamesThenDropsColumns(t *testing.T) {
	for width, want := range map[int]string{
		170: "START (UTC-05:00) END PROTO SRC NODE SRC IP PORT DST NODE DST IP PORT RECV SENT FLAGS VERDICT NODE",
		150: "START (UTC-05:00) PROTO SRC NODE SRC IP PORT DST NODE DST IP PORT RECV SENT FLAGS VERDICT",
		100: "START (UTC-05:00) PROTO SRC IP PORT DST IP PORT FLAGS",
		1:   "START (UTC-05:00) PROTO SRC IP PORT DST IP PORT",
	} {
		head, _, _ := strings.Cut(table(t, width, sample()...), "\n")
		if got := strings.Join(strings.Fields(head), " "); got != want {
			t.Errorf("width %d: columns %s, want %s", width, got, want)
		}
	}
	nodeless := vary(func(r *flow.Record) { r.Src.Node, r.Dst.Node = "", "" })
	const want = "START (UTC-05:00) END PROTO SRC IP PORT DST IP PORT RECV SENT FLAGS VERDICT NODE"
	if head, _, _ := strings.Cut(table(t, 130, nodeless), "\n"); strings.Join(strings.Fields(head), " ") != want {
		t.Errorf("without endpoint nodes: columns %s, want %s", head, want)
	}
	if out := table(t, 170, sample()...); !strings.Contains(out, "branch offi~ ") {
		t.Errorf("no truncated name in\n%s", out)
	}
}

func TestTimeAfterAClockChangeHasItsOwnOffset(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip("no time zone data")
	}
	var b bytes.Buffer
	w := NewTable(&b, paris, 0)
	summer := vary(func(r *flow.Record) { r.Start = time.Date(2026, 10, 25, 0, 59, 59, 0, time.UTC) })
	winter := vary(func(r *flow.Record) { r.Start = time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC) })
	if err := errors.Join(w.Write(&summer), w.Write(&winter), w.Flush()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"START (UTC+02:00)", "2026-10-25 02:59:59.000 ", "2026-10-25 02:00:00.000+01:00"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}

func TestLongTableKeepsItsWidths(t *testing.T) {
	records := make([]flow.Record, 3*sampleRows)
	for i := range records {
		records[i] = handshake()
	}
	records[2*sampleRows].Dst.Addr = netip.MustParseAddr("2001:db8:0:1:20c:29ff:fe0c:47d5")
	out := table(t, 0, records...)
	if n := strings.Count(out, "\n"); n != len(records)+1 {
		t.Errorf("%d lines for %d records", n, len(records))
	}
	if !strings.Contains(out, "2001:db8:0:1:20c:29ff:fe0c:47d5") {
		t.Error("an address wider than its column was cut")
	}
}

func TestEmptyTableHasAHeader(t *testing.T) {
	const want = "START  END  PROTO  SRC NODE  SRC IP  PORT  DST NODE  DST IP  PORT  RECV  SENT  FLAGS  VERDICT  NODE\n"
	if got := table(t, 0); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTableHasTheSelectedColumns(t *testing.T) {
	r := handshake()
	r.ServerRTT, r.Interface, r.SrcSide.MinTTL = 412*time.Microsecond, "eth0", 64
	for names, want := range map[string]string{
		"dst,DPORT,interface":            "DST IP          PORT  IFACE\n192.168.100.20   443  eth0\n",
		"end,serverrtt,sttl,icmptype":    "END (UTC-05:00)          SRVRTT  STTL  ICMPTYPE\n2026-11-23 14:12:09.523   412us    64         -\n",
		"start,end,sflags":               "START (UTC-05:00)        END      SFLAGS\n2026-11-23 14:12:07.123  +2.400s  ...AP.S.\n",
		"duration,bytes,startTimeUnixNS": "DURATION     BYTES      STARTTIMEUNIXNS\n    2.4s  12413472  1795461127123456789\n",
	} {
		var b bytes.Buffer
		w := NewTable(&b, newYork, 20)
		if err := w.Select(strings.Split(names, ",")); err != nil {
			t.Fatal(err)
		}
		_ = w.Write(&r)
		if err := w.Flush(); err != nil || b.String() != want {
			t.Errorf("%s: %v\n%swant\n%s", names, err, b.String(), want)
		}
	}
	var b bytes.Buffer
	w := NewTable(&b, newYork, 0)
	if err := w.Select([]string{"default", "id"}); err != nil {
		t.Fatal(err)
	}
	_ = w.Write(&r)
	_ = w.Flush()
	for line := range strings.Lines(table(t, 0, r)) { // the same, and one column more
		if got, _ := b.ReadString('\n'); !strings.HasPrefix(got, strings.TrimSuffix(line, "\n")) || got == line {
			t.Errorf("default and id: %q, want %q and more", got, line)
		}
	}
	if err := w.Select([]string{"nod"}); err == nil || !strings.Contains(err.Error(), `unknown column "nod"`) {
		t.Errorf("an unknown column: %v", err)
	}
}
