package capture_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"weir/capture"
)

func TestPipesAreReadOnce(t *testing.T) {
	// Writers as `zstd -dc` is one: they wait for the reader, write, and go.
	writer := func(b []byte) (path string) {
		path = filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		go func() {
			if err := os.WriteFile(path, b, 0); err != nil {
				t.Error(err)
			}
		}()
		return path
	}
	src, err := capture.OpenFiles([]string{
		writer(pcap(record{ns: noon + ms, data: "2"}, record{ns: noon + 2*ms, data: "3"})),
		writer(gzipped(pcap(record{ns: noon, data: "1"}))),
	})
	wantHeard(t, drain(t, src, err), heard{"1", 0, ""}, heard{"2", 0, ""}, heard{"3", 0, ""})
}

func TestAFrameInAPipeDoesNotWaitForTheNext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(path, os.O_RDWR, 0) // doesn't wait for a reader
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Write(pcap(record{ns: noon, data: "now"}))
	src, err := capture.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	if err := src.Next(&f); err != nil || string(f.Data) != "now" {
		t.Fatalf("%q, %v", f.Data, err)
	}

	// The writer has nothing more to say and doesn't go: only Close helps.
	ended := make(chan error)
	go func() { ended <- src.Next(&f) }()
	src.Close()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}
