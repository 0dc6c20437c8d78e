package meter

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"weir/capture"
	"weir/flow"
)

// BenchmarkFile meters capture files on one core, from the page cache to a sink
// that discards, compared with the usual building blocks of a Go program: pcapgo's
// reader, gopacket's DecodingLayerParser, and a Go map of flows, see baseline.
// All take turns, and the time is CPU time of the process, garbage collection
// and kernel included, the minimum of all turns: other load on the machine
// changes the figures little and the ratio less. The files are freshly written: for an
// older file the page cache may hold single pages, which the kernel copies half as fast.
func BenchmarkFile(b *testing.B) {
	b.Run("bigmix", func(b *testing.B) { besideBaseline(b, freshCopy(b, capturePath(b, "bigmix.pcap"))) })
	b.Run("2M-packets-200k-flows", func(b *testing.B) { besideBaseline(b, officeFile(b)) })
	b.Run("2M-packets-taking-turns", func(b *testing.B) { besideBaseline(b, mixFile(b, 2_000_000)) })
}

// turns is the minimum number of measurements of each.
const turns = 5

// alone leaves out what is measured beside weir: `make pgo` wants to know where
// weir's own time goes.
var alone = flag.Bool("alone", false, "BenchmarkFile without gopacket")

func besideBaseline(b *testing.B, path string) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	own, documented, tuned := time.Duration(1<<62), time.Duration(1<<62), time.Duration(1<<62)
	var h flow.Health
	for b.Loop() {
		for range turns {
			own = min(own, cpuTimeOf(func() { h = meterFile(b, path) }))
			if *alone {
				continue
			}
			documented = min(documented, cpuTimeOf(func() { readWithGopacket(b, path, asDocumented) }))
			tuned = min(tuned, cpuTimeOf(func() { readWithGopacket(b, path, withoutCopies) }))
		}
	}
	packets := float64(h.Packets())
	b.ReportMetric(float64(own)/packets, "ns/packet")
	b.ReportMetric(packets/own.Seconds()/1e6, "Mpps")
	b.ReportMetric(float64(h.Created), "flows")
	b.ReportMetric(0, "ns/op") // all together, of no meaning
	if *alone {
		return
	}
	b.ReportMetric(float64(documented)/packets, "gopacket-ns/packet")
	b.ReportMetric(float64(documented)/float64(own), "x-gopacket")
	b.ReportMetric(float64(tuned)/float64(own), "x-gopacket-tuned")
}

// cpuTimeOf is the CPU time that the process needs for f.
func cpuTimeOf(f func()) time.Duration {
	runtime.GC()
	before := cpuTime()
	f()
	return cpuTime() - before
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func meterFile(b *testing.B, path string) flow.Health {
	src, err := capture.OpenFile(path)
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	m := New(Config{}, src, discard{})
	if err := m.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	return m.Health()
}

// freshCopy is the path of a copy for the time of the benchmark.
func freshCopy(b *testing.B, path string) string {
	file, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	path = filepath.Join(b.TempDir(), filepath.Base(path))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// officeFile writes the capture of bench/compare.sh's mix, and returns its path.
func officeFile(b *testing.B) string {
	path := filepath.Join(b.TempDir(), "office.pcap")
	if out, err := exec.Command("go", "run", "../bench/genpcap", "-o", path).CombinedOutput(); err != nil {
		b.Fatalf("write a capture: %v: %s", err, out)
	}
	return path
}

// capturePath is that of a capture of other projects, see corpus_test.go of package decode.
func capturePath(b *testing.B, name string) string {
	path := filepath.Join(cmp.Or(os.Getenv("WEIR_PCAPS"), "../../shared/pcaps"), name)
	if _, err := os.Stat(path); err != nil {
		b.Skipf("SKIPPED: no capture to measure with: %v (WEIR_PCAPS names their folder)", err)
	}
	return path
}

// gopacketKey is the baseline's flow key.
type gopacketKey struct {
	a, b         [16]byte
	portA, portB uint16
	proto        uint8
}

// gopacketFlow is the baseline's flow: less than an entry has.
type gopacketFlow struct {
	packets, octets [2]uint64
	start, last     time.Time
	flags           [2]uint8
}

// gopacketTable is the baseline.
type gopacketTable struct {
	eth   layers.Ethernet
	vlan  layers.Dot1Q
	ip4   layers.IPv4
	ip6   layers.IPv6
	tcp   layers.TCP
	udp   layers.UDP
	icmp4 layers.ICMPv4
	icmp6 layers.ICMPv6
	flows map[gopacketKey]*gopacketFlow
}

// baseline says how gopacket is used.
type baseline int

const (
	asDocumented  baseline = iota // as pcapgo's documentation shows it, which copies each packet
	withoutCopies                 // tuned: each packet is overwritten by the next, and the buffer is the one that is fastest
)

func readWithGopacket(b *testing.B, path string, how baseline) int {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var in io.Reader = file
	read := (*pcapgo.Reader).ReadPacketData
	if how == withoutCopies {
		in = bufio.NewReaderSize(file, 128<<10)
		read = (*pcapgo.Reader).ZeroCopyReadPacketData
	}
	r, err := pcapgo.NewReader(in)
	if err != nil {
		b.Fatal(err)
	}
	t := gopacketTable{flows: map[gopacketKey]*gopacketFlow{}}
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet,
		&t.eth, &t.vlan, &t.ip4, &t.ip6, &t.tcp, &t.udp, &t.icmp4, &t.icmp6)
	parser.IgnoreUnsupported = true
	var decoded []gopacket.LayerType
	for {
		data, info, err := read(r)
		if errors.Is(err, io.EOF) {
			return len(t.flows)
		}
		if err != nil {
			b.Fatal(err)
		}
		_ = parser.DecodeLayers(data, &decoded)
		t.count(decoded, info.Timestamp)
	}
}

func (t *gopacketTable) count(decoded []gopacket.LayerType, at time.Time) {
	var k gopacketKey
	var octets uint64
	var flags uint8
	for _, layer := range decoded {
		switch layer {
		case layers.LayerTypeIPv4:
			copy(k.a[12:], t.ip4.SrcIP)
			copy(k.b[12:], t.ip4.DstIP)
			k.proto, octets = uint8(t.ip4.Protocol), uint64(t.ip4.Length)
		case layers.LayerTypeIPv6:
			copy(k.a[:], t.ip6.SrcIP)
			copy(k.b[:], t.ip6.DstIP)
			k.proto, octets = uint8(t.ip6.NextHeader), uint64(t.ip6.Length)+40
		case layers.LayerTypeTCP:
			k.portA, k.portB = uint16(t.tcp.SrcPort), uint16(t.tcp.DstPort)
			flags = t.tcp.Contents[13]
		case layers.LayerTypeUDP:
			k.portA, k.portB = uint16(t.udp.SrcPort), uint16(t.udp.DstPort)
		}
	}
	if octets == 0 {
		return
	}
	from := 0
	if order := bytes.Compare(k.a[:], k.b[:]); order > 0 || order == 0 && k.portA > k.portB {
		k.a, k.b, k.portA, k.portB, from = k.b, k.a, k.portB, k.portA, 1
	}
	f := t.flows[k]
	if f == nil {
		f = &gopacketFlow{start: at}
		t.flows[k] = f
	}
	f.packets[from]++
	f.octets[from] += octets
	f.flags[from] |= flags
	f.last = at
}
