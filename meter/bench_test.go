package meter

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/capture"
	"weir/decode"
	"weir/flow"
	"weir/internal/pkttest"
)

// discard is a Sink that accepts and discards everything.
type discard struct{}

func (discard) Offer([]flow.Record) bool                 { return true }
func (discard) Put(context.Context, []flow.Record) error { return nil }
func (discard) Cut([]flow.Ending)                        {}

// newBenchEngine returns an engine that discards its records.
func newBenchEngine(cfg Config) *engine {
	var r flow.Record
	return newEngine(cfg.withDefaults(), func(uint16) string { return "" }, func(bool) *flow.Record { return &r })
}

// feed is packets as the decoder gives them, in batches.
type feed struct {
	g     *engine
	batch []frame
	at    int64
}

func newFeed(g *engine) *feed {
	return &feed{g: g, batch: make([]frame, 0, decodeBatch), at: epoch.UnixNano()}
}

// packet is the next packet of flow n. It writes the packet in place, so that this takes little
// of what is measured.
func (f *feed) packet(n int) {
	i := len(f.batch)
	f.batch = f.batch[:i+1]
	f.at += 1000
	next := &f.batch[i]
	next.time, next.result.N = f.at, 1
	p := &next.result.Packets[0]
	p.Key = flow.Key{Proto: flow.TCP, PortA: 443, PortB: uint16(32768 + n>>22)}
	p.Key.A = flow.Addr4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
	p.Key.B[15] = byte(n >> 24)
	p.Octets, p.TTL, p.HasPorts, p.HasTCP, p.Flags = 100, 64, true, true, flow.ACK
	if i+1 == decodeBatch {
		f.g.observe(f.batch)
		f.batch = f.batch[:0]
	}
}

func feedKey(n int) flow.Key {
	k := flow.Key{Proto: flow.TCP, PortA: 443, PortB: uint16(32768 + n>>22)}
	k.A = flow.Addr4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
	k.B[15] = byte(n >> 24)
	return k
}

// next is the next packet, a microsecond later, to be filled in before send. It still has the
// fields of an earlier batch.
func (f *feed) next() *decode.Packet {
	i := len(f.batch)
	f.batch = f.batch[:i+1]
	f.at += 1000
	next := &f.batch[i]
	next.time, next.result.N = f.at, 1
	return &next.result.Packets[0]
}

// send hands over what next began, if the batch is full.
func (f *feed) send() {
	if len(f.batch) == cap(f.batch) {
		f.g.observe(f.batch)
		f.batch = f.batch[:0]
	}
}

// least is the minimum of the longest pauses of several runs: pauses that the program causes recur
// in each run, those of other load on the machine don't.
type least struct{ d time.Duration }

func (l *least) ms(longest time.Duration) float64 {
	if l.d == 0 || longest < l.d {
		l.d = longest
	}
	return float64(l.d) / 1e6
}

// BenchmarkTable is one packet of one of many established flows, in an order that caches can't
// predict.
func BenchmarkTable(b *testing.B) {
	for _, flows := range []int{10_000, 200_000, 2_000_000} {
		b.Run(fmt.Sprintf("%dk-flows", flows/1000), func(b *testing.B) {
			f := newFeed(newBenchEngine(Config{MaxFlows: flows}))
			for n := range 2 * flows {
				f.packet(n % flows)
			}
			next := uint64(1)
			before := cpuTime()
			n := 0
			for b.Loop() {
				next = next*6364136223846793005 + 1442695040888963407
				f.packet(int(next >> 33 % uint64(flows)))
				n++
			}
			b.ReportMetric(float64(cpuTime()-before)/float64(n), "cpu-ns/packet")
		})
	}
}

// BenchmarkNewFlow is one packet that begins a flow.
func BenchmarkNewFlow(b *testing.B) {
	f := newFeed(newBenchEngine(Config{MaxFlows: 1 << 30}))
	n := 0
	before := cpuTime()
	for b.Loop() {
		if n++; n%2_000_000 == 0 {
			f.g = newBenchEngine(Config{MaxFlows: 1 << 30})
		}
		f.packet(n)
	}
	b.ReportMetric(float64(cpuTime()-before)/float64(n), "cpu-ns/packet")
}

