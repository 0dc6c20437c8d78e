package capture_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weir/capture"
)

var (
	le = binary.LittleEndian
	be = binary.BigEndian
)

// noon is 2024-05-06 12:00:00.123456 UTC, in ns.
const noon = 1714996800_123456_000

func TestPcapInEveryByteOrderAndResolution(t *testing.T) {
	for _, tt := range []struct {
		name  string
		order appendOrder
		magic uint32
		unit  int64 // ns
	}{
		{"little-endian µs", le, 0xa1b2c3d4, 1000},
		{"little-endian ns", le, 0xa1b23c4d, 1},
		{"big-endian µs", be, 0xa1b2c3d4, 1000},
		{"big-endian ns", be, 0xa1b23c4d, 1},
	} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s gzip %v", tt.name, packed), func(t *testing.T) {
				records := []record{
					{ns: noon, data: "first"},
					{ns: noon + 5*tt.unit, data: "cut by the snap len", wire: 1500},
					{ns: noon + 9*tt.unit, data: ""},
				}
				b := pcapHeader(tt.order, tt.magic, 65535, 1)
				for _, r := range records {
					b = append(b, pcapRecord(tt.order, tt.unit, r)...)
				}
				if packed {
					b = gzipped(b)
				}
				src, err := capture.OpenFile(write(t, "no-suffix", b))
				wantFrames(t, drain(t, src, err), records, 1)

				if s := src.Stats(); s.Frames != 3 || s.Octets != 1505 {
					t.Errorf("stats %+v, want 3 frames and 5+1500+0 octets", s)
				}
			})
		}
	}
}

// wantFrames fails unless frames equal records, all on one unnamed interface.
func wantFrames(t *testing.T, frames []frame, records []record, link capture.LinkType) {
	t.Helper()
	var want []frame
	for _, r := range records {
		r.wire = r.wireLen()
		want = append(want, frame{record: r, link: link})
	}
	if !reflect.DeepEqual(frames, want) {
		t.Errorf("got  %+v\nwant %+v", frames, want)
	}
}

func TestUnusualPcapIsRead(t *testing.T) {
	one := record{ns: noon, data: "frame"}
	long := record{ns: noon, data: strings.Repeat("x", 256<<10)}

	t.Run("Kuznetzov's variant has 8 more octets before each frame", func(t *testing.T) {
		b := pcapHeader(be, 0xa1b2cd34, 65535, 113)
		rec := pcapRecord(be, 1000, one)
		b = append(b, rec[:16]...)
		b = append(b, 0, 0, 0, 2, 8, 0, 4, 0) // interface 2, IPv4, outgoing, padding
		b = append(b, rec[16:]...)
		src, err := capture.OpenFile(write(t, "f", b))
		wantFrames(t, drain(t, src, err), []record{one}, 113)
	})
	t.Run("version 2.2 has swapped lengths", func(t *testing.T) {
		b := pcapHeader(le, 0xa1b2c3d4, 65535, 1)
		b[6] = 2
		rec := pcapRecord(le, 1000, record{ns: noon, data: "frame", wire: 99})
		copy(rec[8:], "\x63\x00\x00\x00\x05\x00\x00\x00") // 99, 5
		src, err := capture.OpenFile(write(t, "f", b, rec))
		wantFrames(t, drain(t, src, err), []record{{ns: noon, data: "frame", wire: 99}}, 1)
	})
	t.Run("frames longer than the snap length, and snap length 0", func(t *testing.T) {
		for _, snaplen := range []uint32{0, 4} {
			b := pcapHeader(le, 0xa1b2c3d4, snaplen, 1)
			b = append(b, pcapRecord(le, 1000, one)...)
			src, err := capture.OpenFile(write(t, "f", b, pcapRecord(le, 1000, long)))
			wantFrames(t, drain(t, src, err), []record{one, long}, 1)
		}
	})
	t.Run("the upper half of the link type describes a frame check sequence", func(t *testing.T) {
		b := pcapHeader(le, 0xa1b2c3d4, 65535, 0x2400_0000|101)
		src, err := capture.OpenFile(write(t, "f", b, pcapRecord(le, 1000, one)))
		wantFrames(t, drain(t, src, err), []record{one}, 101)
	})
	t.Run("a fraction of two seconds or more is damaged, a lower one is an omitted carry", func(t *testing.T) {
		for _, c := range []struct{ magic, fraction, ns uint32 }{
			{0xa1b2c3d4, 1_000_003, 1_000_003_000},
			{0xa1b2c3d4, 2_000_000, 2_000_000}, // ns in a file with the magic number for µs
			{0xa1b2c3d4, 1<<32 - 1, 0},
			{0xa1b23c4d, 1_999_999_999, 1_999_999_999},
			{0xa1b23c4d, 2_147_483_648, 0},
		} {
			rec := pcapRecord(le, 1, record{ns: noon, data: "frame"})
			le.PutUint32(rec[4:], c.fraction)
			src, err := capture.OpenFile(write(t, "f", pcapHeader(le, c.magic, 65535, 1), rec))
			wantFrames(t, drain(t, src, err), []record{{ns: noon - noon%1_000_000_000 + int64(c.ns), data: "frame"}}, 1)
		}
	})
	t.Run("a file without frames", func(t *testing.T) {
		src, err := capture.OpenFile(write(t, "f", pcap()))
		wantFrames(t, drain(t, src, err), nil, 1)
	})
}

