package capture_test

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"

	"weir/capture"
)

// corpus returns the directory of real captures. They belong to other projects and
// are not part of this repository.
func corpus(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("WEIR_PCAPS")
	if dir == "" {
		dir = "../../shared/pcaps"
	}
	if _, err := os.Stat(dir); err != nil {
		tb.Skipf("SKIPPED, NOTHING PROVEN: no captures to read: %v (WEIR_PCAPS names their folder)", err)
	}
	return dir
}

// captures lists the capture files of the corpus.
func captures(tb testing.TB) []string {
	tb.Helper()
	var paths []string
	err := filepath.WalkDir(corpus(tb), func(path string, _ fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && strings.HasPrefix(ext, ".pcap") || ext == ".cap" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		tb.Fatalf("%d captures in %s: %v", len(paths), corpus(tb), err)
	}
	return paths
}

// digest summarizes what a reader returned for a file.
type digest struct {
	frames, octets, wire int
	sum                  uint64 // hash of data, wire lengths and times
	err                  error  // nil after io.EOF
}

func (d *digest) add(seed maphash.Seed, data []byte, wire int, ns int64) {
	d.frames++
	d.octets += len(data)
	d.wire += wire
	d.sum = d.sum*31 + maphash.Bytes(seed, data) ^ uint64(wire) ^ uint64(ns)<<1
}

func (d digest) String() string {
	return fmt.Sprintf("%d frames, %d octets, %d on the wire, sum %x, %v", d.frames, d.octets, d.wire, d.sum, d.err)
}

// read reads a file with package capture, with bulk reads of up to more frames.
func read(tb testing.TB, seed maphash.Seed, path string, more int) (d digest) {
	tb.Helper()
	src, err := capture.OpenFile(path)
	if err != nil {
		return digest{err: err}
	}
	defer src.Close()
	err = readEach(tb, src, more, func(f *capture.Frame) { d.add(seed, f.Data, f.WireLen, f.TimeNS) })
	if err != io.EOF {
		d.err = err
	}
	return d
}

// readReference reads capture data with pcapgo.
func readReference(seed maphash.Seed, data []byte) (d digest) {
	var next func() ([]byte, gopacket.CaptureInfo, error)
	if bytes.HasPrefix(data, []byte{0x0a, 0x0d, 0x0d, 0x0a}) {
		r, err := pcapgo.NewNgReader(bytes.NewReader(data), pcapgo.NgReaderOptions{WantMixedLinkType: true})
		if err != nil {
			return digest{err: err}
		}
		next = r.ReadPacketData
	} else {
		r, err := pcapgo.NewReader(bytes.NewReader(data))
		if err != nil {
			return digest{err: err}
		}
		next = r.ReadPacketData
	}
	for {
		data, ci, err := next()
		if err == io.EOF && ci.CaptureLength > 0 {
			err = io.ErrUnexpectedEOF // pcapgo returns io.EOF for a frame without data at the end
		}
		if err == io.EOF {
			return d
		}
		if err != nil {
			d.err = err
			return d
		}
		d.add(seed, data, ci.Length, ci.Timestamp.UnixNano())
	}
}

// acceptedDifferences are captures that package capture reads differently from
// pcapgo, with the reason.
var acceptedDifferences = map[string]string{
	"robustness/rx_serviceid_oobr.pcap":      "a fraction of more than 1,000,000 µs, which pcapgo wraps around at 2^32 ns",
	"robustness/timestamp_invalid_nano.pcap": "a fraction of more than two seconds, which pcapgo adds to the time",
}

func TestEveryCaptureReadsLikePcapgo(t *testing.T) {
	seed := maphash.MakeSeed()
	same := 0
	for _, path := range captures(t) {
		name, _ := filepath.Rel(corpus(t), path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, want := read(t, seed, path, 0), readReference(seed, data)
		if bulk := read(t, seed, path, 63); fmt.Sprint(bulk) != fmt.Sprint(got) {
			t.Errorf("%s:\n  one by one %v\n  in bulk    %v", name, got, bulk)
		}
		if _, ok := acceptedDifferences[filepath.ToSlash(name)]; ok {
			got.sum, want.sum = 0, 0
		}
		switch {
		case want.err != nil:
			// pcapgo rejects pcap versions before 2.4, and frames with a wire
			// length below the captured length. Both are readable.
			if got.err != nil {
				t.Errorf("%s:\n  ours   %v\n  pcapgo %v", name, got, want)
			}
		case got != want:
			t.Errorf("%s:\n  ours   %v\n  pcapgo %v", name, got, want)
		default:
			same++
		}
	}
	t.Logf("%d captures read the same", same)
}

func TestTimeAndMemoryPerCaptureAreBounded(t *testing.T) {
	var before, after runtime.MemStats
	for _, path := range captures(t) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		limit := time.Second + time.Duration(info.Size()>>23)*time.Second // 8 MiB/s on slow machines
		runtime.ReadMemStats(&before)
		start := time.Now()
		d := read(t, maphash.MakeSeed(), path, 63)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		memory := uint64(1 << 20)
		if strings.HasSuffix(path, ".gz") {
			memory += 4 << 20 // read-ahead
		}
		if got := after.TotalAlloc - before.TotalAlloc; took > limit || got > memory {
			t.Errorf("%s: %v and %d octets for %v", path, took, got, d)
		}
	}
}
