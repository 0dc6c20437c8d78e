package capture_test

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"testing"

	"weir/capture"
)

// unusualFile is a capture with a record at which a bulk read has to stop, and its
// number of frames.
type unusualFile struct {
	file   []byte
	frames int
}

func unusualFiles() map[string]unusualFile {
	one := record{ns: noon, data: "frame", wire: 60}
	plain := pcapRecord(le, 1000, one)
	long := func(kib int) record { return record{data: strings.Repeat("x", kib<<10)} }
	damaged := bytes.Clone(plain)
	le.PutUint32(damaged[4:], 1<<32-1)
	swapped := bytes.Clone(plain)
	copy(swapped[8:], "\x63\x00\x00\x00\x05\x00\x00\x00") // 99, 5
	old := pcapHeader(le, 0xa1b2c3d4, 65535, 1)
	old[6] = 3
	ng := bytes.Join([][]byte{sectionBlock(be), interfaceBlock(be, 1, 0), enhancedBlock(be, 0, 1, one), enhancedBlock(be, 0, 2, one)}, nil)
	always := bytes.Clone(old)
	always[6] = 2
	damagedEnd := block(le, 5, []byte("8 octets"))
	le.PutUint32(damagedEnd[len(damagedEnd)-4:], 6) // the type of an enhanced packet block
	looksLikeAFrame := append(le.AppendUint32(nil, 36), make([]byte, 24)...)
	looksLikeAFrame = append(le.AppendUint32(looksLikeAFrame, 36), make([]byte, 8)...)
	unequal := enhancedBlock(be, 0, 3, one)
	unequal[len(unequal)-1]++

	return map[string]unusualFile{
		"a damaged fraction": {bytes.Join([][]byte{pcap(one, one), damaged, plain, plain}, nil), 5},
		"a frame that is too long, within the window": {bytes.Join([][]byte{
			pcap(long(200), long(110), long(60)), // the window grows and moves to the third
			pcapRecord(le, 1000, record{data: strings.Repeat("x", 256<<10+1)}), plain,
		}, nil), 3},
		"swapped lengths in some records":   {bytes.Join([][]byte{old, swapped, plain, swapped, bytes.Repeat(plain, 9)}, nil), 12},
		"swapped lengths in all records":    {append(always, bytes.Repeat(swapped, 100)...), 100},
		"the end of a damaged block":        {bytes.Join([][]byte{sectionBlock(le), interfaceBlock(le, 1, 0), enhancedBlock(le, 0, 1, one), damagedEnd, looksLikeAFrame}, nil), 1},
		"another section, other byte order": {bytes.Join([][]byte{ng, sectionBlock(le), interfaceBlock(le, 113, 0), enhancedBlock(le, 0, 6, one), enhancedBlock(le, 0, 7, one)}, nil), 4},
		"blocks without frames":             {bytes.Join([][]byte{ng, interfaceBlock(be, 101, 0), block(be, 5, []byte("statistics__")), enhancedBlock(be, 1, 4, one), ng}, nil), 5},
		"a frame without a timestamp":       {bytes.Join([][]byte{ng, block(be, 3, []byte("\x00\x00\x00\x04data")), enhancedBlock(be, 0, 5, one)}, nil), 4},
		"an interface that isn't described": {append(bytes.Clone(ng), enhancedBlock(be, 7, 3, one)...), 2},
		"a block with different lengths":    {append(bytes.Clone(ng), unequal...), 2},
		"half a record":                     {append(pcap(one, one, one), "half a reco"...), 3},
		"half a frame":                      {append(pcap(one, one, one), plain[:18]...), 3},
		"half a block":                      {append(bytes.Clone(ng), unequal[:40]...), 2},
	}
}

func TestBulkReadMatchesFrameByFrame(t *testing.T) {
	seed := maphash.MakeSeed()
	for name, tt := range unusualFiles() {
		path := write(t, "f", tt.file)
		want := read(t, seed, path, 0)
		if want.frames != tt.frames {
			t.Errorf("%s: %v, want %d frames", name, want, tt.frames)
		}
		for _, more := range []int{1, 2, 100} {
			if got := read(t, seed, path, more); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s:\n  one by one         %v\n  %d more after each %v", name, want, more, got)
			}
		}
	}
}

