package meter

import (
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"weir/capture"
	"weir/flow"
	"weir/internal/pkttest"
)

const minute = time.Minute

// keepers returns frames of a flow that has a packet every 10 s, up to the given time.
func keepers(link pkttest.Packet, until time.Duration) []pkttest.Frame {
	var frames []pkttest.Frame
	for at := time.Duration(0); at <= until; at += 10 * sec {
		frames = append(frames, link.IPv4("192.0.2.1", "192.0.2.2").UDP(53, 53).Frame(epoch.Add(at)))
	}
	return frames
}

// resumed returns a connection that the server continues after so long a silence, and the client
// closes.
func resumed(link pkttest.Packet, from, to string, silence time.Duration) []pkttest.Frame {
	return pkttest.Between(epoch, from, to).Over(link).Handshake().Send(100).Recv(300).Wait(silence).Recv(50).Send(100).Close().Frames()
}

func TestSourceStaysWhenASilentConnectionContinues(t *testing.T) {
	sctp, answer := twoWays(pkttest.Eth(), client, server, 36412, 36412, pkttest.Packet.SCTP)
	association := pkttest.Merge(apart(sctp.Chunk(1), answer.Chunk(2)), []pkttest.Frame{answer.Frame(epoch.Add(2 * minute))})
	twice := pkttest.Between(epoch, "10.0.0.2:50051", "10.0.0.1:40000").Handshake().Send(1).Wait(20 * minute).Recv(1).Wait(20 * minute).Recv(1).Frames()
	halfClosed := pkttest.Between(epoch, "10.0.0.1:50051", "10.0.0.2:40123").Handshake().FIN().Wait(2 * minute).Recv(1000).Frames()
	noSYN := pkttest.Between(epoch, "10.0.0.1:50051", "10.0.0.2:40123").Handshake().Send(1).Wait(20 * minute).Recv(1).Frames()[1:]
	checkSources(t, []sourceCase{
		{"high ports", resumed(pkttest.Raw(), "10.0.0.1:40123", "10.0.0.2:50051", 20*minute), []string{"10.0.0.1:40123", "10.0.0.1:40123"}, flow.ByPreviousFlow, flow.Closed},
		{"the client has a service port, IPv6", resumed(pkttest.Eth(), "[fd00::2]:443", "[fd00::1]:50051", 40*minute),
			[]string{"[fd00::2]:443", "[fd00::2]:443"}, flow.ByPreviousFlow, flow.Closed},
		{"equal ports in a VLAN", resumed(pkttest.Eth().QinQ(3).VLAN(30), "10.0.0.2:7000", "10.0.0.1:7000", 16*minute),
			[]string{"10.0.0.2:7000", "10.0.0.2:7000"}, flow.ByPreviousFlow, flow.Closed},
		{"no SYN, but a SYN-ACK", noSYN, []string{"10.0.0.1:50051", "10.0.0.1:50051"}, flow.ByPreviousFlow, flow.MidStream},
		{"twice", twice, []string{"10.0.0.2:50051", "10.0.0.2:50051", "10.0.0.2:50051"}, flow.ByPreviousFlow, flow.MidStream},
		{"half closed", halfClosed, []string{"10.0.0.1:50051", "10.0.0.1:50051"}, flow.ByPreviousFlow, flow.MidStream},
		{"SCTP", association, []string{client + ":36412", client + ":36412"}, flow.ByPreviousFlow, flow.ReplyOnly},
	})
}

func TestOnlyCertainSourcesOfOpenConnectionsAreRemembered(t *testing.T) {
	for _, c := range []struct {
		name string
		see  func(l *lab)
	}{
		{"source by ports", func(l *lab) { l.see(0, down().ACK(1)); l.see(0, up().ACK(1)) }},
		{"no answer", func(l *lab) { l.see(0, syn()) }},
		{"closed", func(l *lab) { l.handshake(0); l.closeTCP(sec) }},
		{"reset", func(l *lab) { l.handshake(0); l.see(sec, down().RST().Seq(5001)) }},
		{"UDP", func(l *lab) { l.see(0, udp(5000, 53)) }},
		{"ping", func(l *lab) { l.see(0, pkttest.Raw().IPv4(client, server).Ping(1, 1)) }},
		{"INIT alone", func(l *lab) { l.see(0, pkttest.Raw().IPv4(client, server).SCTP(1, 2).Chunk(1)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{})
			c.see(l)
			l.passTime(time.Hour)
			if l.counts(1, 0); l.history.previous.sets != nil {
				t.Error("remembered")
			}
		})
	}
}

