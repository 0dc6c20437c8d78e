package meter

import (
	"testing"
	"time"

	"weir/flow"
	"weir/internal/pkttest"
)

// seg returns a segment of the client with n octets of payload from sequence number seq on.
func seg(seq uint32, n int) pkttest.Packet { return up().PSH().Seq(seq).ACK(5001).Payload(n) }

// acks returns an acknowledgment of the server.
func acks(ack uint32) pkttest.Packet { return down().Seq(5001).ACK(ack) }

func TestLossesAreCountedPerSide(t *testing.T) {
	type sent struct{ again, octets, late, zero uint64 }
	for name, c := range map[string]struct {
		packets []pkttest.Packet
		want    sent
	}{
		"all in order":                      {[]pkttest.Packet{seg(1001, 100), acks(1101), seg(1101, 50), acks(1151)}, sent{}},
		"sent again":                        {[]pkttest.Packet{seg(1001, 100), seg(1001, 100)}, sent{again: 1, octets: 100}},
		"sent again, in other pieces":       {[]pkttest.Packet{seg(1001, 100), seg(1101, 100), seg(1051, 100), seg(1001, 300)}, sent{again: 2, octets: 300}},
		"lost before, filled":               {[]pkttest.Packet{seg(1001, 100), seg(1201, 100), seg(1101, 100)}, sent{late: 1}},
		"lost before, filled, sent again":   {[]pkttest.Packet{seg(1001, 100), seg(1201, 100), seg(1101, 100), seg(1101, 100)}, sent{again: 1, octets: 100, late: 1}},
		"filled in two pieces":              {[]pkttest.Packet{seg(1101, 100), seg(1001, 40), seg(1041, 60)}, sent{late: 2}},
		"two holes":                         {[]pkttest.Packet{seg(1101, 100), seg(1301, 100), seg(1201, 100), seg(1001, 100), seg(1201, 100)}, sent{again: 1, octets: 100, late: 2}},
		"the SYN again":                     {[]pkttest.Packet{syn()}, sent{again: 1}},
		"the FIN again":                     {[]pkttest.Packet{up().FIN().Seq(1001).ACK(5001), up().FIN().Seq(1001).ACK(5001)}, sent{again: 1}},
		"a keep-alive without payload":      {[]pkttest.Packet{seg(1001, 100), acks(1101), up().Seq(1100).ACK(5001), acks(1101)}, sent{}},
		"a keep-alive with an octet":        {[]pkttest.Packet{seg(1001, 100), acks(1101), seg(1100, 1), acks(1101)}, sent{}},
		"an old ACK":                        {[]pkttest.Packet{seg(1001, 100), up().Seq(1001).ACK(5001)}, sent{}},
		"a closed window":                   {[]pkttest.Packet{up().Seq(1001).ACK(5001).Window(0), up().Seq(1001).ACK(5001).Window(0)}, sent{zero: 2}},
		"a closed window in RST is no sign": {[]pkttest.Packet{up().RST().Seq(1001).Window(0)}, sent{}},
		"numbers that wrap":                 {nil, sent{again: 1, octets: 100, late: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, Config{})
			if c.packets == nil {
				l.see(0, up().SYN().Seq(1<<32-51))
				for i, seq := range []uint32{1<<32 - 50, 150, 50, 50} {
					l.see(time.Duration(i)*ms, up().PSH().Seq(seq).ACK(1).Payload(100))
				}
			} else {
				l.handshake(0)
			}
			for i, p := range c.packets {
				l.see(time.Duration(i+100)*ms, p)
			}
			s := l.only().SrcSide
			equal(t, "losses", sent{s.Retransmitted.Packets, s.Retransmitted.Octets, s.OutOfOrder, s.ZeroWindows}, c.want)
			d := l.only().DstSide
			equal(t, "losses of the destination", sent{d.Retransmitted.Packets, d.Retransmitted.Octets, d.OutOfOrder, d.ZeroWindows}, sent{})
		})
	}
}

// TestPayloadIsCounted for each protocol, fragments included.
func TestPayloadIsCounted(t *testing.T) {
	l := newLab(t, Config{})
	l.see(0, pkttest.Eth().IPv4(client, server).UDP(40000, 53).Payload(30))
	l.see(0, pkttest.Eth().IPv6("fd00::1", "fd00::2").UDP(40000, 53).Payload(70))
	l.see(0, pkttest.Eth().IPv4(client, server).TCP(40000, 80).PSH().Payload(500))
	for _, r := range l.open() {
		want := map[flow.Proto]uint64{flow.UDP: 30, flow.TCP: 500}[r.Proto]
		if r.Src.Addr.Is6() {
			want = 70
		}
		equal(t, r.Proto.String()+" payload", r.SrcSide.Payload, want)
		equal(t, r.Proto.String()+" payload back", r.DstSide.Payload, 0)
	}
}

func TestRoundTripsOverTheLifeOfAConnection(t *testing.T) {
	l := newLab(t, Config{})
	l.handshake(0)
	at, seq := 1*sec, uint32(1001)
	for _, rtt := range []time.Duration{20 * ms, 10 * ms, 60 * ms} {
		l.see(at, seg(seq, 100))
		l.see(at+ms, seg(seq+100, 100)) // acknowledged together with the first
		l.see(at+rtt, acks(seq+200))
		at, seq = at+sec, seq+200
	}
	l.see(at, seg(seq, 100)) // sent again: which one the acknowledgment is of is not known
	l.see(at+200*ms, seg(seq, 100))
	l.see(at+201*ms, acks(seq+100))
	l.see(at+sec, down().PSH().Seq(5001).ACK(seq+100).Payload(10))
	l.see(at+sec+3*ms, up().Seq(seq+100).ACK(5011))
	r := l.only()
	near := func(what string, got, want time.Duration) {
		t.Helper()
		if d := got - want; d > 0 || d < -want/500 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	near("smallest to the destination", r.DstSide.RTTMin, 10*ms)
	near("mean to the destination", r.DstSide.RTTMean, 30*ms)
	near("smallest to the source", r.SrcSide.RTTMin, 3*ms)
	near("mean to the source", r.SrcSide.RTTMean, 3*ms)
}

func TestShortTimeRoundsDown(t *testing.T) {
	for ns := int64(1); ns < 1<<38; ns = ns*5/4 + 1 {
		if got := shortTimeOf(ns).ns(); got > ns || float64(ns-got) > float64(ns)/1000 {
			t.Errorf("%d ns are kept as %d", ns, got)
		}
	}
}
