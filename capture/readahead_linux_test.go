package capture_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"weir/capture"
)

// longCapture returns a capture of 6 MB, several chunks long. Its frames have all
// possible lengths, so that they straddle the ends of chunks in every way.
func longCapture() (records []record, file []byte) {
	rng := rand.New(rand.NewPCG(1, 2))
	for size := 0; size < 6<<20; {
		n := rng.IntN(2000)
		switch rng.IntN(100) {
		case 0:
			n = 256 << 10 // the longest
		case 1:
			n = 0
		}
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		records = append(records, record{ns: int64(len(records)) * 1000, data: string(data)})
		size += n
	}
	return records, pcap(records...)
}

func TestLongFileReadsTheSameFromFileGzipAndPipe(t *testing.T) {
	records, file := longCapture()
	inPieces := func(w io.Writer) {
		for b := file; len(b) > 0; {
			n := min(len(b), 7919) // a prime, unrelated to any buffer size
			if _, err := w.Write(b[:n]); err != nil {
				t.Error(err)
				return
			}
			b = b[n:]
		}
	}
	for what, path := range map[string]string{
		"plain": write(t, "long.pcap", file),
		"gzip":  write(t, "long.pcap.gz", gzipped(file)),
		"pipe":  pipe(t, inPieces),
	} {
		t.Run(what, func(t *testing.T) {
			src, err := capture.OpenFile(path)
			wantFrames(t, drain(t, src, err), records, 1)
		})
	}
}

func TestLongTruncatedFileReportsTheOffset(t *testing.T) {
	records, file := longCapture()
	cut := len(file) - len(records[len(records)-1].data)/2 - 1
	src, err := capture.OpenFile(write(t, "cut.pcap", file[:cut]))
	frames, err := drainErr(t, src, err)
	var truncated *capture.TruncatedError
	if !errors.As(err, &truncated) {
		t.Fatalf("%v", err)
	}
	wantFrames(t, frames, records[:len(records)-1], 1)
	last := int64(len(file) - 16 - len(records[len(records)-1].data))
	if truncated.Frame != uint64(len(records)) || truncated.Offset != last {
		t.Errorf("truncated in frame %d at byte %d, want %d and %d", truncated.Frame, truncated.Offset, len(records), last)
	}
}

func TestCloseStopsReadAhead(t *testing.T) {
	_, file := longCapture()
	file = gzipped(file) // random octets, so hardly compressed
	for what, c := range map[string]struct {
		path string
		read int // octets to read before Close
	}{
		"of a file, in the middle": {write(t, "long.pcap.gz", file), 3 << 19},
		"of a pipe whose writer pauses": {pipe(t, func(w io.Writer) {
			_, _ = w.Write(file[:4<<20])
			<-t.Context().Done()
		}), 7 << 19}, // all but less than a chunk
	} {
		t.Run(what, func(t *testing.T) {
			src, err := capture.OpenFile(c.path)
			if err != nil {
				t.Fatal(err)
			}
			var f capture.Frame
			for read := 0; read < c.read; read += len(f.Data) {
				if err := src.Next(&f); err != nil {
					t.Fatal(err)
				}
			}
			if !readingAhead() {
				t.Error("no read-ahead")
			}
			ended := make(chan error, 1)
			go func() {
				for {
					if err := src.Next(&f); err != nil {
						ended <- err
						return
					}
				}
			}()
			if err := src.Close(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err == nil {
				t.Error("Next returns frames after Close")
			}
			for deadline := time.Now().Add(10 * time.Second); readingAhead(); runtime.Gosched() {
				if time.Now().After(deadline) {
					t.Fatal("read-ahead did not stop")
				}
			}
		})
	}
}

// readingAhead reports whether a read-ahead goroutine is running.
func readingAhead() bool {
	stacks := make([]byte, 1<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "readAhead).run")
}

// pipe returns the path of a named pipe. fill writes to it, then it is closed.
func pipe(t *testing.T, fill func(w io.Writer)) string {
	path := mkfifo(t)
	go func() {
		w, err := os.OpenFile(path, os.O_WRONLY, 0) // blocks until there is a reader
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		fill(w)
	}()
	return path
}
