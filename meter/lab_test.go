package meter

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

// epoch is when the packets of the tests begin.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// lab is an engine that is fed by hand.
type lab struct {
	*engine
	t       *testing.T
	decoder *decode.Decoder
	out     []flow.Record
}

func newLab(t *testing.T, cfg Config) *lab {
	l := &lab{t: t, decoder: decode.New(cfg.Decode)}
	name := func(i uint16) string { return []string{"eth0", "eth1"}[i] }
	l.engine = newEngine(cfg.withDefaults(), name, func(bool) *flow.Record {
		l.out = append(l.out, flow.Record{})
		return &l.out[len(l.out)-1]
	})
	l.live = true
	return l
}

// see lets a packet pass at a time after epoch.
func (l *lab) see(at time.Duration, p pkttest.Packet) { l.seeOn(0, at, p) }

// seeOn does so at one of several interfaces.
func (l *lab) seeOn(iface uint16, at time.Duration, p pkttest.Packet) {
	l.t.Helper()
	b := p.Bytes()
	f := frame{time: epoch.Add(at).UnixNano()}
	l.decoder.Decode(p.Link(), b, len(b), iface, &f.result)
	if f.result.N == 0 {
		l.t.Fatalf("packet at %v was not decoded: %v", at, f.result.Skip)
	}
	l.observe([]frame{f})
}

// open returns the flows that have not ended, in the order in which they began.
func (l *lab) open() []flow.Record {
	var open []flow.Record
	for _, slot := range l.remainingFlows() {
		if l.table.at(slot).bits.has(late) {
			continue
		}
		var r flow.Record
		l.snapshot(&r, slot, l.table.at(slot), flow.StillOpen)
		open = append(open, r)
	}
	slices.SortFunc(open, func(a, b flow.Record) int { return cmp.Compare(a.ID, b.ID) })
	return open
}

// only returns the one flow there is, open or ended.
func (l *lab) only() flow.Record {
	l.t.Helper()
	all := slices.Concat(l.out, l.open())
	if len(all) != 1 {
		l.t.Fatalf("there are %d flows, want one: %+v", len(all), all)
	}
	return all[0]
}

// counts fails the test unless that many flows ended and are open.
func (l *lab) counts(ended, open int) {
	l.t.Helper()
	if live := l.table.live - l.late; len(l.out) != ended || live != open {
		l.t.Fatalf("%d flows ended and %d are open, want %d and %d: %+v", len(l.out), live, ended, open, l.out)
	}
}

// A client and a server, and what either of them sends.
const client, server = "10.0.0.1", "10.0.0.2"

func up() pkttest.Packet   { return pkttest.Raw().IPv4(client, server).TCP(40000, 80) }
func down() pkttest.Packet { return pkttest.Raw().IPv4(server, client).TCP(80, 40000) }

// The packets of a handshake and a close: the client's initial sequence number
// is 1000, the server's 5000.
func syn() pkttest.Packet    { return up().SYN().Seq(1000) }
func synAck() pkttest.Packet { return down().SYN().Seq(5000).ACK(1001) }
func ack() pkttest.Packet    { return up().Seq(1001).ACK(5001) }

func (l *lab) handshake(at time.Duration) {
	l.see(at, syn())
	l.see(at+20*ms, synAck())
	l.see(at+30*ms, ack())
}

// closeTCP is FIN, FIN, ACK.
func (l *lab) closeTCP(at time.Duration) {
	l.see(at, up().FIN().Seq(1001).ACK(5001))
	l.see(at+1*ms, down().FIN().Seq(5001).ACK(1002))
	l.see(at+2*ms, up().Seq(1002).ACK(5002))
}

// pass lets time go by without packets.
func (l *lab) passTime(d time.Duration) {
	for done := false; !done; d = 0 {
		l.clock.pass(int64(d), false)
		done = l.expire()
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
