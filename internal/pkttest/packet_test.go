package pkttest_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

var t0 = time.Date(2024, 5, 1, 12, 0, 0, 123456789, time.UTC)

func TestPacketBytes(t *testing.T) {
	got := pkttest.Eth().VLAN(100).IPv4("10.0.0.1", "10.0.0.2").TCP(51422, 443).SYN().Seq(1000).Payload(2).Bytes()
	want := "020000000002" + "020000000001" + "8100" + // destination, source, tag
		"0064" + "0800" + // VLAN 100, IPv4
		"45" + "00" + "002a" + "0001" + "0000" + "40" + "06" + "66cb" + "0a000001" + "0a000002" +
		"c8de" + "01bb" + "000003e8" + "00000000" + "50" + "02" + "faf0" + "d26b" + "0000" + // SYN, window 64240
		"0000" // payload
	if hex.EncodeToString(got) != want {
		t.Errorf("got\n%s, want\n%s", hex.EncodeToString(got), want)
	}
}

func TestPrefixCanBeReused(t *testing.T) {
	prefix := pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2")
	before := prefix.Bytes()
	_ = prefix.TTL(3).TCP(1, 2).SYN().Options(1, 2, 3).Payload(9).Pad(60)
	a, b := prefix.UDP(1, 2), prefix.UDP(3, 4)
	if bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two packets with a common prefix are equal")
	}
	if !bytes.Equal(before, prefix.Bytes()) {
		t.Error("building on a prefix changed it")
	}
}

func TestOverriddenFieldsAreKept(t *testing.T) {
	ip := pkttest.Raw().IPv4("10.0.0.1", "10.0.0.2")
	for _, c := range []struct {
		name string
		p    pkttest.Packet
		at   int    // byte offset in the packet
		want []byte // expected bytes
	}{
		{"total length", ip.TotalLen(9000).UDP(1, 2), 2, []byte{0x23, 0x28}},
		{"total length 0, as with segmentation offload", ip.TotalLen(0).UDP(1, 2), 2, []byte{0, 0}},
		{"header length", ip.HeaderLen(15), 0, []byte{0x4f}},
		{"data offset", ip.TCP(1, 2).HeaderLen(3), 32, []byte{0x30}},
		{"protocol", ip.UDP(1, 2).Proto(flow.TCP), 9, []byte{6}},
		{"no UDP checksum", ip.UDP(1, 2).Checksum(0), 26, []byte{0, 0}},
		{"UDP length", ip.UDP(1, 2).UDPLen(3), 24, []byte{0, 3}},
		{"IPv6 payload length", pkttest.Raw().IPv6("fd00::1", "fd00::2").TotalLen(41), 4, []byte{0, 1}},
		{"EtherType", pkttest.Eth().EtherType(0x0806).Payload(28), 12, []byte{0x08, 0x06}},
		{"fragment", ip.IPID(77).MF().Offset(185), 4, []byte{0, 77, 0x20, 185}},
	} {
		if got := c.p.Bytes()[c.at:][:len(c.want)]; !bytes.Equal(got, c.want) {
			t.Errorf("%s: got % x, want % x", c.name, got, c.want)
		}
	}
}

func TestPadAppendsZerosAfterAllLayers(t *testing.T) {
	f := pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2").UDP(1, 2).Pad(60).Frame(t0)
	if len(f.Data) != 60 || f.WireLen != 60 || f.Data[17] != 28 {
		t.Errorf("got %d bytes, total length %d, want 60 and 28", len(f.Data), f.Data[17])
	}
}

func TestSnapKeepsTheWireLength(t *testing.T) {
	f := pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2").UDP(1, 2).Payload(500).Frame(t0).Snap(60)
	if len(f.Data) != 60 || f.WireLen != 542 {
		t.Errorf("got %d of %d bytes, want 60 of 542", len(f.Data), f.WireLen)
	}
}