func TestNewHandshakeCountsMoreThanThePreviousFlow(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	l.passTime(time.Hour)
	l.see(time.Hour, down().SYN().Seq(9)) // now the other side opens
	equal(t, "source", l.open()[0].Src.Addr.String(), server)
	equal(t, "direction", l.open()[0].Direction, flow.BySyn)
}

func TestEvictedConnectionIsRemembered(t *testing.T) {
	l := newLab(t, Config{MaxFlows: 1})
	l.handshake(0)
	l.see(sec, udp(5000, 53))
	l.see(2*sec, down().Seq(5001).ACK(1001).Payload(10))
	last := l.open()[0]
	equal(t, "source", last.Src.Addr.String(), client)
	equal(t, "direction", last.Direction, flow.ByPreviousFlow)
}

func TestFirstPacketAfterASilenceIsTheStartOfTheFlow(t *testing.T) {
	at := func(d time.Duration, link pkttest.Packet, packets ...pkttest.Packet) []pkttest.Frame {
		frames := apart(packets...)
		for i := range frames {
			frames[i].Time = frames[i].Time.Add(d)
		}
		return pkttest.Merge(keepers(link, d), frames)
	}
	raw, tagged := pkttest.Raw(), pkttest.Eth().VLAN(12)
	a, b := twoWays(raw, client, server, 20000, 51821, pkttest.Packet.UDP)
	c, d := twoWays(tagged, "fd00::2", "fd00::1", 7000, 62000, pkttest.Packet.UDPLite)
	dns, answer := twoWays(raw, client, server, 40000, 53, pkttest.Packet.UDP)
	tcp := raw.IPv4(client, server).TCP(10123, 50051).ACK(1)
	keeper := "192.0.2.1:53"
	checkSources(t, []sourceCase{
		{"from a registered port", at(70*sec, raw, a, b), []string{keeper, client + ":20000"}, flow.ByFlowStart, flow.Answered},
		{"from a lower port, IPv6 in a VLAN", at(3*minute, tagged, c, d), []string{keeper, "[fd00::2]:7000"}, flow.ByFlowStart, flow.Answered},
		{"from the other side", at(70*sec, raw, b, a), []string{keeper, server + ":51821"}, flow.ByService, flow.Answered},
		{"too early", at(50*sec, raw, a, b), []string{keeper, client + ":20000"}, flow.ByFirstPacket, flow.Answered},
		{"at the start", apart(a, b), []string{client + ":20000"}, flow.ByFirstPacket, flow.Answered},
		{"at the start, IPv6 in a VLAN", apart(c, d), []string{"[fd00::2]:7000"}, flow.ByFirstPacket, flow.Answered},
		{"between high ports, from a NAT", apart(raw.IPv4(client, server).UDP(12000, 50001), raw.IPv4(server, client).UDP(50001, 12000)),
			[]string{client + ":12000"}, flow.ByFirstPacket, flow.Answered},
		{"no ports", at(70*sec, raw, raw.IPv4(server, client).Proto(flow.ESP).Payload(9)), []string{keeper, server + ":0"}, flow.ByFlowStart, flow.Unanswered},
		{"answer without a request", at(70*sec, raw, answer), []string{keeper, client + ":40000"}, flow.ByService, flow.ReplyOnly},
		{"request and answer", at(70*sec, raw, dns, answer), []string{keeper, client + ":40000"}, flow.ByService, flow.Answered},
		{"TCP without its handshake", at(20*minute, raw, tcp), []string{keeper, server + ":50051"}, flow.ByHighPort, flow.MidStream},
	})
}

