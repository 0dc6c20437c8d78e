package meter

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

// sourceCase is a capture and the source of its flows.
type sourceCase struct {
	name    string
	frames  []pkttest.Frame
	src     []string // address and port of the source of each flow, in order of their starts
	want    flow.Direction
	verdict flow.Verdict // of the last flow
}

func checkSources(t *testing.T, cases []sourceCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			recs := written(t, c.frames)
			if len(recs) != len(c.src) {
				t.Fatalf("%d flows, want %d: %+v", len(recs), len(c.src), recs)
			}
			for i, r := range recs {
				if got := netip.AddrPortFrom(r.Src.Addr, r.Src.Port).String(); got != c.src[i] {
					t.Errorf("source of flow %d is %s, want %s", i, got, c.src[i])
				}
			}
			last := recs[len(recs)-1]
			equal(t, "direction", last.Direction, c.want)
			equal(t, "verdict", last.Verdict, c.verdict)
		})
	}
}

// apart puts packets into a capture, 10 ms apart.
func apart(packets ...pkttest.Packet) []pkttest.Frame {
	var frames []pkttest.Frame
	for i, p := range packets {
		frames = append(frames, p.Frame(epoch.Add(time.Duration(i)*10*ms)))
	}
	return frames
}

// twoWays returns the packets of two hosts with these ports, whichever protocol header adds.
func twoWays(link pkttest.Packet, a, b string, portA, portB uint16, header func(p pkttest.Packet, src, dst uint16) pkttest.Packet) (there, back pkttest.Packet) {
	ip := pkttest.Packet.IPv4
	if strings.Contains(a, ":") {
		ip = pkttest.Packet.IPv6
	}
	return header(ip(link, a, b), portA, portB), header(ip(link, b, a), portB, portA)
}

func TestSCTPHandshakeTellsTheSource(t *testing.T) {
	const (
		data, initiate, initAck, abort = uint8(decode.ChunkData), uint8(decode.ChunkInit), uint8(decode.ChunkInitAck), uint8(decode.ChunkAbort)
		echo, echoed, heartbeat        = uint8(decode.ChunkCookieEcho), uint8(decode.ChunkCookieAck), uint8(4)
	)
	a, b := twoWays(pkttest.Raw(), client, server, 5000, 36412, pkttest.Packet.SCTP)
	a6, b6 := twoWays(pkttest.Eth().VLAN(7), "fd00::1", "fd00::2", 36412, 5000, pkttest.Packet.SCTP)
	same, back := twoWays(pkttest.Eth().QinQ(4).VLAN(7), server, client, 2905, 2905, pkttest.Packet.SCTP)
	const from, from6, fromSame = client + ":5000", "[fd00::1]:36412", server + ":2905"
	checkSources(t, []sourceCase{
		{"INIT", apart(a.Chunk(initiate), b.Chunk(initAck)), []string{from}, flow.ByRequest, flow.Answered},
		{"INIT from the port of the service, IPv6", apart(a6.Chunk(initiate), b6.Chunk(initAck)), []string{from6}, flow.ByRequest, flow.Answered},
		{"INIT between equal ports", apart(same.Chunk(initiate), back.Chunk(initAck)), []string{fromSame}, flow.ByRequest, flow.Answered},
		{"INIT alone", apart(a6.Chunk(initiate)), []string{from6}, flow.ByRequest, flow.Unanswered},
		{"INIT ACK alone", apart(b6.Chunk(initAck)), []string{from6}, flow.ByRequest, flow.ReplyOnly},
		{"INIT ACK first", apart(back.Chunk(initAck), same.Chunk(initiate)), []string{fromSame}, flow.ByRequest, flow.Answered},
		{"COOKIE ECHO, late", apart(back.Chunk(data), same.Chunk(echo)), []string{fromSame}, flow.ByRequest, flow.Answered},
		{"COOKIE ACK, late", apart(b6.Chunk(heartbeat), b6.Chunk(echoed)), []string{from6}, flow.ByRequest, flow.ReplyOnly},
		{"no handshake", apart(b.Chunk(heartbeat), a.Chunk(heartbeat)), []string{from}, flow.ByService, flow.Answered},
		{"data alone", apart(back.Payload(8)), []string{client + ":2905"}, flow.ByFirstPacket, flow.Unanswered},

		{"refused", apart(a.Chunk(initiate), b.Chunk(abort)), []string{from}, flow.ByRequest, flow.Refused},
		{"refused, IPv6", apart(a6.Chunk(initiate), b6.Chunk(abort)), []string{from6}, flow.ByRequest, flow.Refused},
		{"refused three times", apart(same.Chunk(initiate), back.Chunk(abort), same.Chunk(initiate), back.Chunk(abort), same.Chunk(initiate), back.Chunk(abort)),
			[]string{fromSame}, flow.ByRequest, flow.Refused},
		{"refused, then accepted", apart(a.Chunk(initiate), b.Chunk(abort), a.Chunk(initiate), b.Chunk(initAck), a.Chunk(echo)), []string{from}, flow.ByRequest, flow.Answered},
		{"accepted, then aborted", apart(a6.Chunk(initiate), b6.Chunk(initAck), a6.Chunk(echo), b6.Chunk(abort)), []string{from6}, flow.ByRequest, flow.Answered},
		{"given up by the source", apart(a6.Chunk(initiate), a6.Chunk(abort)), []string{from6}, flow.ByRequest, flow.Unanswered},
		{"aborted without a handshake", apart(same.Payload(8), back.Chunk(abort)), []string{fromSame}, flow.ByFirstPacket, flow.Answered},
		{"INIT for a restart, aborted", apart(same.Payload(8), back.Payload(8), same.Chunk(initiate), back.Chunk(abort)), []string{fromSame}, flow.ByRequest, flow.Answered},
	})
}

