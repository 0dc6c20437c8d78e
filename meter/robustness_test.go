package meter

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"weir/capture"
)

// Limits for one small hostile file. Memory is the total allocated, which is more than
// was in use at any time.
const (
	robustTime   = time.Second
	robustOctets = 100 << 20
)

// The test captures of tcpdump, many of which once crashed it: reader, decoder and meter must
// process all of them quickly and in little memory, also under the race detector (make race).
func TestHostileCapturesDoNoHarm(t *testing.T) {
	files := corpus(t, "robustness/*")
	var slowest time.Duration
	var largest uint64
	read, refused, frames, flows := 0, 0, uint64(0), 0
	for _, path := range files {
		if strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".md") {
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		n, recs, err := throughAll(t, path)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		octets := after.TotalAlloc - before.TotalAlloc
		if took > robustTime || octets > robustOctets {
			t.Errorf("%s: %v, %d octets allocated", filepath.Base(path), took, octets)
		}
		slowest, largest = max(slowest, took), max(largest, octets)
		frames, flows = frames+n, flows+recs
		if err != nil {
			refused++
			if !strings.Contains(err.Error(), filepath.Base(path)) {
				t.Errorf("%s: the error doesn't name the file: %v", filepath.Base(path), err)
			}
			continue
		}
		read++
	}
	t.Logf("%d files, %d of them end with an error: %d frames, %d flows; slowest %v, most allocated %d octets", read+refused, refused, frames, flows, slowest, largest)
	if os.Getenv("WEIR_PCAPS") == "" && read+refused < 412 {
		t.Errorf("%d files, there were 412", read+refused)
	}
}

// throughAll reads a file to its end, or to where it can't be read any more.
func throughAll(t *testing.T, path string) (frames uint64, flows int, err error) {
	src, err := capture.OpenFile(path)
	if err != nil {
		return 0, 0, err
	}
	defer src.Close()
	var sink collector
	err = New(Config{}, src, &sink).Run(t.Context())
	var in, out uint64
	for _, r := range sink.sorted() {
		if !r.Open() && r.End().Before(r.Start) {
			t.Errorf("%s: ends before it starts: %+v", filepath.Base(path), r)
		}
		out += r.Sent.Packets + r.Recv.Packets
	}
	in = src.Stats().Frames
	if out > in*4 {
		t.Errorf("%s: %d frames, %d packets in flows", filepath.Base(path), in, out)
	}
	return in, len(sink.records), err
}