func TestPcapngInEveryByteOrder(t *testing.T) {
	for _, o := range []appendOrder{le, be} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v gzip %v", o, packed), func(t *testing.T) {
				const µs = noon / 1000
				b := sectionBlock(o)
				b = append(b, block(o, 0x0bad, []byte("of an unknown type"))...)
				b = append(b, interfaceBlock(o, 1, 65535, option(o, 2, "eth0"), option(o, 0, ""))...)
				b = append(b, interfaceBlock(o, 101, 0, option(o, 3, "the tunnel"))...)
				b = append(b, enhancedBlock(o, 0, µs, record{data: "over Ethernet", wire: 1500})...)
				b = append(b, enhancedBlock(o, 1, µs+1, record{data: "raw IP"})...)
				if packed {
					b = gzipped(b)
				}
				src, err := capture.OpenFile(write(t, "f", b))
				want := []frame{
					{record{noon, "over Ethernet", 1500}, 1, 0, "eth0"},
					{record{noon + 1000, "raw IP", 6}, 101, 1, "the tunnel"},
				}
				if got := drain(t, src, err); !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
			})
		}
	}
}

func TestPcapngClocks(t *testing.T) {
	const second = 1714996800
	for _, tt := range []struct {
		name   string
		value  string // of if_tsresol
		offset string // of if_tsoffset
		ticks  uint64
		want   int64
	}{
		{"µs by default", "", "", second * 1e6, second * 1e9},
		{"seconds", "\x00", "", second, second * 1e9},
		{"ms", "\x03", "", second*1e3 + 5, second*1e9 + 5e6},
		{"ns", "\x09", "", second*1e9 + 7, second*1e9 + 7},
		{"10 ps, rounded down", "\x0b", "", 199, 1},
		{"2^-20 s", "\x94", "", second<<20 | 1<<19, second*1e9 + 5e8},
		{"2^-32 s, as in NTP", "\xa0", "", second<<32 | 1<<30, second*1e9 + 25e7},
		{"offset in seconds", "\x09", "\x0a\x00\x00\x00\x00\x00\x00\x00", 3, 10e9 + 3},
		{"overflow", "\x00", "", 1 << 63, 1<<63 - 1},
		{"time and offset overflow", "\x00", "\x00\xca\x9a\x3b\x02\x00\x00\x00", 9_000_000_000, 1<<63 - 1},
		{"offset overflows", "\x00", "\xff\xff\xff\xff\xff\xff\xff\x7f", 1, 1<<63 - 1},
		{"negative offset overflows", "\x00", "\x00\x00\x00\x00\x00\x00\x00\x80", 0, -1 << 63},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var options []byte
			if tt.value != "" {
				options = append(options, option(le, 9, tt.value)...)
			}
			if tt.offset != "" {
				options = append(options, option(le, 14, tt.offset)...)
			}
			src, err := capture.OpenFile(write(t, "f", sectionBlock(le),
				interfaceBlock(le, 1, 0, options), enhancedBlock(le, 0, tt.ticks, record{data: "x"})))
			if got := drain(t, src, err); len(got) != 1 || got[0].ns != tt.want {
				t.Errorf("got %+v, want one frame at %d", got, tt.want)
			}
		})
	}
}

