package capture_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"weir/capture"
)

// openStream opens path as a stream.
func openStream(t *testing.T, path string) capture.Source {
	t.Helper()
	if !capture.IsStream(path) {
		t.Fatalf("%s is not taken for a stream", path)
	}
	src, err := capture.OpenStream(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// nextFrame returns the next frame of a stream, however often it is idle before.
func nextFrame(t *testing.T, src capture.Source) string {
	t.Helper()
	var f capture.Frame
	for {
		switch err := src.Next(&f); {
		case err == nil:
			return string(f.Data)
		case !errors.Is(err, capture.ErrIdle):
			t.Fatal(err)
		}
	}
}

// wantIdle fails unless src waits for a frame.
func wantIdle(t *testing.T, src capture.Source) {
	t.Helper()
	var f capture.Frame
	if err := src.Next(&f); !errors.Is(err, capture.ErrIdle) {
		t.Fatalf("%q, %v, want ErrIdle", f.Data, err)
	}
}

func TestAStreamIsIdleBetweenFrames(t *testing.T) {
	path, w := openPipe(t)
	src := openStream(t, path)
	wantIdle(t, src) // no header yet
	mustWrite(t, w, pcap())
	wantIdle(t, src)
	frame := pcapRecord(le, 1000, record{ns: noon, data: "first"})
	mustWrite(t, w, frame)
	if got := nextFrame(t, src); got != "first" {
		t.Errorf("got %q", got)
	}
	mustWrite(t, w, frame[:18])
	wantIdle(t, src) // not damaged: the rest may come
	mustWrite(t, w, frame[18:])
	if got := nextFrame(t, src); got != "first" {
		t.Errorf("got %q", got)
	}
	if s := src.Stats(); s.Frames != 2 || s.LastError != "" || s.Outages != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAStreamReadsTheSameAsAFile(t *testing.T) {
	records, file := longCapture()
	for what, content := range map[string][]byte{"plain": file, "gzip": gzipped(file), "zstd": packed(t, "zstd", file)} {
		t.Run(what, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			go func() {
				_, _ = w.Write(content)
				w.Close()
			}()
			src := openStream(t, fmt.Sprintf("/dev/fd/%d", r.Fd()))
			fs := make([]capture.Frame, 64)
			for i := 0; ; {
				err := src.Next(&fs[0])
				if errors.Is(err, capture.ErrIdle) {
					continue
				}
				if err != nil {
					if err != io.EOF || i != len(records) {
						t.Errorf("%v after %d frames of %d", err, i, len(records))
					}
					break
				}
				for _, f := range fs[:1+src.(capture.Bulk).More(fs[1:])] {
					if string(f.Data) != records[i].data {
						t.Fatalf("frame %d differs", i)
					}
					i++
				}
			}
		})
	}
}

// TestAnotherWriterOfANamedPipeGoesOn: writers stop, die inside a frame, write something
// else, and begin again. What they wrote is kept, and said is why nothing comes.
func TestAnotherWriterOfANamedPipeGoesOn(t *testing.T) {
	path := mkfifo(t)
	src := openStream(t, path)
	one := pcap(record{ns: noon, data: "one"})
	for i, c := range []struct {
		write []byte
		says  string // afterwards
	}{
		{one, "its writer has ended"},
		{pcap(record{ns: noon, data: "one"}, record{ns: noon, data: "two"})[:24+19+10], fmt.Sprintf("capture file %q ends inside frame 2, which starts at byte 43: what is before it was read", path)},
		{[]byte("not a capture, and not short either"), fmt.Sprintf("not a capture file: %q: expected pcap, pcapng or snoop", path)},
		{gzipped(one), "its writer has ended"},
		{append(pcap(record{ns: noon, data: "one"}), strings.Repeat("\xff", 1<<20)...), fmt.Sprintf("capture file %q is damaged after frame 1, at byte 43: a frame of 4294967295 captured bytes: expected at most 262144", path)},
		{packed(t, "lz4", one), "its writer has ended"},
	} {
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		go func() { // more than the pipe holds
			_, _ = w.Write(c.write)
			w.Close()
		}()
		if !strings.Contains(c.says, "not a capture") {
			if got := nextFrame(t, src); got != "one" {
				t.Errorf("writer %d: got %q", i, got)
			}
		}
		for s := src.Stats(); s.Outages != uint64(i)+1; s = src.Stats() {
			wantIdle(t, src)
		}
		if s := src.Stats(); s.LastError != c.says || !s.DownAt.After(s.UpAt) || s.Away <= 0 {
			t.Errorf("writer %d: %+v, want %q", i, s, c.says)
		}
	}
	if s := src.Stats(); s.Frames != 5 || s.Octets != 15 {
		t.Errorf("%+v", s)
	}
}

func TestTheErrorThatEndsAStream(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{string(pcap(record{data: "one"})[:40]), `capture file %q ends inside frame 1, which starts at byte 24: what is before it was read`},
		{"", `not a capture file: %q is empty`},
		{"text", `not a capture file: %q: expected pcap, pcapng or snoop`},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		mustWrite(t, w, []byte(c.content))
		w.Close()
		path := fmt.Sprintf("/dev/fd/%d", r.Fd())
		src := openStream(t, path)
		var f capture.Frame
		for err = capture.ErrIdle; errors.Is(err, capture.ErrIdle); {
			err = src.Next(&f)
		}
		if want := fmt.Sprintf(c.want, path); err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		r.Close()
	}
}

func TestFinishReadsWhatIsInThePipe(t *testing.T) {
	path, w := openPipe(t)
	src := openStream(t, path)
	mustWrite(t, w, pcap(record{ns: noon, data: "0"}, record{ns: noon, data: "1"}))
	src.(capture.Finisher).Finish()
	for i := range 2 {
		if got := nextFrame(t, src); got != fmt.Sprint(i) {
			t.Errorf("frame %d: %q", i, got)
		}
	}
	var f capture.Frame
	if err := src.Next(&f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestFinishEndsAStreamWhoseWriterGoesOn(t *testing.T) {
	path, w := openPipe(t)
	src := openStream(t, path)
	go func() {
		frame := pcapRecord(le, 1000, record{ns: noon, data: "again"})
		for _, err := w.Write(pcap()); err == nil; {
			_, err = w.Write(frame) // until the end of the test closes it
		}
	}()
	nextFrame(t, src)
	src.(capture.Finisher).Finish()
	var f capture.Frame
	err := error(nil)
	for err == nil {
		err = src.Next(&f)
	}
	if !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestCloseEndsAStreamThatWaits(t *testing.T) {
	path, w := openPipe(t)
	for what, prepare := range map[string]func(){
		"for a writer": func() {},
		"for a header": func() { mustWrite(t, w, pcap()[:10]) },
	} {
		src := openStream(t, path)
		prepare()
		ended := make(chan error)
		go func() {
			var f capture.Frame
			err := capture.ErrIdle
			for errors.Is(err, capture.ErrIdle) {
				err = src.Next(&f)
			}
			ended <- err
		}()
		src.Close()
		if err := <-ended; !errors.Is(err, os.ErrClosed) {
			t.Errorf("waiting %s: %v", what, err)
		}
	}
}
