package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"weir/capture"
)

// appendOrder is a byte order for building files.
type appendOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// record is a frame that tests write to files and expect back.
type record struct {
	ns   int64
	data string
	wire int // 0: length of data
}

func (r record) wireLen() int {
	if r.wire == 0 {
		return len(r.data)
	}
	return r.wire
}

// pcapHeader returns the header of a classic pcap file.
func pcapHeader(o appendOrder, magic, snaplen, link uint32) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2) // version 2.4
	b = o.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...) // time zone and accuracy
	b = o.AppendUint32(b, snaplen)
	return o.AppendUint32(b, link)
}

// pcapRecord returns a frame of a classic pcap file. unit is the timestamp unit in ns.
func pcapRecord(o appendOrder, unit int64, r record) []byte {
	b := o.AppendUint32(nil, uint32(r.ns/1e9))
	b = o.AppendUint32(b, uint32(r.ns%1e9/unit))
	b = o.AppendUint32(b, uint32(len(r.data)))
	b = o.AppendUint32(b, uint32(r.wireLen()))
	return append(b, r.data...)
}

// pcap returns a little-endian capture file of Ethernet frames with µs timestamps.
func pcap(records ...record) []byte {
	b := pcapHeader(binary.LittleEndian, 0xa1b2c3d4, 65535, 1)
	for _, r := range records {
		b = append(b, pcapRecord(binary.LittleEndian, 1000, r)...)
	}
	return b
}

// block returns a pcapng block of the given type.
func block(o appendOrder, kind uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	b := o.AppendUint32(nil, kind)
	b = o.AppendUint32(b, uint32(len(body)+12))
	b = append(b, body...)
	return o.AppendUint32(b, uint32(len(body)+12))
}

// sectionBlock returns a section header block.
func sectionBlock(o appendOrder) []byte {
	b := o.AppendUint32(nil, 0x1a2b3c4d)
	b = o.AppendUint16(b, 1) // version 1.0
	b = o.AppendUint16(b, 0)
	b = o.AppendUint64(b, 1<<64-1) // section length unknown
	return block(o, 0x0a0d0d0a, b)
}

// option returns a pcapng option.
func option(o appendOrder, code uint16, value string) []byte {
	b := o.AppendUint16(nil, code)
	b = o.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// interfaceBlock returns an interface description block.
func interfaceBlock(o appendOrder, link uint16, snaplen uint32, options ...[]byte) []byte {
	b := o.AppendUint16(nil, link)
	b = o.AppendUint16(b, 0)
	b = o.AppendUint32(b, snaplen)
	return block(o, 1, append(b, bytes.Join(options, nil)...))
}

// enhancedBlock returns an enhanced packet block for the interface with the given id.
func enhancedBlock(o appendOrder, id uint32, ticks uint64, r record) []byte {
	b := o.AppendUint32(nil, id)
	b = o.AppendUint32(b, uint32(ticks>>32))
	b = o.AppendUint32(b, uint32(ticks))
	b = o.AppendUint32(b, uint32(len(r.data)))
	b = o.AppendUint32(b, uint32(r.wireLen()))
	return block(o, 6, append(b, r.data...))
}

// unpadded is enhancedBlock for a writer that omits the padding from the length.
func unpadded(o appendOrder, id uint32, ticks uint64, r record) []byte {
	b := enhancedBlock(o, id, ticks, r)
	o.PutUint32(b[4:], uint32(32+len(r.data)))
	o.PutUint32(b[len(b)-4:], uint32(32+len(r.data)))
	return b
}

// gzipped returns b, compressed.
func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err) // a bytes.Buffer does not fail
	}
	return out.Bytes()
}

// write writes b to a file and returns its path.
func write(tb testing.TB, name string, b ...[]byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, bytes.Join(b, nil), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// frame is a Frame with a copy of its data.
type frame struct {
	record
	link  capture.LinkType
	index uint16
	iface string
}

// drain reads a source to its end, and fails on an error.
func drain(tb testing.TB, src capture.Source, err error) []frame {
	tb.Helper()
	frames, err := drainErr(tb, src, err)
	if err != nil {
		tb.Fatal(err)
	}
	return frames
}

// drainErr reads a source to its end, and returns its error unless that is io.EOF.
func drainErr(tb testing.TB, src capture.Source, err error) ([]frame, error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	defer src.Close()
	var frames []frame
	err = readEach(tb, src, 1, func(f *capture.Frame) {
		r := record{ns: f.TimeNS, data: string(f.Data), wire: f.WireLen}
		frames = append(frames, frame{r, f.Link, f.Interface, src.InterfaceName(f.Interface)})
	})
	if err == io.EOF {
		return frames, nil
	}
	if again := src.Next(new(capture.Frame)); !errors.Is(again, err) {
		tb.Errorf("the error changed: %v, then %v", err, again)
	}
	return frames, err
}

// readEach calls take with the frames of src until it ends, and returns its error.
// After each frame from Next it asks for more frames by More.
func readEach(tb testing.TB, src capture.Source, more int, take func(*capture.Frame)) error {
	tb.Helper()
	bulk := src.(capture.Bulk)
	var first capture.Frame
	rest := make([]capture.Frame, more)
	for {
		if err := src.Next(&first); err != nil {
			if bulk.More([]capture.Frame{{}}) > 0 {
				tb.Errorf("a frame after the end: %v", err)
			}
			return err
		}
		n := 0
		for got := 1; got > 0; n += got {
			got = bulk.More(rest[n:])
		}
		take(&first)
		for i := range rest[:n] {
			take(&rest[i])
		}
	}
}