func TestBulkFramesShareAWindow(t *testing.T) {
	var records []record
	classic, ng := pcap(), append(sectionBlock(le), interfaceBlock(le, 1, 0)...)
	noPadding := bytes.Clone(ng)
	for i := range 5000 { // several windows
		r := record{ns: noon + int64(i)*1000, data: strings.Repeat(string(rune('a'+i%26)), 100+i%7), wire: 1000 + i}
		records = append(records, r)
		classic = append(classic, pcapRecord(le, 1000, r)...)
		ng = append(ng, enhancedBlock(le, 0, uint64(r.ns/1000), r)...)
		noPadding = append(noPadding, unpadded(le, 0, uint64(r.ns/1000), r)...)
	}
	for name, file := range map[string][]byte{"pcap": classic, "pcapng": ng, "pcapng unpadded": noPadding, "gzip": gzipped(classic)} {
		src, err := capture.OpenFile(write(t, "f", file))
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		var first capture.Frame
		rest := make([]capture.Frame, 64)
		frames, calls := 0, 0
		for src.Next(&first) == nil {
			n := src.(capture.Bulk).More(rest)
			for _, f := range append([]capture.Frame{first}, rest[:n]...) {
				if want := records[frames]; f.TimeNS != want.ns || string(f.Data) != want.data || f.WireLen != want.wire {
					t.Fatalf("%s: frame %d is %+v", name, frames, f)
				}
				frames++
			}
			calls++
		}
		if s := src.Stats(); s.Frames != uint64(frames) {
			t.Errorf("%s: counted %d frames of %d", name, s.Frames, frames)
		}
		if frames != len(records) || calls > len(records)/65+10 {
			t.Errorf("%s: %d frames of %d in %d calls", name, frames, len(records), calls)
		}
	}
}

func TestBulkReadOfAClosedFile(t *testing.T) {
	one := record{data: "x"}
	for name, open := range map[string]func(path string) (capture.Source, error){
		"file":  capture.OpenFile,
		"files": func(path string) (capture.Source, error) { return capture.OpenFiles([]string{path, path}) },
	} {
		src, err := open(write(t, "f", pcap(one, one, one)))
		if err != nil {
			t.Fatal(err)
		}
		if err := src.Next(new(capture.Frame)); err != nil {
			t.Fatal(err)
		}
		src.Close()
		if n := src.(capture.Bulk).More(make([]capture.Frame, 2)); n != 0 {
			t.Errorf("%s: %d frames", name, n)
		}
	}
}

func TestBulkInterfaceLimitEndsOnlyTheAffectedFile(t *testing.T) {
	const limit = 8192 // maxInterfaces
	file := func(name string, used int) []byte {
		b := sectionBlock(le)
		for i := range 5000 {
			b = append(b, interfaceBlock(le, 1, 0, option(le, 2, fmt.Sprint(name, i)))...)
		}
		for i := range 10_000 {
			b = append(b, enhancedBlock(le, uint32(i%used), 1, record{data: name})...)
		}
		return b
	}
	paths := []string{write(t, "a", file("a", 5000)), write(t, "b", file("b", limit-5000+1)), write(t, "c", file("a", 5000))}
	var want string
	for _, more := range []int{0, 1, 63} {
		src, err := capture.OpenFiles(paths)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		count := map[string]int{}
		err = readEach(t, src, more, func(f *capture.Frame) { count[string(f.Data)]++ })
		got := fmt.Sprint(count, src.Stats().Frames, err)
		if more == 0 {
			want = got
		}
		if got != want || count["a"] != 20_000 || count["b"] != limit-5000 {
			t.Errorf("%d more after each:\n  %s\n  %s", more, got, want)
		}
	}
}

func TestBulkReadKeepsInterfacesApart(t *testing.T) {
	var records []record
	for i := range 500 {
		records = append(records, record{ns: noon + int64(i)*ms, data: "x"})
	}
	paths := []string{write(t, "a", pcap(records...)), write(t, "b", pcap(records...))} // at the same time
	src, err := capture.OpenFiles(paths)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	count := map[uint16]int{}
	err = readEach(t, src, 100, func(f *capture.Frame) { count[f.Interface]++ })
	if err != io.EOF || len(count) != 2 || count[0] != 500 || count[1] != 500 {
		t.Errorf("frames by interface %v, %v", count, err)
	}
}
