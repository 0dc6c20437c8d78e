package meter

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

// A fuzzed sequence of frames consists of
//
//	link type (1 octet, an index of fuzzLinks) · step of time (1, see fuzzStep)
//	octets cut by the snap length (1) · length (2) · frame
//
// and ends at the first incomplete one.
const fuzzHeader = 5

var fuzzLinks = [...]uint16{1, 101, 113, 276, 0, 9, 50, 105, 127, 107, 239, 192, 228, 229, 51, 226}

// fuzzStep returns a step of packet time, mostly small, in both directions.
func fuzzStep(b byte) time.Duration {
	switch {
	case b < 128:
		return time.Duration(b) * time.Millisecond
	case b < 240:
		return time.Duration(b-128) * 10 * time.Second
	case b < 252:
		return -time.Duration(b-239) * time.Second
	}
	return -time.Hour
}

// appendFrame adds a frame to a fuzzed sequence.
func appendFrame(seq []byte, link, step, cut byte, frame []byte) []byte {
	seq = append(seq, link, step, cut)
	seq = binary.BigEndian.AppendUint16(seq, uint16(len(frame)))
	return append(seq, frame...)
}

// trial feeds a sequence of frames to decoder and engine, and keeps totals for comparison.
type trial struct {
	*engine
	decoder *decode.Decoder
	now     int64
	first   int64
	last    int64

	in     flow.Counters
	frames int
	wire   uint64             // of all frames
	outer  uint64             // octets of outermost packets
	lied   bool               // a packet claims to be longer than its frame
	ports  map[tuple]bool     // seen in a transport header
	addrs  map[flow.Addr]bool // seen in an IP header
	flags  flow.Flags
	out    []flow.Record

	seen        map[decode.Packet]int64 // innermost packets, and when last
	falseCopies int                     // frames counted as duplicates of none in seen
}

func newTrial() *trial {
	tr := &trial{decoder: decode.New(decode.Options{}), now: epoch.UnixNano(), ports: map[tuple]bool{}, addrs: map[flow.Addr]bool{}, seen: map[decode.Packet]int64{}}
	tr.first, tr.last = tr.now, tr.now
	tr.engine = newEngine(Config{MaxFlows: 16}.withDefaults(), func(uint16) string { return "" }, func(bool) *flow.Record {
		tr.out = append(tr.out, flow.Record{})
		return &tr.out[len(tr.out)-1]
	})
	return tr
}

// again prepares tr for another sequence after finish. The engine keeps its slots and fragments.
func (tr *trial) again() {
	tr.first, tr.last = tr.now, tr.now
	tr.in, tr.wire, tr.outer, tr.lied, tr.out = flow.Counters{}, 0, 0, false, tr.out[:0]
}

// feed runs a sequence.
func (tr *trial) feed(seq []byte) {
	tr.live = len(seq)%2 == 0
	for len(seq) >= fuzzHeader {
		link, step, cut := fuzzLinks[int(seq[0])%len(fuzzLinks)], seq[1], seq[2]
		n := min(int(binary.BigEndian.Uint16(seq[3:])), len(seq)-fuzzHeader)
		tr.frame(link, fuzzStep(step), int(cut), seq[fuzzHeader:fuzzHeader+n])
		seq = seq[fuzzHeader+n:]
	}
}

func (tr *trial) frame(link uint16, step time.Duration, cut int, b []byte) {
	tr.now += int64(step)
	var r decode.Result
	wire := len(b) + cut
	tr.decoder.Decode(link, b, wire, 0, &r)
	tr.frames++
	tr.wire += uint64(wire)
	in, copies := tr.in, tr.duplicates.n
	for i := range r.N {
		tr.account(&r.Packets[i], i == 0, wire)
	}
	if r.N > 0 {
		tr.first, tr.last = min(tr.first, tr.now), max(tr.last, tr.now)
	}
	tr.observe([]frame{{time: tr.now, result: r}})
	if r.N == 0 {
		return
	}
	p := r.Packets[r.N-1]
	if tr.duplicates.n > copies {
		tr.in = in
		if at, seen := tr.seen[p]; !seen || max(tr.now-at, at-tr.now) > duplicateWindow {
			tr.falseCopies++
		}
	}
	tr.seen[p] = tr.now
}

func (tr *trial) account(p *decode.Packet, outermost bool, wire int) {
	tr.in.Add(flow.Counters{Packets: 1, Octets: uint64(p.Octets)})
	if outermost {
		tr.outer += uint64(p.Octets)
		tr.lied = tr.lied || int(p.Octets) > wire
	}
	k := &p.Key
	tr.addrs[k.A], tr.addrs[k.B] = true, true
	if p.HasPorts && k.Proto.HasPorts() {
		tr.ports[portsOf(k.Proto, k.PortA, k.PortB)] = true
	}
	tr.flags |= p.Flags
}

// portsOf is a tuple of ports alone, the lower one first.
func portsOf(proto flow.Proto, a, b uint16) (t tuple) {
	t.proto = proto
	t.a, t.b = portOnly(min(a, b)), portOnly(max(a, b))
	return t
}

