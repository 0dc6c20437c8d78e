package meter

import (
	"cmp"
	"context"
	"encoding/binary"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/capture"
	"weir/decode"
	"weir/flow"
)

// collector is a Sink that keeps the last record of each flow.
type collector struct {
	records map[int64]flow.Record
	cut     []flow.Ending
}

// Cut ends flows with their last record.
func (c *collector) Cut(ends []flow.Ending) {
	c.cut = append(c.cut, ends...)
	for _, e := range ends {
		r := c.records[e.ID]
		r.EndReason = e.Reason
		c.records[e.ID] = r
	}
}

func (c *collector) Offer(recs []flow.Record) bool { return c.Put(context.Background(), recs) == nil }

func (c *collector) Put(_ context.Context, recs []flow.Record) error {
	if c.records == nil {
		c.records = make(map[int64]flow.Record)
	}
	for _, r := range recs {
		c.records[r.ID] = r
	}
	return nil
}

// sorted returns the records in the order in which their flows began.
func (c *collector) sorted() []flow.Record {
	all := make([]flow.Record, 0, len(c.records))
	for _, r := range c.records {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b flow.Record) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// flowsOf meters a capture file.
func flowsOf(t testing.TB, cfg Config, path string) []flow.Record {
	t.Helper()
	src, err := capture.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var sink collector
	if err := New(cfg, src, &sink).Run(t.Context()); err != nil {
		t.Logf("%s: %v", filepath.Base(path), err)
	}
	return sink.sorted()
}

func tupleOf(r *flow.Record) (k tuple, swapped bool) {
	return tuple{r.Proto, netip.AddrPortFrom(r.Src.Addr, r.Src.Port), netip.AddrPortFrom(r.Dst.Addr, r.Dst.Port)}.canonical()
}

// measured adds our flows up.
func measured(recs []flow.Record) map[tuple]*tally {
	all := make(map[tuple]*tally)
	for i := range recs {
		r := &recs[i]
		k, swapped := tupleOf(r)
		g := tallyOf(all, k)
		a, b := 0, 1
		if swapped {
			a, b = 1, 0
		}
		g.flows++
		g.packets[a] += r.Sent.Packets
		g.packets[b] += r.Recv.Packets
		g.octets[a] += r.Sent.Octets
		g.octets[b] += r.Recv.Octets
		g.flags[a] |= r.SrcSide.Flags
		g.flags[b] |= r.DstSide.Flags
		g.fromA = append(g.fromA, !swapped)
		g.states = append(g.states, zeekState(r))
		slices.Sort(g.states)
		g.spans = append(g.spans, span{r.Start, r.Last, r.Duration()})
		g.addVLANs(r.VLAN[:]...)
	}
	return all
}

// zeekState translates our verdict to Zeek's conn_state.
func zeekState(r *flow.Record) string {
	if r.Proto != flow.TCP && r.Proto != flow.UDP {
		return "OTH" // Zeek has no other one for them
	}
	return r.ConnState()
}

// ledger holds, by tuple, what frames have in addition to their IP packets: the difference to
// engines that count frames.
type ledger map[tuple]*frameSum

// frameSum is the entry of one tuple. It is exact unless a packet was in a tunnel, fragmented or
// truncated, or followed by something other than Ethernet padding.
type frameSum struct {
	layer2  [2]uint64
	inexact bool
	carried [2]uint64 // packets that encapsulated others
	later   [2]uint64 // fragments except first ones
	inner   bool      // some were encapsulated
	copies  tally     // frames equal to the last one before, octet by octet, within duplicateWindow

	fins      flow.Flags // FIN, if both sides sent one: bit 0 of either
	times     []int64    // of its packets
	lastIsACK bool       // the last one has ACK alone
}

// toFIN is the time from the first packet to the last one, but without the
// last ACK of a connection that both sides closed: what Zeek says a connection lasted
// ("for 3-way or 4-way connection tear-downs, this will not include the final ACK").
func (s *frameSum) toFIN() time.Duration {
	t := s.times
	if s.fins == 3 && s.lastIsACK && len(t) > 2 {
		t = t[:len(t)-1]
	}
	return time.Duration(slices.Max(t) - slices.Min(t))
}

// carrier reports whether the tuple carried packets of others.
func (s *frameSum) carrier() bool { return s.carried != [2]uint64{} }

// ledgerOf reads the capture once more, frame by frame.
func ledgerOf(t *testing.T, path string) ledger {
	t.Helper()
	src, err := capture.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	l, heads, seen := make(ledger), make(map[datagram]tuple), make(map[string]int64)
	d := decode.New(decode.Options{})
	var f capture.Frame
	var r decode.Result
	for src.Next(&f) == nil {
		d.Decode(uint16(f.Link), f.Data, f.WireLen, f.Interface, &r)
		at, again := seen[string(f.Data)]
		seen[string(f.Data)] = f.TimeNS
		for i := range r.N {
			l.add(&f, &r, i, heads, again && f.TimeNS-at <= duplicateWindow)
		}
	}
	return l
}

// add adds packet i of a frame, which may be a copy of the one before. heads has the tuples of first fragments.
func (l ledger) add(f *capture.Frame, r *decode.Result, i int, heads map[datagram]tuple, isCopy bool) {
	p := &r.Packets[i]
	portA, portB := p.Key.PortA, p.Key.PortB
	if !p.Key.Proto.HasPorts() {
		portA, portB = 0, 0
	}
	k, swapped := tuple{p.Key.Proto, netip.AddrPortFrom(p.Key.A.Netip(), portA), netip.AddrPortFrom(p.Key.B.Netip(), portB)}.canonical()
	if p.FirstFrag {
		heads[datagramOf(p)] = k
	} else if head, ok := heads[datagramOf(p)]; ok && p.Fragment {
		swapped = swapped != (head.a.Addr() == k.b.Addr())
		k = head
	}
	s := l[k]
	if s == nil {
		s = &frameSum{}
		l[k] = s
	}
	n, ok := layer2(f, int(p.Octets))
	s.inexact = s.inexact || i > 0 || p.Fragment || !ok
	s.inner = s.inner || i > 0
	from := 0
	if p.FromB != swapped {
		from = 1
	}
	last := i == r.N-1
	switch {
	case !last:
		s.carried[from]++
	case p.Fragment && !p.FirstFrag:
		s.later[from]++
	}
	if isCopy {
		s.copies.packets[from]++
		s.copies.octets[from] += uint64(p.Octets)
	}
	s.times = append(s.times, f.TimeNS)
	s.lastIsACK = p.HasTCP && p.Flags == flow.ACK
	if p.Flags.Has(flow.FIN) {
		s.fins |= 1 << from
	}
	s.layer2[from] += uint64(n)
}

// layer2 returns the number of bytes of the whole frame f outside its IP packet: the link
// header, determined independently of the decoder, and padding up to 60 bytes.
func layer2(f *capture.Frame, ip int) (n int, ok bool) {
	if len(f.Data) != f.WireLen {
		return 0, false
	}
	switch f.Link {
	case 1:
		n = 14
		for len(f.Data) >= n {
			switch binary.BigEndian.Uint16(f.Data[n-2:]) {
			case 0x8100, 0x88a8, 0x9100:
				n += 4
				continue
			case 0x0800, 0x86dd:
				padding := f.WireLen - n - ip
				return n + padding, padding == 0 || padding > 0 && f.WireLen == 60
			}
			break
		}
		return 0, false
	case 12, 14, 101, 228, 229:
	case 0, 108:
		n = 4
	case 113:
		n = 16
	default:
		return 0, false
	}
	return n, f.WireLen == n+ip
}