func TestFragmentsCarryTheWholePacket(t *testing.T) {
	for _, p := range []pkttest.Packet{
		pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2").IPID(5).UDP(53, 5353).Payload(3000),
		pkttest.Eth().IPv6("fd00::1", "fd00::2").UDP(53, 5353).Payload(3000),
	} {
		frags := p.Fragments(1480)
		if len(frags) != 3 {
			t.Fatalf("3008 bytes in fragments of 1480: got %d fragments, want 3", len(frags))
		}
		headers := len(frags[0].Bytes()) - 1480
		var body []byte
		for _, f := range frags {
			body = append(body, f.Bytes()[headers:]...)
		}
		if whole := p.Bytes(); !bytes.Equal(body, whole[len(whole)-3008:]) {
			t.Error("the fragments do not reassemble to the packet")
		}
	}
}

func TestInvalidArgumentsPanic(t *testing.T) {
	for name, mistake := range map[string]func(){
		"sequence number without TCP": func() { pkttest.Eth().Seq(1) },
		"wrong address family":        func() { pkttest.Eth().IPv4("fd00::1", "10.0.0.1") },
		"quoted packet without IP":    func() { pkttest.Eth().ICMP(3, 1).Quote(pkttest.Eth(), 8) },
	} {
		func() {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.HasPrefix(r, "pkttest: ") {
					t.Errorf("%s: got %v, want a panic with a message", name, r)
				}
			}()
			mistake()
		}()
	}
}

// everything returns at least one packet of every kind that the package builds.
func everything() map[string][]pkttest.Packet {
	const a, b, a6, b6 = "10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"
	tcp := func(p pkttest.Packet) pkttest.Packet { return p.TCP(51422, 443).PSH().ACK(7).Seq(1).Payload(33) }
	eth4, eth6 := pkttest.Eth().IPv4(a, b), pkttest.Eth().IPv6(a6, b6)
	lost := eth4.TTL(1).UDP(4000, 33434).Payload(32)
	lost6 := eth6.TTL(1).UDP(4000, 33434).Payload(32)
	return map[string][]pkttest.Packet{
		"link layers": {
			tcp(eth4), tcp(eth6), tcp(pkttest.Eth().VLAN(5).IPv4(a, b)), tcp(pkttest.Eth().QinQ(5).VLAN(6).IPv6(a6, b6)),
			tcp(pkttest.Eth().MPLS(16).MPLS(17).IPv4(a, b)), tcp(pkttest.Eth().PPPoE(9).IPv4(a, b)), tcp(pkttest.Eth().PPPoE(9).IPv6(a6, b6)),
		},
		"sll": {tcp(pkttest.SLL().IPv4(a, b)), tcp(pkttest.SLL().IPv6(a6, b6))}, "sll2": {tcp(pkttest.SLL2().IPv4(a, b))},
		"raw":  {tcp(pkttest.Raw().IPv4(a, b)), tcp(pkttest.Raw().IPv6(a6, b6))},
		"null": {tcp(pkttest.Null().IPv4(a, b)), tcp(pkttest.Null().IPv6(a6, b6))}, "ppp": {tcp(pkttest.PPP().IPv4(a, b))},
		"headers": {
			tcp(pkttest.Eth().IPv4(a, b).Options(7, 7, 4, 0, 0, 0, 0)), eth4.TCP(1, 2).SYN().Options(2, 4, 5, 180),
			tcp(eth6.HopByHop().DestOpts()), tcp(eth6.Routing()), eth4.UDP(5000, 5000).Payload(7), eth6.UDP(5000, 5000).Payload(7),
			eth4.UDP(5000, 5000).Checksum(0), eth4.UDPLite(53, 53).Payload(7), eth6.UDPLite(5, 5).Payload(7), eth4.SCTP(38412, 38412).Payload(5), eth6.SCTP(1, 2).Payload(4),
			eth4.SCTP(1, 2).Chunk(1), eth6.SCTP(2, 1).Chunk(2), eth4.SCTP(2, 1).Chunk(6), eth4.SCTP(1, 2).Chunk(10).Payload(4), eth4.SCTP(2, 1).Chunk(11),
			eth4.Ping(1, 2).Payload(56), eth4.Pong(1, 2).Payload(56), eth6.Ping(1, 2).Payload(56), eth6.Pong(1, 2).Payload(56),
			pkttest.Eth().IPv4("10.9.9.9", a).ICMP(11, 0).Quote(lost, 8), pkttest.Eth().IPv6("fd00::9", a6).ICMP(3, 0).Quote(lost6, 1000),
		},
		"tunnels": {
			tcp(eth4.GRE().IPv4(a, b)), tcp(eth4.GREKey(42).IPv6(a6, b6)), tcp(eth4.GRE().Eth().IPv4(a, b)), tcp(eth4.GRE().ERSPAN(3).Eth().IPv4(a, b)), tcp(eth4.EtherIP().Eth().IPv4(a, b)),
			tcp(eth4.IPv4(a, b)), tcp(eth4.IPv6(a6, b6)), tcp(eth6.IPv4(a, b)), tcp(eth6.IPv6(a6, b6)), tcp(eth4.UDP(3544, 3544).IPv6(a6, b6)),
			tcp(eth4.UDP(9999, 4789).VXLAN(7).Eth().IPv4(a, b)), tcp(eth6.UDP(9999, 4789).VXLAN(7).Eth().VLAN(3).IPv6(a6, b6)),
			tcp(eth4.UDP(9999, 6081).Geneve(7).Eth().IPv4(a, b)), tcp(eth4.UDP(9999, 6081).Geneve(7).Options(1, 2, 3, 0).IPv4(a, b)),
			tcp(eth4.UDP(2152, 2152).GTPU(7).IPv4(a, b)), tcp(eth6.UDP(2152, 2152).GTPU(7).IPv6(a6, b6)),
		},
		"fragments": append(eth4.UDP(53, 53).Payload(3000).Fragments(1480), eth6.UDP(53, 53).Payload(3000).Fragments(1448)...),
	}
}