// finish ends all flows and returns the first violation in the records.
func (tr *trial) finish() error {
	if tr.table.live > tr.cfg.MaxFlows {
		return fmt.Errorf("%d flows, %d allowed", tr.table.live, tr.cfg.MaxFlows)
	}
	for _, slot := range tr.remainingFlows() {
		tr.end(slot, tr.table.at(slot), flow.ForcedEnd)
	}
	var out flow.Counters
	last := map[int64]*flow.Record{} // a record with late packets replaces the one of the close, if it is live
	for i := range tr.out {
		r := &tr.out[i]
		if err := tr.check(r); err != nil {
			return fmt.Errorf("%w: %+v", err, *r)
		}
		if had := last[r.ID]; had != nil && (!tr.live || r.Proto != flow.TCP || had.EndReason != flow.EndOfFlow || r.Sent.Packets+r.Recv.Packets <= had.Sent.Packets+had.Recv.Packets) {
			return fmt.Errorf("flow %d ended twice: %+v, %+v", r.ID, *had, *r)
		}
		last[r.ID] = r
	}
	for _, r := range last {
		out.Add(r.Sent)
		out.Add(r.Recv)
	}
	switch {
	case out != tr.in:
		return fmt.Errorf("%+v went in, %+v came out", tr.in, out)
	case tr.falseCopies > 0:
		return fmt.Errorf("%d frames taken for copies of others", tr.falseCopies)
	case !tr.lied && tr.outer > tr.wire:
		return fmt.Errorf("%d octets counted, %d on the wire", tr.outer, tr.wire)
	case tr.table.live != 0 || tr.created != tr.ended || len(tr.errors)+len(tr.extras)+tr.late+tr.withMany != 0:
		return fmt.Errorf("%d flows open, %d created, %d ended, %d ICMP errors, %d extras, %d late", tr.table.live, tr.created, tr.ended, len(tr.errors), len(tr.extras), tr.late)
	}
	return nil
}

func (tr *trial) check(r *flow.Record) error {
	switch {
	case r.Open() || r.Sent.Packets+r.Recv.Packets == 0:
		return fmt.Errorf("open or empty")
	case r.End().Before(r.Start) || r.Start.UnixNano() < tr.first || r.Last.UnixNano() > tr.last:
		return fmt.Errorf("not within the time of the packets")
	case r.ServerRTT < 0 || r.ClientRTT < 0:
		return fmt.Errorf("negative round-trip time")
	case r.Src.Port|r.Dst.Port != 0 && !tr.ports[portsOf(r.Proto, r.Src.Port, r.Dst.Port)]:
		return fmt.Errorf("ports not in any transport header")
	case !tr.addrs[flow.AddrFrom(r.Src.Addr)] || !tr.addrs[flow.AddrFrom(r.Dst.Addr)]:
		return fmt.Errorf("address not in any packet")
	case r.Flags()&^tr.flags != 0 || r.Proto != flow.TCP && r.Flags() != 0:
		return fmt.Errorf("flags not in any packet")
	case (r.Sent.Packets == 0) != (r.SrcSide.MinTTL == 0 && r.Sent.Octets == 0) && r.Sent.Packets == 0:
		return fmt.Errorf("fields set for a side that sent nothing")
	case r.Explain() == "" || r.Verdict.String() == "" && r.Verdict != flow.NoVerdict:
		return fmt.Errorf("no description")
	case r.Proto == flow.TCP && r.Verdict.ConnState() == "" && r.Verdict != flow.Unreachable:
		return fmt.Errorf("a TCP flow without a state")
	}
	return nil
}

// talks are sequences of whole frames, each of a kind of conversation, and the
// first frames of captures, n in each.
func talks(tb testing.TB, n int) (all [][]byte) {
	talk := func(link byte, packets ...pkttest.Packet) {
		var seq []byte
		for _, p := range packets {
			seq = appendFrame(seq, link, 10, 0, p.Bytes())
		}
		all = append(all, seq)
	}
	const raw, ether = 1, 0
	talk(raw, syn(), synAck(), ack(), up().FIN().Seq(1001).ACK(5001), down().FIN().Seq(5001).ACK(1002), up().Seq(1002).ACK(5002))
	talk(raw, syn(), syn(), down().RST(), syn().Seq(7777), synAck())
	ping := pkttest.Raw().IPv4(client, server)
	talk(raw, ping.Ping(7, 1), pkttest.Raw().IPv4(server, client).Pong(7, 1))
	talk(raw, syn(), pkttest.Raw().IPv4("10.9.9.9", client).ICMP(3, 1).Quote(syn(), 8))
	talk(ether, pkttest.Eth().IPv4(client, server).UDP(5000, 4789).VXLAN(7).Eth().IPv6("fd00::1", "fd00::2").UDP(1, 2))
	talk(ether, pkttest.Eth().VLAN(5).IPv6("fd00::1", "fd00::2").TCP(1, 2).SYN(), pkttest.Eth().VLAN(5).IPv6("fd00::2", "fd00::1").TCP(2, 1).RST())
	frags := pkttest.Eth().IPv4(client, server).UDP(40000, 53).Payload(3000).Fragments(1480)
	talk(ether, frags...)
	talk(ether, frags[2], frags[0], frags[1])
	for i, f := range wholeFrames(tb) {
		if i%n == 0 {
			all = append(all, nil)
		}
		all[len(all)-1] = appendFrame(all[len(all)-1], f.link, byte(i), 0, f.data)
	}
	return all
}

// FuzzMeter checks the invariants of records for arbitrary sequences of frames.
func FuzzMeter(f *testing.F) {
	for _, seq := range talks(f, 3) {
		if len(seq) <= 512 { // the fuzzer minimizes interesting inputs first, for up to a minute
			f.Add(seq)
		}
	}
	f.Fuzz(func(t *testing.T, seq []byte) {
		tr := newTrial()
		tr.feed(seq)
		if err := tr.finish(); err != nil {
			t.Fatal(err)
		}
	})
}
