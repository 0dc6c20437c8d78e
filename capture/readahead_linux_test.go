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

// longCapture is a capture of 6 MB, several times what is read at once. Its
// frames are of all lengths that there may be, so that they lie across the ends
// of chunks in every way.
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

func TestALongFileIsTheSameHoweverItIsRead(t *testing.T) {
	records, file := longCapture()
	inPieces := func(w io.Writer) {
		for b := file; len(b) > 0; {
			n := min(len(b), 7919) // fits to nothing
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

func TestALongFileThatIsCutSaysWhere(t *testing.T) {
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
		t.Errorf("cut in frame %d at byte %d, want %d and %d", truncated.Frame, truncated.Offset, len(records), last)
	}
}

func TestCloseEndsReadingAhead(t *testing.T) {
	_, file := longCapture()
	file = gzipped(file) // of random octets, so about as long
	for what, c := range map[string]struct {
		path string
		read int // octets before it is closed
	}{
		"of a file, in the middle": {write(t, "long.pcap.gz", file), 3 << 19},
		"of a pipe into which nothing more comes": {pipe(t, func(w io.Writer) {
			_, _ = w.Write(file[:4<<20])
			<-t.Context().Done()
		}), 7 << 19}, // all of it but less than a chunk
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
				t.Error("the file is not read ahead at all")
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
				t.Error("Next goes on after Close")
			}
			for deadline := time.Now().Add(10 * time.Second); readingAhead(); runtime.Gosched() {
				if time.Now().After(deadline) {
					t.Fatal("somebody still reads ahead")
				}
			}
		})
	}
}

// readingAhead reports whether there is a goroutine that does.
func readingAhead() bool {
	stacks := make([]byte, 1<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "readAhead).run")
}

// pipe is the path of a named pipe that fill writes into, and then goes.
func pipe(t *testing.T, fill func(w io.Writer)) string {
	path := mkfifo(t)
	go func() {
		w, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		fill(w)
	}()
	return path
}