func TestStartIsUnknownWherePacketsWereMissed(t *testing.T) {
	query := pkttest.Raw().IPv4(client, server).UDP(12000, 50001)
	t.Run("on another interface", func(t *testing.T) {
		l := newLab(t, Config{})
		l.see(0, udp(5000, 53))
		l.seeOn(1, 2*minute, query)
		equal(t, "direction", l.open()[0].Direction, flow.ByFirstPacket)
	})
	t.Run("after an eviction", func(t *testing.T) {
		l := newLab(t, Config{MaxFlows: 1})
		l.see(0, udp(5000, 53))
		l.see(2*minute, udp(5001, 53))
		l.see(2*minute, query)
		equal(t, "direction", l.open()[0].Direction, flow.ByFirstPacket)
	})
	t.Run("but after the eviction of a connection", func(t *testing.T) {
		l := newLab(t, Config{MaxFlows: 1})
		l.see(0, udp(5000, 53))
		l.see(2*minute, syn())
		l.see(2*minute, query)
		equal(t, "direction", l.open()[0].Direction, flow.ByFlowStart)
	})
	t.Run("beyond a gap that is not confirmed", func(t *testing.T) {
		l := newLab(t, Config{})
		l.see(0, udp(5000, 53))
		l.see(1000*time.Hour, query)
		equal(t, "direction", l.open()[1].Direction, flow.ByFirstPacket)
	})
}

func TestOutageMakesStartsUnknown(t *testing.T) {
	for _, c := range []struct {
		name   string
		outage bool
		want   flow.Direction
	}{{"no outage", false, flow.ByFlowStart}, {"an outage", true, flow.ByFirstPacket}} {
		t.Run(c.name, func(t *testing.T) {
			var clock wallClock
			src, sink := &script{live: true}, &store{}
			src.frame(&clock, 0, udp(5000, 53))
			src.quiet(&clock, 2*minute)
			if c.outage {
				src.do(func(*capture.Frame) error { src.stats.Outages++; return capture.ErrIdle })
				src.quiet(&clock, sec)
			}
			src.frame(&clock, 125*sec, pkttest.Raw().IPv4(client, server).UDP(12000, 50001))
			if err := New(Config{Now: clock.now}, src, sink).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			recs := sink.sorted()
			equal(t, "direction", recs[len(recs)-1].Direction, c.want)
		})
	}
}

func TestPreviousSourcesKeepTheLatest(t *testing.T) {
	var s previousSources
	rng := rand.New(rand.NewPCG(1, 2))
	if _, ok := s.source(5); ok {
		t.Error("an empty memory knows a source")
	}
	const n = 200_000
	hashes := make([]uint32, n)
	for i := range hashes {
		hashes[i] = rng.Uint32()
		s.note(hashes[i], i%2)
		if side, ok := s.source(hashes[i]); !ok || side != i%2 {
			t.Fatalf("flow %d: source %d, %v", i, side, ok)
		}
	}
	if size := len(s.sets) * int(unsafe.Sizeof(s.sets[0])); size != 128<<10 {
		t.Errorf("%d bytes for %d flows", size, n)
	}
	known := func(last int) (share float64) {
		for i := n - last; i < n; i++ {
			if side, ok := s.source(hashes[i]); ok && side == i%2 {
				share += 1 / float64(last)
			}
		}
		return share
	}
	if near, far := known(8<<10), known(32<<10); near < 0.95 || far < 0.6 {
		t.Errorf("the latest 8,192 are known to %.3f, 32,768 to %.3f", near, far)
	}
}

func TestPreviousSourcesGrowWithoutLoss(t *testing.T) {
	var s previousSources
	for i := range uint32(1000) {
		s.note(i*0x9e3779b1, int(i%2))
	}
	s.note(0, 1)
	s.note(1, 0) // the same but for the bit that is not kept
	s.note(0x9e3779b1, 0)
	for i := range uint32(1000) {
		want := int(i % 2)
		if i == 1 || i == 0 {
			want = 0
		}
		if side, ok := s.source(i * 0x9e3779b1); !ok || side != want {
			t.Errorf("flow %d: source %d, %v", i, side, ok)
		}
	}
	if size := len(s.sets) * previousWays; size > 8000 {
		t.Errorf("%d places for 1,000 flows", size)
	}
}
