package demo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"sync"
	"testing"
	"time"

	"weir/capture"
	"weir/internal/demo"
)

var start = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// history returns copies of all frames of a history that ends at start, by node
// name.
func history(t *testing.T, seed uint64, length time.Duration) map[string][]capture.Frame {
	t.Helper()
	all := map[string][]capture.Frame{}
	for _, s := range demo.New(demo.Config{Start: start, History: length, Seed: seed}).Sources() {
		for {
			var f capture.Frame
			err := s.Source.Next(&f)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", s.Node, err)
			}
			f.Data = bytes.Clone(f.Data)
			all[s.Node] = append(all[s.Node], f)
		}
	}
	return all
}

func TestHistoryIsOrderedAndEndsAtTheStart(t *testing.T) {
	for node, frames := range history(t, 1, 2*time.Minute) {
		last := start.Add(-2 * time.Minute).UnixNano()
		for i, f := range frames {
			if f.TimeNS < last || f.TimeNS > start.UnixNano() {
				t.Fatalf("%s: frame %d at %v is out of order", node, i, time.Unix(0, f.TimeNS).UTC())
			}
			if f.WireLen < len(f.Data) || len(f.Data) > 128 {
				t.Fatalf("%s: frame %d has %d bytes of %d", node, i, len(f.Data), f.WireLen)
			}
			last = f.TimeNS
		}
		if quiet := time.Duration(start.UnixNano() - last); quiet > 10*time.Second {
			t.Errorf("%s: no frame in the last %v before the start", node, quiet)
		}
	}
}

func TestPacketsAreDeterministic(t *testing.T) {
	a, b, other := history(t, 7, time.Minute), history(t, 7, time.Minute), history(t, 8, time.Minute)
	for node := range a {
		if len(a[node]) != len(b[node]) {
			t.Fatalf("%s: %d frames in one run, %d in the other", node, len(a[node]), len(b[node]))
		}
		for i := range a[node] {
			if a[node][i].TimeNS != b[node][i].TimeNS || !bytes.Equal(a[node][i].Data, b[node][i].Data) {
				t.Fatalf("%s: frame %d differs", node, i)
			}
		}
		if len(a[node]) == len(other[node]) {
			t.Errorf("%s: different seeds have the same number of frames", node)
		}
	}
}

// syn holds the fields of a SYN.
type syn struct {
	timeNS   int64
	src, dst netip.AddrPort
	ttl      byte
	ipid     uint16
}

// firstSyns returns the first SYN of each IPv4 connection by initial sequence
// number.
func firstSyns(frames []capture.Frame) map[uint32]syn {
	found := map[uint32]syn{}
	for _, f := range frames {
		b := f.Data[12:]
		if b[0] == 0x81 { // a VLAN tag
			b = b[4:]
		}
		if b = b[2:]; b[0] != 0x45 || b[9] != 6 || b[33] != 0x02 { // IPv4 without options, TCP, only SYN
			continue
		}
		addr := func(ip, port int) netip.AddrPort {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[ip:ip+4])), binary.BigEndian.Uint16(b[port:]))
		}
		isn := binary.BigEndian.Uint32(b[24:])
		if _, ok := found[isn]; !ok {
			found[isn] = syn{f.TimeNS, addr(12, 20), addr(16, 22), b[8], binary.BigEndian.Uint16(b[4:])}
		}
	}
	return found
}

func TestConnectionsMatchAcrossNAT(t *testing.T) {
	frames := history(t, 1, 3*time.Minute)
	edge, core, dc := firstSyns(frames["edge-1"]), firstSyns(frames["core"]), firstSyns(frames["dc-2"])
	var through int
	for isn, e := range edge {
		c, atCore := core[isn]
		d, atDC := dc[isn]
		if !atCore || !atDC {
			continue
		}
		through++
		switch {
		case !netip.MustParsePrefix("192.168.100.0/24").Contains(e.src.Addr()) || e.dst != c.dst:
			t.Fatalf("edge-1 sees %v → %v, want a client on its LAN and core's destination %v", e.src, e.dst, c.dst)
		case c.src.Addr() != netip.MustParseAddr("10.100.2.1") || c.src.Port() == e.src.Port():
			t.Fatalf("core sees source %v, want edge-1's address and a port other than %d", c.src, e.src.Port())
		case d.src.Addr() != netip.MustParseAddr("172.16.1.100") || d.src.Port() != c.src.Port():
			t.Fatalf("dc-2 sees source %v, want its own address and port %d", d.src, c.src.Port())
		case !netip.MustParsePrefix("172.16.1.0/24").Contains(d.dst.Addr()) || d.dst.Port() != e.dst.Port():
			t.Fatalf("dc-2 sees destination %v, want a server and port %d", d.dst, e.dst.Port())
		case c.ttl != e.ttl-1 || d.ttl != c.ttl-1 || c.ipid != e.ipid || d.ipid != e.ipid:
			t.Fatalf("TTL %d, %d, %d and identification %d, %d, %d", e.ttl, c.ttl, d.ttl, e.ipid, c.ipid, d.ipid)
		case c.timeNS-e.timeNS != 6_000_000 || d.timeNS-c.timeNS != 4_000_000:
			t.Fatalf("%d ns from edge-1 to core, %d ns from core to dc-2", c.timeNS-e.timeNS, d.timeNS-c.timeNS)
		}
	}
	if through < 100 {
		t.Errorf("only %d connections pass all three nodes in 3 minutes", through)
	}
	if len(edge) == through {
		t.Error("every connection passes all three nodes; some should be dropped before")
	}
}

