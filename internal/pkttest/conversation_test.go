package pkttest_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"weir/internal/pkttest"
)

func TestConversationIsAValidTCPConnection(t *testing.T) {
	frames := pkttest.Between(t0, "10.0.0.1:51422", "10.0.0.2:443").RTT(20*time.Millisecond, 4*time.Millisecond).
		Handshake().Send(500).Recv(4000).Wait(time.Second).Close().Frames()
	out := tcpdump(t, frames)
	at := 0
	for _, line := range []string{ // tcpdump output with relative sequence numbers
		"12:00:00.123456", "Flags [S]", "seq 1000",
		"12:00:00.143456", "Flags [S.]", "seq 500000, ack 1001",
		"12:00:00.147456", "Flags [.]", "ack 1",
		"12:00:00.147506", "Flags [P.]", "seq 1:501, ack 1", "length 500",
		"12:00:00.167506", "Flags [.]", "ack 501",
		"12:00:00.167556", "Flags [.]", "seq 1:1461, ack 501", "length 1460",
		"12:00:00.167606", "Flags [.]", "seq 1461:2921",
		"12:00:00.167656", "Flags [P.]", "seq 2921:4001",
		"12:00:00.171656", "Flags [.]", "ack 2921",
		"12:00:00.171706", "Flags [.]", "ack 4001",
		"12:00:01.171756", "Flags [F.]", "seq 501, ack 4001",
		"12:00:01.191756", "Flags [F.]", "seq 4001, ack 502",
		"12:00:01.195756", "Flags [.]", "ack 4002",
	} {
		i := strings.Index(out[at:], line)
		if i < 0 {
			t.Fatalf("no %q in:\n%s\nof:\n%s", line, out[at:], out)
		}
		at += i + len(line)
	}
}

func TestTwoObservationPointsSeeTheSameConversation(t *testing.T) {
	// The second point is 3 ms closer to the server, behind a NAT.
	near := pkttest.Between(t0, "192.168.100.1:51422", "10.100.1.1:443").RTT(20*time.Millisecond, 4*time.Millisecond).TTL(64, 60)
	far := pkttest.Between(t0.Add(3*time.Millisecond), "10.100.2.1:61001", "10.100.1.1:443").RTT(14*time.Millisecond, 10*time.Millisecond).TTL(63, 61)
	script := func(c *pkttest.Conversation) []pkttest.Frame {
		return c.Handshake().Send(3000).Wait(50 * time.Millisecond).Recv(30000).Send(10).CloseByServer().Frames()
	}
	a, b := script(near), script(far)
	if len(a) != len(b) {
		t.Fatalf("%d frames at one point, %d at the other", len(a), len(b))
	}
	for i := range a {
		fromClient := a[i].Data[26] == 192
		want := 3 * time.Millisecond
		if !fromClient {
			want = -want
		}
		if got := b[i].Time.Sub(a[i].Time); got != want {
			t.Errorf("frame %d: passes %v later, want %v", i, got, want)
		}
		if len(a[i].Data) != len(b[i].Data) || !bytes.Equal(a[i].Data[16:22], b[i].Data[16:22]) || !bytes.Equal(a[i].Data[38:48], b[i].Data[38:48]) {
			t.Errorf("frame %d: length, IP identification, sequence numbers or flags differ", i)
		}
	}
}

func TestConversationOutcomes(t *testing.T) {
	begin := func() *pkttest.Conversation { return pkttest.Between(t0, "10.0.0.1:51422", "10.0.0.2:443") }
	for name, c := range map[string]struct {
		script *pkttest.Conversation
		want   []string
	}{
		"refused":     {begin().SYN().Refuse(), []string{"[S]", "[R.]"}},
		"no answer":   {begin().SYN().Retransmit(time.Second).Retransmit(2 * time.Second), []string{"12:00:00.1", "[S], cksum", "12:00:01.1", "[S], cksum", "12:00:03.1", "[S]"}},
		"reset":       {begin().Handshake().Send(9).ResetByServer(), []string{"[S]", "[P.]", "[R.]"}},
		"half closed": {begin().Handshake().FIN().Recv(9), []string{"[F.]", "[.]", "length 9"}},
		"unreachable": {begin().SYN().Error("10.0.0.254", 3, 1), []string{"[S]", "10.0.0.254 > 10.0.0.1: ICMP host 10.0.0.2 unreachable", "10.0.0.1.51422 > 10.0.0.2.443"}},
		"UDP":         {begin().Ask(40).Answer(90), []string{"UDP, length 40", "UDP, length 90"}},
		"ping":        {begin().Pings(2), []string{"echo request, id 51422, seq 1", "echo reply, id 51422, seq 1", "12:00:01", "request, id 51422, seq 2"}},
		"IPv6 ping":   {pkttest.Between(t0, "[fd00::1]:7", "[fd00::2]:0").Pings(1), []string{"echo request, id 7", "echo reply"}},
	} {
		out := tcpdump(t, c.script.Frames())
		rest := out
		for _, want := range c.want {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Errorf("%s: %q is missing or out of order in:\n%s", name, want, out)
			}
			rest = after
		}
	}
}

func TestMergeOrdersByTime(t *testing.T) {
	a := pkttest.Between(t0, "10.0.0.1:1", "10.0.0.2:2").Ask(1).Wait(time.Second).Ask(2).Frames()
	b := pkttest.Between(t0.Add(time.Millisecond), "10.0.0.3:1", "10.0.0.2:2").Ask(3).Frames()
	all := pkttest.Merge(a, b)
	if len(all) != 3 || all[1].Data[29] != 3 {
		t.Errorf("got %d frames, the second from 10.0.0.%d; want 3 and 10.0.0.3 in the middle", len(all), all[1].Data[29])
	}
}

func TestWritePcapWritesNanosecondsAndTheWireLength(t *testing.T) {
	f := pkttest.SLL().IPv4("10.0.0.1", "10.0.0.2").UDP(1, 2).Payload(100).Frame(t0).Snap(50)
	var file bytes.Buffer
	if err := pkttest.WritePcap(&file, []pkttest.Frame{f}); err != nil {
		t.Fatal(err)
	}
	b := file.Bytes()
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	if u32(0) != 0xa1b23c4d || u32(20) != 113 || u32(28) != 123456789 || u32(32) != 50 || u32(36) != 144 || len(b) != 24+16+50 {
		t.Errorf("got % x", b)
	}
}

func TestWritePcapRejectsMixedLinkTypes(t *testing.T) {
	mixed := []pkttest.Frame{pkttest.Eth().Frame(t0), pkttest.SLL().Frame(t0)}
	if err := pkttest.WritePcap(&bytes.Buffer{}, mixed); err == nil || !strings.Contains(err.Error(), "link type") {
		t.Errorf("got %v, want an error with the link types", err)
	}
}
