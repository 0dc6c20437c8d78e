package capture_test

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"weir/capture"
)

// compressed are the magic numbers of the compressions that are read.
var compressed = []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "\x50\x2a\x4d\x18", "\x04\x22\x4d\x18", "\x02\x21\x4c\x18", "\xfd7zX"}

// FuzzFile reads arbitrary files. Frames must be within bounds, have an interface and
// together not exceed the file; a classic pcap file that pcapgo accepts must be read
// the same.
func FuzzFile(f *testing.F) {
	one := record{ns: noon, data: "frame", wire: 60}
	ng := func(o appendOrder) []byte {
		return bytes.Join([][]byte{
			sectionBlock(o),
			interfaceBlock(o, 1, 40, option(o, 2, "eth0"), option(o, 9, "\xa0"), option(o, 14, "12345678"), option(o, 0, "")),
			enhancedBlock(o, 0, noon, one),
			block(o, 3, []byte("\x00\x00\x00\x04data")),
			block(o, 5, []byte("statistics__")),
			block(o, 2, []byte("\x00\x00\x00\x00________\x04\x00\x00\x00\x04\x00\x00\x00data")),
		}, nil)
	}
	f.Add(pcap(one, record{data: "x"}))
	f.Add(gzipped(pcap(one)))
	for _, magic := range compressed[1:] {
		f.Add([]byte(magic + "\x60\x40\x82\x00\x00\x00"))
	}
	f.Add(append([]byte("\x28\xb5\x2f\xfd\x20\x18\xc1\x00\x00"), pcap()...)) // zstd: one raw block
	f.Add(append(pcapHeader(be, 0xa1b23c4d, 0, 276), pcapRecord(be, 1, one)...))
	f.Add(append(pcapHeader(le, 0xa1b2cd34, 0, 1), make([]byte, 48)...))
	f.Add(pcap(record{}, record{})) // empty records
	f.Add(append(pcap(one), pcap(one)...))
	f.Add(ng(le))
	f.Add(snoopFile(2, 4, snoopRecord("frame", 60, 0, 1, 2, 3)))
	f.Add(append(ng(be), ng(le)...))

	path := filepath.Join(f.TempDir(), "fuzz")
	seed := maphash.MakeSeed()
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := capture.OpenFile(path)
		if err != nil {
			return
		}
		defer src.Close()
		var frames, octets int
		var got digest
		var fr capture.Frame
		for err = src.Next(&fr); err == nil; err = src.Next(&fr) {
			if len(fr.Data) > 256<<10 || fr.WireLen < 0 {
				t.Fatalf("a frame of %d octets, %d on the wire", len(fr.Data), fr.WireLen)
			}
			src.InterfaceName(fr.Interface)
			frames++
			octets += len(fr.Data) + 16
			got.add(seed, fr.Data, fr.WireLen, fr.TimeNS)
		}
		plain := !slices.ContainsFunc(compressed, func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) })
		if plain && octets > len(data) {
			t.Fatalf("%d octets of frames from %d", octets, len(data))
		}
		if s := src.Stats(); s.Frames != uint64(frames) {
			t.Fatalf("counted %d frames of %d", s.Frames, frames)
		}
		if again := src.Next(&fr); again == nil || again.Error() != err.Error() {
			t.Fatalf("%v, then %v", err, again)
		}
		if err != io.EOF {
			got.err = err
		}
		if bulk := read(t, seed, path, 3); bulk.String() != got.String() {
			t.Fatalf("one by one %v\nin bulk    %v", got, bulk)
		}
		// To pcapgo the header of a file that was appended is a frame.
		isJoined := len(data) > 8 && bytes.Contains(data[4:], data[:8])
		if want := readReference(seed, data); plain && !isJoined && want.err == nil && !bytes.HasPrefix(data, []byte("\n\r\r\n")) {
			// pcapgo wraps fractions that are too long, so times may differ. A file of empty
			// records is an error here.
			isEmpty := want.frames > 0 && want.octets == 0
			if errors.Is(err, io.EOF) == isEmpty || got.frames != want.frames || got.octets != want.octets || got.wire != want.wire {
				t.Fatalf("ours %v, %v\npcapgo %v", got, err, want)
			}
		}
	})
}
