package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"weir/capture"
)

// packers compress what is written to them.
var packers = map[string]func(w io.Writer) (io.WriteCloser, error){
	"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
	"lz4":  func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil },
	"xz":   func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{BlockSize: 100_000}.NewWriter(w) },
	"xz without checks": func(w io.Writer) (io.WriteCloser, error) {
		return xz.WriterConfig{NoCheckSum: true}.NewWriter(w)
	},
	"xz with SHA-256": func(w io.Writer) (io.WriteCloser, error) {
		return xz.WriterConfig{CheckSum: xz.SHA256}.NewWriter(w)
	},
}

// packed returns b, compressed.
func packed(tb testing.TB, format string, b []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := packers[format](&out)
	if err == nil {
		_, err = w.Write(b)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestCompressedFilesAreReadLikePlainOnes(t *testing.T) {
	records, _ := longCapture()
	records = records[:len(records)/8] // more than the window; writing all as xz takes 40 s
	file := pcap(records...)
	half := len(file) / 2
	for format := range packers {
		for what, content := range map[string][]byte{
			"one stream":  packed(t, format, file),
			"two streams": append(packed(t, format, file[:half]), packed(t, format, file[half:])...),
		} {
			t.Run(format+", "+what, func(t *testing.T) {
				path := write(t, "no-suffix", content)
				if !capture.IsCapture(path) {
					t.Error("not recognized as a capture")
				}
				src, err := capture.OpenFile(path)
				wantFrames(t, drain(t, src, err), records, 1)

				src, err = capture.OpenFile(pipe(t, func(w io.Writer) {
					if _, err := w.Write(content); err != nil {
						t.Error(err)
					}
				}))
				wantFrames(t, drain(t, src, err), records, 1)
			})
		}
	}
}

func TestATruncatedCompressedFileYieldsItsFrames(t *testing.T) {
	var records []record
	for i := range 2000 {
		records = append(records, record{ns: noon, data: fmt.Sprintf("%x", i*i*i*7919)})
	}
	file := pcap(records...)
	for format := range packers {
		content := packed(t, format, file)
		for _, cut := range []int{5, 20, 100, len(content) / 2, len(content) - 30, len(content) - 1} {
			src, err := capture.OpenFile(write(t, "cut", content[:cut]))
			var frames []frame
			if err == nil {
				frames, err = drainErr(t, src, nil)
			}
			if errors.Is(err, io.EOF) && len(frames) == len(records) {
				continue // only a checksum or an end mark is missing
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) || len(frames) > len(records) {
				t.Errorf("%s cut after %d of %d octets: %d frames, %v", format, cut, len(content), len(frames), err)
			}
			for i := range frames {
				if frames[i].data != records[i].data {
					t.Fatalf("%s cut after %d octets: frame %d is %q, want %q", format, cut, i, frames[i].data, records[i].data)
				}
			}
		}
	}
}

// flusher is a compressor that can be told to write out all that it has.
type flusher interface {
	io.Writer
	Flush() error
}

// xzFlusher writes a block per flush, as xz --flush-timeout does.
type xzFlusher struct {
	w io.Writer
	t *testing.T
}

func (x xzFlusher) Write(b []byte) (int, error) {
	_, err := x.w.Write(packed(x.t, "xz", b))
	return len(b), err
}

func (x xzFlusher) Flush() error { return nil }

func TestCompressedFramesInAPipeDoNotWaitForTheNext(t *testing.T) {
	for format, open := range map[string]func(w io.Writer) (flusher, error){
		"zstd": func(w io.Writer) (flusher, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
		"lz4":  func(w io.Writer) (flusher, error) { return lz4.NewWriter(w), nil },
		"xz":   func(w io.Writer) (flusher, error) { return xzFlusher{w, t}, nil },
	} {
		t.Run(format, func(t *testing.T) {
			path, w := openPipe(t)
			z, err := open(w)
			if err != nil {
				t.Fatal(err)
			}
			mustWrite(t, z, pcap(record{ns: noon, data: "0"}))
			if err := z.Flush(); err != nil {
				t.Fatal(err)
			}
			src, err := capture.OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			for i := range 20 { // each is read before the next is written
				var f capture.Frame
				if err := src.Next(&f); err != nil || string(f.Data) != fmt.Sprint(i) {
					t.Fatalf("frame %d: %q, %v", i, f.Data, err)
				}
				mustWrite(t, z, pcapRecord(le, 1000, record{ns: noon, data: fmt.Sprint(i + 1)}))
				if err := z.Flush(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// xzHeader returns the start of an .xz file whose block has a dictionary of the size
// with this code: 40 is 4 GiB.
func xzHeader(code byte) []byte {
	sealed := func(b []byte) []byte { return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b)) }
	flags := sealed([]byte{0, 0})
	header := sealed([]byte{2, 0, 0x21, 1, code, 0, 0, 0})
	return append(append([]byte("\xfd7zXZ\x00"), flags...), header...)
}

func TestCompressedFilesCanNotAskForMuchMemory(t *testing.T) {
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"zstd, 256 MiB": {[]byte("\x28\xb5\x2f\xfd\x00\x90\x00\x00\x00"), "zstd with a window of more than 128 MiB: decompress it first (zstd -d --long=31)"},
		"zstd, 1 TiB":   {[]byte("\x28\xb5\x2f\xfd\x00\xf0\x00\x00\x00"), "zstd with a window of more than 128 MiB: decompress it first (zstd -d --long=31)"},
		"xz, 96 MiB":    {append(xzHeader(29), 1, 0, 0, 'x'), "xz with a dictionary of more than 64 MiB: decompress it first (xz -d)"},
		"xz, 4 GiB":     {append(xzHeader(40), 1, 0, 0, 'x'), "xz with a dictionary of more than 64 MiB: decompress it first (xz -d)"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := capture.OpenFile(write(t, "f", tt.file))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant … %s", err, tt.want)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
				t.Errorf("%d octets allocated", got)
			}
		})
	}
	if _, err := capture.OpenFile(write(t, "f", append(xzHeader(28), 1, 0, 0, 'x'))); strings.Contains(err.Error(), "dictionary") {
		t.Errorf("64 MiB, as xz -9 makes: %v", err)
	}
}

func TestACompressedFileOfZeroesIsGivenUp(t *testing.T) {
	if testing.Short() {
		t.Skip("decompresses 256 MiB")
	}
	const limit = 16 << 20 // records
	for _, format := range []string{"zstd", "lz4"} {
		var zeroes bytes.Buffer
		w, err := packers[format](&zeroes)
		if err != nil {
			t.Fatal(err)
		}
		mustWrite(t, w, pcap())
		for range 20 {
			mustWrite(t, w, make([]byte, 16<<20)) // 320 MiB together
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		path := write(t, "bomb", zeroes.Bytes())
		src, err := capture.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		fs := make([]capture.Frame, 64)
		for err == nil {
			if err = src.Next(&fs[0]); err == nil {
				src.(capture.Bulk).More(fs[1:])
			}
		}
		frames := src.Stats().Frames
		if want := fmt.Sprintf("capture file %q has %d empty records, no packet", path, frames); err.Error() != want || frames < limit || frames > limit+64 {
			t.Errorf("%s of %d octets: %v", format, zeroes.Len(), err)
		}
	}
}

// TestXZOfOtherFilters: xz --x86 and --delta need code that the module doesn't have.
func TestXZOfOtherFilters(t *testing.T) {
	b := xzHeader(22)
	b[12+1] |= 1 // two filters
	copy(b[12+2:], []byte{4, 0, 0x21, 1, 22, 0})
	binary.LittleEndian.PutUint32(b[20:], crc32.ChecksumIEEE(b[12:20]))
	_, err := capture.OpenFile(write(t, "f", b, make([]byte, 64)))
	if want := "xz with filters other than LZMA2: decompress it first (xz -d)"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got  %v\nwant … %s", err, want)
	}
}
