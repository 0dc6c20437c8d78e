package capture_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"weir/capture"
)

func ExampleOpenFile() {
	path, err := writeExample()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(path)

	src, err := capture.OpenFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer src.Close()

	var f capture.Frame
	for err = src.Next(&f); err == nil; err = src.Next(&f) {
		fmt.Println(time.Unix(0, f.TimeNS).UTC().Format(time.RFC3339Nano))
		fmt.Printf("  link type %d, captured %d of %d octets\n", f.Link, len(f.Data), f.WireLen)
	}
	if !errors.Is(err, io.EOF) {
		fmt.Println(err)
		return
	}
	stats := src.Stats()
	fmt.Printf("%d frames, %d octets on the wire\n", stats.Frames, stats.Octets)

	// Output:
	// 2024-05-06T12:00:00.000001Z
	//   link type 1, captured 60 of 60 octets
	// 2024-05-06T12:00:00.25Z
	//   link type 1, captured 96 of 1514 octets
	// 2 frames, 1574 octets on the wire
}

// writeExample writes a pcap file with two Ethernet frames, the second truncated by a
// snap length of 96, to a temporary file and returns its path.
func writeExample() (string, error) {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4) // magic number: timestamps in µs
	b = le.AppendUint16(b, 2)             // version 2.4
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...) // time zone and accuracy, unused
	b = le.AppendUint32(b, 96)        // snap length
	b = le.AppendUint32(b, 1)         // link type: Ethernet
	for _, frame := range []struct{ µs, captured, wire uint32 }{
		{1, 60, 60},
		{250_000, 96, 1514},
	} {
		b = le.AppendUint32(b, 1714996800) // 2024-05-06 12:00:00 UTC
		b = le.AppendUint32(b, frame.µs)
		b = le.AppendUint32(b, frame.captured)
		b = le.AppendUint32(b, frame.wire)
		b = append(b, make([]byte, frame.captured)...)
	}
	file, err := os.CreateTemp("", "weir-example-*.pcap")
	if err != nil {
		return "", err
	}
	_, err = file.Write(b)
	return file.Name(), errors.Join(err, file.Close())
}