func TestDHCPServersAnswer(t *testing.T) {
	const host, dhcp, all, host6, dhcp6 = "192.168.1.50", "192.168.1.1", "255.255.255.255", "fe80::9", "fe80::1"
	toAll, answer := pkttest.Eth().IPv4("0.0.0.0", all).UDP(68, 67), pkttest.Eth().IPv4(dhcp, host).UDP(67, 68)
	renew, renewed := twoWays(pkttest.Eth().VLAN(9), host, dhcp, 68, 67, pkttest.Packet.UDP)
	solicit := pkttest.Eth().IPv6(host6, "ff02::1:2").UDP(546, 547)
	renew6, renewed6 := twoWays(pkttest.Eth(), host6, dhcp6, 546, 547, pkttest.Packet.UDP)
	checkSources(t, []sourceCase{
		{"to all, answered to one", apart(toAll, answer, toAll, answer), []string{"0.0.0.0:68", host + ":68"}, flow.ByRequest, flow.ReplyOnly},
		{"answer to one host in a frame to all", apart(pkttest.Eth().MAC("02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff").IPv4(dhcp, host).UDP(67, 68)), []string{host + ":68"}, flow.ByRequest, flow.ReplyOnly},
		{"answer to all", apart(pkttest.Eth().IPv4(dhcp, all).UDP(67, 68)), []string{dhcp + ":67"}, flow.ByMulticast, flow.Unanswered},
		{"renewal", apart(renew, renewed), []string{host + ":68"}, flow.ByRequest, flow.Answered},
		{"renewal, answer first", apart(renewed, renew), []string{host + ":68"}, flow.ByRequest, flow.Answered},
		{"DHCPv6", apart(solicit, renewed6), []string{"[" + host6 + "]:546", "[" + host6 + "]:546"}, flow.ByRequest, flow.ReplyOnly},
		{"DHCPv6 renewal, answer first", apart(renewed6, renew6), []string{"[" + host6 + "]:546"}, flow.ByRequest, flow.Answered},
		{"between relays", apart(pkttest.Eth().IPv4(dhcp, host).UDP(67, 67)), []string{dhcp + ":67"}, flow.ByFirstPacket, flow.Unanswered},
		{"TCP", apart(pkttest.Eth().IPv4(dhcp, host).TCP(67, 68).ACK(1)), []string{dhcp + ":67"}, flow.ByFirstPacket, flow.MidStream},
	})
	discover := written(t, apart(toAll))[0]
	equal(t, "direction of what is sent to all", discover.Direction, flow.ByMulticast)
}