// BenchmarkFlood is 10 M packets of 10 M flows into a full table of 1 M, each of which evicts a
// flow.
func BenchmarkFlood(b *testing.B) {
	const flood = 10_000_000
	var pause least
	for b.Loop() {
		f := newFeed(newBenchEngine(Config{}))
		for n := range DefaultMaxFlows {
			f.packet(n)
		}
		var longest time.Duration
		before := cpuTime()
		for n := range flood {
			start := time.Now()
			f.packet(DefaultMaxFlows + n)
			longest = max(longest, time.Since(start))
		}
		b.ReportMetric(float64(cpuTime()-before)/flood, "cpu-ns/packet")
		b.ReportMetric(pause.ms(longest), "longest-ms")
		b.ReportMetric(float64(f.g.table.live), "open-flows")
		b.ReportMetric(float64(f.g.evicted), "evicted")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkGrow is the growth of a table to 2 M flows: heap per flow at the end, and the longest
// batch of packets on the way.
func BenchmarkGrow(b *testing.B) {
	const flows = 2_000_000
	var pause least
	for b.Loop() {
		before := heapInUse()
		f := newFeed(newBenchEngine(Config{MaxFlows: flows}))
		var longest time.Duration
		for n := range flows {
			start := time.Now()
			f.packet(n)
			longest = max(longest, time.Since(start))
		}
		b.ReportMetric(float64(heapInUse()-before)/flows, "B/flow")
		b.ReportMetric(pause.ms(longest), "longest-ms")
		runtime.KeepAlive(f)
	}
	b.ReportMetric(0, "ns/op")
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkResident measures the memory of a separate process that meters a live source with
// that many open flows, and the longest time between two packets.
func BenchmarkResident(b *testing.B) {
	for _, flows := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("%dk-flows", flows/1000), func(b *testing.B) {
			var pause least
			for b.Loop() {
				child := exec.Command(os.Args[0], "-test.run", "^TestResidentChild$")
				child.Env = append(os.Environ(), residentEnv+"="+strconv.Itoa(flows))
				out, err := child.CombinedOutput()
				if err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				var longest, live, kib int64
				if _, err := fmt.Sscanf(string(out), "%d %d %d", &longest, &live, &kib); err != nil {
					b.Fatalf("%v in %q", err, out)
				}
				b.ReportMetric(float64(live), "open-flows")
				b.ReportMetric(pause.ms(time.Duration(longest)), "longest-ms")
				b.ReportMetric(float64(kib)/1024, "MB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// residentEnv makes TestResidentChild the child of BenchmarkResident.
const residentEnv = "WEIR_RESIDENT_FLOWS"

func TestResidentChild(t *testing.T) {
	flows, err := strconv.Atoi(os.Getenv(residentEnv))
	if err != nil {
		t.Skip("only for BenchmarkResident")
	}
	src := &endless{flows: flows, left: 6 * flows}
	m := New(Config{}, src, discard{})
	src.done = func() {
		status, err := os.ReadFile("/proc/self/status") // not getrusage: that has the parent's peak too
		_, peak, ok := strings.Cut(string(status), "VmHWM:")
		if err != nil || !ok {
			t.Fatal("the peak of memory is only known on Linux")
		}
		fmt.Println(int64(src.longest), m.engine.table.live, strings.Fields(peak)[0])
	}
	if err := m.Run(t.Context()); err != nil {
		t.Error(err)
	}
	os.Exit(0) // without the output of a test
}

// endless is a live source that cycles through packets of many flows, with current timestamps.
type endless struct {
	script
	flows, left int
	frame       []byte
	last        time.Time
	longest     time.Duration
	done        func()
}

func (s *endless) Live() bool { return true }

func (s *endless) Next(f *capture.Frame) error {
	now := time.Now()
	if s.frame == nil {
		s.frame = pkttest.Raw().IPv4("10.0.0.0", server).UDP(40000, 5000).Bytes()
		s.last = now
	}
	s.longest = max(s.longest, now.Sub(s.last))
	s.last = now
	if s.left == 0 {
		s.done()
		os.Exit(0)
	}
	s.left--
	n := s.left % s.flows
	s.frame[13], s.frame[14], s.frame[15] = byte(n>>16), byte(n>>8), byte(n)
	*f = capture.Frame{TimeNS: now.UnixNano(), Data: s.frame, WireLen: len(s.frame), Link: 101}
	return nil
}