func TestTcpdumpAcceptsEveryPacket(t *testing.T) {
	for name, packets := range everything() {
		out := tcpdump(t, frames(packets))
		if n := strings.Count("\n"+out, "\n12:00:"); n != len(packets) {
			t.Errorf("%s: tcpdump shows %d packets of %d:\n%s", name, n, len(packets), out)
		}
		for _, bad := range []string{"bad", "incorrect", "wrong", "invalid", "trunc", "[|", "bogus", "malformed", "error"} {
			if i := strings.Index(out, bad); i >= 0 {
				t.Errorf("%s: tcpdump says %q:\n%s", name, bad, out)
			}
		}
	}
}

func TestTcpdumpReportsWrongChecksums(t *testing.T) {
	ip4, ip6 := pkttest.Eth().IPv4("10.0.0.1", "10.0.0.2"), pkttest.Eth().IPv6("fd00::1", "fd00::2")
	for _, p := range []pkttest.Packet{
		ip4.Checksum(1).UDP(1, 2), ip4.TCP(1, 2).Checksum(1), ip4.UDP(1, 2).Checksum(1), ip4.Ping(1, 1).Checksum(1),
		ip6.TCP(1, 2).Checksum(1), ip6.Ping(1, 1).Checksum(1),
	} {
		out := tcpdump(t, frames([]pkttest.Packet{p}))
		if !strings.Contains(out, "bad") && !strings.Contains(out, "incorrect") && !strings.Contains(out, "wrong") {
			t.Errorf("tcpdump accepts a wrong checksum:\n%s", out)
		}
	}
}

func frames(packets []pkttest.Packet) []pkttest.Frame {
	var all []pkttest.Frame
	for i, p := range packets {
		all = append(all, p.Frame(t0.Add(time.Duration(i)*time.Millisecond)))
	}
	return all
}

// tcpdump returns the output of tcpdump for frames.
func tcpdump(t *testing.T, frames []pkttest.Frame) string {
	t.Helper()
	program, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("NOT CHECKED: tcpdump is not installed; checksums and lengths are not verified independently")
	}
	var file bytes.Buffer
	if err := pkttest.WritePcap(&file, frames); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.pcap")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-vvv", "-n", "-r", path)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return string(out)
}