func TestPcapngOtherPacketBlocks(t *testing.T) {
	simple := func(wire uint32, data string) []byte {
		return block(le, 3, append(le.AppendUint32(nil, wire), data...))
	}
	obsolete := []byte{
		1, 0, 9, 0, // interface 1, 9 frames lost
		0, 0, 0, 0, 5, 0, 0, 0, // 5 µs
		3, 0, 0, 0, 60, 0, 0, 0, // 3 of 60 octets
		'o', 'l', 'd',
	}
	src, err := capture.OpenFile(write(t, "f", sectionBlock(le),
		interfaceBlock(le, 1, 4), interfaceBlock(le, 101, 0),
		block(le, 2, obsolete),
		simple(60, "snap"),
		simple(3, "abc"), // and one octet of padding
	))
	want := []frame{
		{record{5000, "old", 60}, 101, 1, ""},
		{record{5000, "snap", 60}, 1, 0, ""}, // has no timestamp
		{record{5000, "abc", 3}, 1, 0, ""},
	}
	if got := drain(t, src, err); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestPcapngSectionsShareInterfacesByNameAndOrder(t *testing.T) {
	section := func(o appendOrder, names ...string) []byte {
		b := sectionBlock(o)
		for i, name := range names {
			b = append(b, interfaceBlock(o, 1, 0, option(o, 2, name))...)
			b = append(b, enhancedBlock(o, uint32(i), 0, record{data: name})...)
		}
		return b
	}
	src, err := capture.OpenFile(write(t, "f",
		section(le, "eth0", "", ""), section(be, "eth1", "eth0", "eth0"), section(le, "", "eth0")))
	var got []uint16
	for _, f := range drain(t, src, err) {
		if f.data != f.iface {
			t.Errorf("frame of interface %q is reported on %q", f.data, f.iface)
		}
		got = append(got, f.index)
	}
	if want := []uint16{0, 1, 2, 3, 0, 0, 1, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("interface indexes %v, want %v", got, want)
	}
}

func TestTruncatedFileYieldsWholeFramesThenAnError(t *testing.T) {
	ng := func(r record) []byte { return enhancedBlock(le, 0, uint64(r.ns/1000), r) }
	classic := func(r record) []byte { return pcapRecord(le, 1000, r) }
	first, second := record{ns: noon, data: "whole"}, record{ns: noon + 1000, data: "cut"}

	for name, head := range map[string][]byte{
		"pcap":   append(pcap(), classic(first)...),
		"pcapng": append(append(sectionBlock(le), interfaceBlock(le, 1, 0)...), ng(first)...),
	} {
		whole := classic(second)
		if name == "pcapng" {
			whole = ng(second)
		}
		for cut := 1; cut < len(whole); cut++ {
			path := write(t, "f.pcap", head, whole[:cut])
			src, err := capture.OpenFile(path)
			frames, err := drainErr(t, src, err)
			wantFrames(t, frames, []record{first}, 1)

			te, ok := errors.AsType[*capture.TruncatedError](err)
			if !ok || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s truncated after %d octets: %v", name, cut, err)
			}
			if want := (capture.TruncatedError{Path: path, Frame: 2, Offset: int64(len(head))}); *te != want {
				t.Errorf("%s truncated after %d octets: %+v, want %+v", name, cut, *te, want)
			}
		}
	}
}

func TestTruncatedGzipYieldsItsFrames(t *testing.T) {
	var records []record
	for i := range 1000 {
		records = append(records, record{ns: noon, data: fmt.Sprintf("%x", i*i*i*7919)})
	}
	b := gzipped(pcap(records...))
	src, err := capture.OpenFile(write(t, "f.gz", b[:len(b)-20]))
	frames, err := drainErr(t, src, err)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(frames) < 500 || len(frames) > 1000 {
		t.Errorf("%d frames, %v", len(frames), err)
	}
}

