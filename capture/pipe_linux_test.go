package capture_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"weir/capture"
)

// mkfifo makes a named pipe and returns its path.
func mkfifo(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// openPipe makes a named pipe and opens it for writing without waiting for a reader.
func openPipe(t *testing.T) (path string, w *os.File) {
	t.Helper()
	path = mkfifo(t)
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return path, w
}

func TestPipesAreReadOnce(t *testing.T) {
	// Writers like `zstd -dc`: they wait for the reader, write, and exit.
	writer := func(b []byte) string {
		return pipe(t, func(w io.Writer) {
			if _, err := w.Write(b); err != nil {
				t.Error(err)
			}
		})
	}
	src, err := capture.OpenFiles([]string{
		writer(pcap(record{ns: noon + ms, data: "2"}, record{ns: noon + 2*ms, data: "3"})),
		writer(gzipped(pcap(record{ns: noon, data: "1"}))),
	})
	wantReceived(t, drain(t, src, err), received{"1", 0, ""}, received{"2", 0, ""}, received{"3", 0, ""})
}

func TestFrameInAPipeDoesNotWaitForTheNext(t *testing.T) {
	path, w := openPipe(t)
	mustWrite(t, w, pcap(record{ns: noon, data: "now"}))
	src, err := capture.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	if err := src.Next(&f); err != nil || string(f.Data) != "now" {
		t.Fatalf("%q, %v", f.Data, err)
	}

	// The writer neither writes nor closes the pipe: only Close unblocks Next.
	ended := make(chan error)
	go func() { ended <- src.Next(&f) }()
	src.Close()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func TestBulkReadDoesNotWaitForAPipe(t *testing.T) {
	path, w := openPipe(t)
	first, last := unpadded(le, 0, 1, record{data: "first"}), unpadded(le, 0, 1, record{data: "last!"})
	mustWrite(t, w, bytes.Join([][]byte{sectionBlock(le), interfaceBlock(le, 1, 0), first, first, last[:len(last)-2]}, nil))

	src, err := capture.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	fs := make([]capture.Frame, 3)
	if err := src.Next(&fs[0]); err != nil {
		t.Fatal(err)
	}
	if n := src.(capture.Bulk).More(fs[1:]); n != 1 || string(fs[1].Data) != "first" {
		t.Fatalf("%d frames more, %q", n, fs[1].Data)
	}
	mustWrite(t, w, last[len(last)-2:])
	if err := src.Next(&fs[0]); err != nil || string(fs[0].Data) != "last!" {
		t.Errorf("%q, %v", fs[0].Data, err)
	}
}
