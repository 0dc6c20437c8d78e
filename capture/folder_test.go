package capture_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/capture"
)

// folder is a folder that a test writes to while a source follows it.
type folder struct {
	t   *testing.T
	dir string
	src capture.Source
}

func followFolder(t *testing.T, dir string) *folder {
	t.Helper()
	src, err := capture.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return &folder{t, dir, src}
}

// write creates or overwrites a file, as fopen(name, "w") does.
func (d *folder) write(name string, b []byte) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), b, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// add appends to a file.
func (d *folder) add(name string, b []byte) {
	d.t.Helper()
	f, err := os.OpenFile(filepath.Join(d.dir, name), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	mustWrite(d.t, f, b)
	if err := f.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *folder) remove(name string) {
	d.t.Helper()
	if err := os.Remove(filepath.Join(d.dir, name)); err != nil {
		d.t.Fatal(err)
	}
}

// next returns the next frame and the name of its interface.
func (d *folder) next() (data, name string) {
	d.t.Helper()
	var f capture.Frame
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		switch err := d.src.Next(&f); {
		case err == nil:
			return string(f.Data), d.src.InterfaceName(f.Interface)
		case !errors.Is(err, capture.ErrIdle):
			d.t.Fatal(err)
		}
	}
	d.t.Fatalf("no frame: %+v", d.src.Stats())
	return "", ""
}

// wants reads the frames that have this data, in this order.
func (d *folder) wants(frames ...string) {
	d.t.Helper()
	for _, want := range frames {
		if got, _ := d.next(); got != want {
			d.t.Fatalf("got frame %q, want %q (%+v)", got, want, d.src.Stats())
		}
	}
}

// idles lets the source look at the folder until ok, or several times, and wants no frame.
func (d *folder) idles(ok func(s capture.Stats) bool) {
	d.t.Helper()
	for i := 0; ; i++ {
		var f capture.Frame
		if err := d.src.Next(&f); !errors.Is(err, capture.ErrIdle) {
			d.t.Fatalf("%q, %v, want ErrIdle", f.Data, err)
		}
		if s := d.src.Stats(); ok == nil && i == 10 || ok != nil && ok(s) {
			return
		} else if i == 300 {
			d.t.Fatalf("it stays at %+v", s)
		}
	}
}

// at is a frame some seconds after noon.
func at(second int, data string) record { return record{ns: noon + int64(second)*1000*ms, data: data} }

func one(r record) []byte { return pcapRecord(le, 1000, r) }

func TestAFolderOfARotationIsFollowed(t *testing.T) {
	d := followFolder(t, t.TempDir())
	d.idles(func(s capture.Stats) bool { return s.LastError == "there is no capture in the folder yet" })
	d.write("b", pcap(at(2, "2"), at(3, "3")))
	d.write("a", pcap(at(0, "0"), at(1, "1")))
	d.write("c", pcap()) // the newest, with a header only
	d.write("d", nil)
	d.wants("0", "1", "2", "3")
	d.add("c", one(at(4, "4"))[:10]) // buffers are flushed anywhere
	d.idles(nil)
	d.add("c", one(at(4, "4"))[10:])
	d.wants("4")
	d.add("c", one(at(5, "5")))
	d.wants("5")
	d.add("c", one(at(6, "6"))) // and at once the next file
	d.write("d", pcap(at(7, "7")))
	d.wants("6", "7")
	d.remove("a")
	d.remove("b")
	d.write("e", gzipped(pcap(at(8, "8"))))
	d.wants("8")
	d.idles(nil)
	if s := d.src.Stats(); s.Frames != 9 || s.Octets != 9 || s.LastError != "" || s.Problem != "" {
		t.Errorf("%+v", s)
	}
	if d.src.Live() {
		t.Error("time passes, although the writer may keep frames back")
	}
}