// clock is a fake clock that advances only in Wait.
type clock struct {
	sync.Mutex
	now   time.Time
	waits int
}

func (c *clock) Now() time.Time {
	c.Lock()
	defer c.Unlock()
	return c.now
}

func (c *clock) Wait(d time.Duration, _ <-chan struct{}) {
	c.Lock()
	defer c.Unlock()
	c.now = c.now.Add(d)
	c.waits++
}

func TestLiveSourceDeliversItsHistoryWithoutWaiting(t *testing.T) {
	all := history(t, 1, time.Minute)
	for i := range len(all) {
		c := &clock{now: start}
		s := demo.New(demo.Config{Start: start, History: time.Minute, Seed: 1, Live: true, Now: c.Now, Wait: c.Wait}).Sources()[i]
		want := all[s.Node]
		var f capture.Frame
		for n := range want {
			if err := s.Source.Next(&f); err != nil || f.TimeNS != want[n].TimeNS {
				t.Fatalf("%s: frame %d of the history: %v", s.Node, n, err)
			}
		}
		if c.waits != 0 {
			t.Errorf("%s: waited %d times during the history", s.Node, c.waits)
		}
	}
}

func TestLiveSourceFollowsTheClock(t *testing.T) {
	c := &clock{now: start}
	s := demo.New(demo.Config{Start: start, Seed: 3, Live: true, Now: c.Now, Wait: c.Wait}).Sources()[0].Source
	var f capture.Frame
	var frames, idle int
	for c.Now().Before(start.Add(time.Minute)) {
		before := c.Now()
		switch err := s.Next(&f); {
		case errors.Is(err, capture.ErrIdle):
			idle++
		case err != nil:
			t.Fatal(err)
		default:
			frames++
			if late := c.Now().UnixNano() - f.TimeNS; late != 0 && f.TimeNS > start.UnixNano() {
				t.Fatalf("a frame is %v late", time.Duration(late))
			}
		}
		if waited := c.Now().Sub(before); waited > capture.IdleInterval {
			t.Fatalf("Next blocked for %v", waited)
		}
	}
	if frames == 0 || idle == 0 {
		t.Errorf("%d frames, idle %d times in a minute, want both", frames, idle)
	}
	if got := s.Stats(); got.Frames != uint64(frames) || got.Octets == 0 || got.KernelDrops != 0 {
		t.Errorf("counted %+v, got %d frames", got, frames)
	}
}

func TestCloseUnblocksNext(t *testing.T) {
	waiting := make(chan struct{})
	now := func() time.Time { return start }
	wait := func(_ time.Duration, stop <-chan struct{}) {
		close(waiting)
		<-stop
	}
	s := demo.New(demo.Config{Start: start, Seed: 1, Live: true, Now: now, Wait: wait}).Sources()[0].Source
	ended := make(chan error)
	go func() {
		var f capture.Frame
		for {
			if err := s.Next(&f); err != nil {
				ended <- err
				return
			}
		}
	}()
	<-waiting
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want io.EOF", err)
	}
}

func TestNodesMatchSourcesAndOwnTheirPrefixes(t *testing.T) {
	network := demo.New(demo.Config{Start: start})
	sources := network.Sources()
	owner := map[string]string{}
	for i, n := range network.Nodes() {
		if sources[i].Node != n.Name {
			t.Errorf("source %d belongs to %s, node %d is %s", i, sources[i].Node, i, n.Name)
		}
		if name := sources[i].Source.InterfaceName(0); name == "" || name != sources[i].Source.Name() || sources[i].Source.InterfaceName(1) != "" {
			t.Errorf("%s: interface 0 is %q", n.Name, name)
		}
		for _, p := range n.Prefixes {
			if p != p.Masked() {
				t.Errorf("%s: %v is not masked", n.Name, p)
			}
			owner[p.String()] = n.Name
		}
	}
	if owner["192.168.100.0/24"] != "edge-1" || owner["172.16.1.0/24"] != "dc-2" {
		t.Errorf("got %v", owner)
	}
}