func TestErrorsForFilesThatAreNotCaptures(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.pcap")
	ngHead := append(sectionBlock(le), interfaceBlock(le, 1, 0)...)
	badVersion := pcap()
	badVersion[4] = 3

	for _, tt := range []struct {
		name, path, want string // %q in want stands for the path
	}{
		{"missing", missing, `open capture file %q: no such file or directory`},
		{"directory", dir, `open capture file %q: it is a directory: name the files in it`},
		{"empty", write(t, "f"), `not a capture file: %q is empty`},
		{"three octets", write(t, "f", []byte{0xd4, 0xc3, 0xb2}), `not a capture file: %q: expected pcap, pcapng or snoop`},
		{"text", write(t, "x.txt", []byte("Dear \x1b[31mreader\n\nhello")), `not a capture file: %q: expected pcap, pcapng or snoop`},
		{"bzip2", write(t, "f", []byte("BZh9____")), `capture file %q is compressed with bzip2: decompress it first (bzip2 -d), or use gzip, zstd, lz4 or xz`},
		{"gzip of text", write(t, "f", gzipped([]byte("hello"))), `not a capture file: %q: expected pcap, pcapng or snoop`},
		{"gzip of nothing", write(t, "f", gzipped(nil)), `not a capture file: %q is empty`},
		{"only gzip's magic", write(t, "f", []byte{0x1f, 0x8b}), `capture file %q ends inside its header`},
		{"half a header", write(t, "f", pcap()[:20]), `capture file %q ends inside its header`},
		{"half a section header", write(t, "f", ngHead[:20]), `capture file %q ends inside its header`},
		{"pcap 3.4", write(t, "f", badVersion), `capture file %q has a bad header: unsupported pcap version 3.4: expected 2.0 to 2.4`},
		{"pcapng without byte order", write(t, "f", []byte("\n\r\r\n\x1c\x00\x00\x00ABCD____")), `capture file %q has a bad header: a section without a byte order`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := capture.OpenFile(tt.path)
			want := strings.ReplaceAll(tt.want, "%q", fmt.Sprintf("%q", tt.path))
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}

	if _, err := capture.OpenFile(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error for a missing file is not os.ErrNotExist: %v", err)
	}
}

func TestUnreadableFile(t *testing.T) {
	path := write(t, "f", pcap())
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(path); err == nil {
		f.Close()
		t.Skip("this user may read every file")
	}
	_, err := capture.OpenFile(path)
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "this user needs read permission") {
		t.Error(err)
	}
}

func TestClosedFile(t *testing.T) {
	src, err := capture.OpenFile(write(t, "f", pcap(record{data: "x"})))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // Close is idempotent
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
	var f capture.Frame
	if err := src.Next(&f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Next of a closed file: %v", err)
	}
}

func TestReadingAFrameDoesNotAllocate(t *testing.T) {
	var records []record
	for range 20_000 {
		records = append(records, record{data: strings.Repeat("x", 100)})
	}
	src, err := capture.OpenFile(write(t, "f", pcap(records...)))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f capture.Frame
	if n := testing.AllocsPerRun(10_000, func() {
		if err := src.Next(&f); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
}

func TestAFileOfEmptyRecordsIsAnError(t *testing.T) {
	const header, size, n = 24, 16, 300_000 // more than the window, beyond which gzip is read ahead
	zeroes := make([]byte, n*size)
	file := slices.Concat(pcap()[:header], zeroes)
	for name, content := range map[string][]byte{"plain": file, "gzip": gzipped(file)} {
		for _, more := range []int{0, 64} {
			path := write(t, name, content)
			src, err := capture.OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			err = readEach(t, src, more, func(*capture.Frame) {})
			src.Close()
			if want := fmt.Sprintf("capture file %q has 300000 empty records, no packet", path); err == nil || err.Error() != want {
				t.Errorf("%s, %d frames at a time: %v, want %s", name, more, err, want)
			}
		}
	}
	src, err := capture.OpenFile(write(t, "one packet", file, pcap(record{ns: noon, data: "x"})[header:]))
	if frames := drain(t, src, err); len(frames) != n+1 {
		t.Errorf("%d frames, want %d", len(frames), n+1)
	}
}