// TestARingOfFilesIsReadAgain: tcpdump -W opens its files again under the same names.
func TestARingOfFilesIsReadAgain(t *testing.T) {
	d := followFolder(t, t.TempDir())
	n := 0
	for round := range 4 {
		for _, name := range []string{"ring0", "ring1", "ring2"} {
			d.write(name, pcap(at(n, fmt.Sprint(n)))) // the same size in each round
			d.wants(fmt.Sprint(n))
			n++
			if round%2 == 0 {
				d.add(name, one(at(n, fmt.Sprint(n))))
				d.wants(fmt.Sprint(n))
				n++
			}
		}
	}
	d.idles(nil)
	if s := d.src.Stats(); s.Frames != uint64(n) || s.Problem != "" {
		t.Errorf("%d frames written: %+v", n, s)
	}
}

func TestWhatIsLostInAFolderIsSaid(t *testing.T) {
	for what, c := range map[string]struct {
		do   func(d *folder, path string)
		want string // %q stands for the path of b
	}{
		"removed unread": {func(d *folder, _ string) {
			d.wants("a0") // both were seen; the rest of a comes first
			d.remove("b")
		}, "capture file %q was removed or overwritten before it was read to its end"},
		"overwritten unread": {func(d *folder, _ string) {
			d.wants("a0")
			d.write("b", pcap(at(5, "new")))
		}, "capture file %q was removed or overwritten before it was read to its end"},
		"damaged": {func(d *folder, _ string) {
			d.add("b", append([]byte{0, 0, 0, 0, 0, 0, 0, 0}, "\xff\xff\xff\xff____"...))
			d.write("c", pcap(at(9, "c")))
			d.wants("a0", "a1", "b", "c")
		}, "capture file %q is damaged after frame 1, at byte 41: a frame of 4294967295 captured bytes: expected at most 262144"},
		"cut": {func(d *folder, _ string) {
			d.add("b", one(at(3, "cut"))[:17])
			d.write("c", pcap(at(9, "c")))
			d.wants("a0", "a1", "b", "c")
		}, "capture file %q ends inside frame 2, which starts at byte 41: what is before it was read"},
	} {
		t.Run(what, func(t *testing.T) {
			d := followFolder(t, t.TempDir())
			path := filepath.Join(d.dir, "b")
			d.write("a", pcap(at(0, "a0"), at(1, "a1")))
			d.write("b", pcap(at(2, "b")))
			c.do(d, path)
			want := fmt.Sprintf(c.want, path)
			for deadline := time.Now().Add(30 * time.Second); d.src.Stats().Problem != want; {
				var f capture.Frame
				if err := d.src.Next(&f); err != nil && !errors.Is(err, capture.ErrIdle) || time.Now().After(deadline) {
					t.Fatalf("%v, %+v, want %s", err, d.src.Stats(), want)
				}
			}
		})
	}
}

// TestTheSameCaptureInAFolderIsReadOnce: under another name, compressed, linked.
func TestTheSameCaptureInAFolderIsReadOnce(t *testing.T) {
	dir := t.TempDir()
	d := followFolder(t, dir)
	first, second := pcap(at(0, "0")), pcap(at(1, "1"))
	d.write("a.pcap", first)
	d.wants("0")
	d.write("b.pcap", second)
	if err := os.Symlink("b.pcap", filepath.Join(dir, "a-latest")); err != nil {
		t.Skip(err)
	}
	d.wants("1")
	d.write("a.pcap.gz", gzipped(first)) // gzip writes it beside and then removes the other
	d.idles(nil)
	d.remove("a.pcap")
	d.write("b-copy", second)
	d.idles(nil)
	if err := os.Rename(filepath.Join(dir, "b.pcap"), filepath.Join(dir, "renamed")); err != nil {
		t.Fatal(err)
	}
	d.idles(nil)
	d.add("renamed", one(at(2, "2"))) // it is still written
	d.wants("2")
	d.idles(nil)
	if s := d.src.Stats(); s.Frames != 3 || s.Problem != "" {
		t.Errorf("%+v", s)
	}
}

