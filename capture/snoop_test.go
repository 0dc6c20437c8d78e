package capture_test

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"weir/capture"
)

// snoopFile returns a snoop file (RFC 1761) with a header of this version and datalink type.
func snoopFile(version, datalink uint32, records ...[]byte) []byte {
	b := []byte("snoop\x00\x00\x00")
	b = binary.BigEndian.AppendUint32(b, version)
	b = binary.BigEndian.AppendUint32(b, datalink)
	for _, r := range records {
		b = append(b, r...)
	}
	return b
}

// snoopRecord returns a record with so many octets after the frame.
func snoopRecord(frame string, wire, drops, seconds, micros uint32, pad int) []byte {
	var b []byte
	for _, n := range []uint32{wire, uint32(len(frame)), uint32(24 + len(frame) + pad), drops, seconds, micros} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return append(append(b, frame...), make([]byte, pad)...)
}

func TestSnoopFilesAreRead(t *testing.T) {
	file := snoopFile(2, 4, snoopRecord("first", 60, 0, 1_700_000_000, 250_000, 3), snoopRecord("", 40, 7, 1_700_000_001, 0, 0), snoopRecord("third frame", 11, 9, 1_700_000_002, 999_999, 1))
	for name, path := range map[string]string{"plain": write(t, "a.snoop", file), "gzip": write(t, "b.snoop.gz", gzipped(file))} {
		src, err := capture.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f capture.Frame
		for i, want := range []struct {
			data string
			wire int
			ns   int64
		}{{"first", 60, 1_700_000_000_250_000_000}, {"", 40, 1_700_000_001_000_000_000}, {"third frame", 11, 1_700_000_002_999_999_000}} {
			if err := src.Next(&f); err != nil || string(f.Data) != want.data || f.WireLen != want.wire || f.TimeNS != want.ns || f.Link != 1 || f.Interface != 0 {
				t.Errorf("%s: frame %d is %+v, %v, want %+v", name, i, f, err, want)
			}
		}
		if err := src.Next(&f); !errors.Is(err, io.EOF) || src.Stats().KernelDrops != 9 {
			t.Errorf("%s: it ends with %v and %d drops, want io.EOF and 9", name, err, src.Stats().KernelDrops)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	}
	for datalink, link := range map[uint32]capture.LinkType{0: 1, 2: 6, 8: 10, 162: 242} {
		src, err := capture.OpenFile(write(t, "c.snoop", snoopFile(2, datalink, snoopRecord("frame", 5, 0, 1, 2, 0))))
		if err != nil {
			t.Fatal(err)
		}
		var f capture.Frame
		if err := src.Next(&f); err != nil || f.Link != link {
			t.Errorf("datalink type %d: link type %d, %v, want %d", datalink, f.Link, err, link)
		}
		src.Close()
	}
}

func TestDamagedSnoopFilesAreTold(t *testing.T) {
	whole := snoopFile(2, 4, snoopRecord("first", 60, 0, 1, 0, 3))
	long := snoopRecord("first", 60, 0, 1, 0, 3)
	binary.BigEndian.PutUint32(long[8:], 10)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"version 3": {snoopFile(3, 4), "unsupported snoop version 3: expected 2"}, "datalink type 5": {snoopFile(2, 5), "unsupported snoop datalink type 5"},
		"another magic number": {[]byte("snoopy is a dog, and no file"), "it begins like a snoop file"}, "a short header": {whole[:12], "ends inside its header"},
		"a cut frame": {whole[:len(whole)-6], "ends inside frame 1"}, "a short record": {snoopFile(2, 4, long), "a record of 10 bytes for a frame of 5"},
		"a long frame": {snoopFile(2, 4, []byte("\x00\x10\x00\x00\x00\x10\x00\x00\x00\x10\x00\x18\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")), "a frame of 1048576 captured bytes"},
	} {
		src, err := capture.OpenFile(write(t, "a.snoop", c.file))
		if err == nil {
			var f capture.Frame
			for err == nil {
				err = src.Next(&f)
			}
			src.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