// TestSeveralCapturesIntoOneFolder grow at the same time, more than are kept open.
func TestSeveralCapturesIntoOneFolder(t *testing.T) {
	d := followFolder(t, t.TempDir())
	const captures, rounds = 6, 4
	var want, got []string
	for round := range rounds {
		for i := range captures {
			name, data := fmt.Sprint("eth", i), fmt.Sprintf("%d of eth%d", round, i)
			if round == 0 {
				d.write(name, pcap(at(i, data)))
			} else {
				d.add(name, one(at(10*round+i, data)))
			}
			want = append(want, data)
		}
		for range captures {
			data, _ := d.next()
			got = append(got, data)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	d.idles(nil)
	if s := d.src.Stats(); s.Frames != captures*rounds || s.Problem != "" {
		t.Errorf("%+v", s)
	}
}

func TestAFolderThatIsGoneIsWaitedFor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "captures")
	if _, err := capture.OpenFolder(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d := followFolder(t, dir)
	d.write("a", pcap(at(0, "0")))
	d.wants("0")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	d.idles(func(s capture.Stats) bool {
		return s.LastError == fmt.Sprintf("open capture file %q: no such file or directory", dir)
	})
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("b", pcap(at(1, "1")))
	d.wants("1")
	d.src.Close()
	var f capture.Frame
	if err := d.src.Next(&f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestFolderFilesAreInOrderOfTime(t *testing.T) {
	d := &folder{t: t, dir: t.TempDir()}
	d.write("b", pcap(at(0, "0")))
	d.write("a.gz", gzipped(pcap(at(1, "1"))))
	d.write("copy", pcap(at(0, "0")))
	d.write("newest", pcap())
	d.write("empty", nil)
	d.write(".hidden", pcap(at(3, "3")))
	d.write("notes.txt", []byte(strings.Repeat("not a capture ", 9)))
	if err := os.Mkdir(filepath.Join(d.dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	captures, others, err := capture.FolderFiles(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(d.dir, "b"), filepath.Join(d.dir, "a.gz")}; !slices.Equal(captures, want) || !slices.Equal(others, []string{"notes.txt"}) {
		t.Errorf("%q, others %q, want %q", captures, others, want)
	}
}

// FuzzFolder performs arbitrary writes as a rotation does, and wants every frame once and in order.
func FuzzFolder(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0, 0, 2, 1})
	f.Add(bytes.Repeat([]byte{3, 0, 1}, 5))
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) > 12 {
			return
		}
		d := followFolder(t, t.TempDir())
		file, n, read := 0, 0, 0
		name := func() string { return fmt.Sprint("cap", file%3) } // a ring
		frame := func() record { n++; return at(n, fmt.Sprint(n)) }
		d.write(name(), pcap())
		catchUp := func() {
			for ; read < n; read++ {
				d.wants(fmt.Sprint(read + 1))
			}
		}
		for _, step := range steps {
			switch step % 4 {
			case 0: // a frame
				d.add(name(), one(frame()))
			case 1: // in two parts, with the reader between them
				b := one(frame())
				d.add(name(), b[:int(step)%len(b)])
				var f capture.Frame
				if read == n-1 && d.src.Next(&f) == nil {
					t.Fatalf("half a frame: %q", f.Data)
				}
				d.add(name(), b[int(step)%len(b):])
			case 2: // the next file
				if catchUp(); step&4 != 0 {
					d.add(name(), one(frame()))
					catchUp()
				}
				file++
				d.write(name(), pcap(frame()))
			case 3:
				catchUp()
			}
		}
		catchUp()
		if s := d.src.Stats(); s.Frames != uint64(n) || s.Problem != "" {
			t.Errorf("%+v, want %d frames", s, n)
		}
	})
}

// mustWrite writes b to w and fails the test on an error.
func mustWrite(t *testing.T, w io.Writer, b []byte) {
	t.Helper()
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
}
