package pkttest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// WritePcap writes frames as a classic pcap file, little-endian, with nanosecond
// timestamps. All frames must have the same link type.
func WritePcap(w io.Writer, frames []Frame) error {
	const magicNS, major, minor, snapLen = 0xa1b23c4d, 2, 4, 1 << 18
	link := uint16(linkEthernet)
	if len(frames) > 0 {
		link = frames[0].Link
	}
	out := bufio.NewWriter(w)
	put := func(fields ...uint32) {
		for _, v := range fields {
			_ = binary.Write(out, binary.LittleEndian, v) // a bufio.Writer keeps its error for Flush
		}
	}
	put(magicNS, minor<<16|major, 0, 0, snapLen, uint32(link))
	for i, f := range frames {
		if f.Link != link {
			return fmt.Errorf("write pcap: frame %d has link type %d, the file's is %d", i, f.Link, link)
		}
		put(uint32(f.Time.Unix()), uint32(f.Time.Nanosecond()), uint32(len(f.Data)), uint32(f.WireLen))
		_, _ = out.Write(f.Data)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write pcap: %w", err)
	}
	return nil
}

// Merge returns the frames of several conversations in order of time.
func Merge(conversations ...[]Frame) []Frame {
	all := slices.Concat(conversations...)
	slices.SortStableFunc(all, func(a, b Frame) int { return a.Time.Compare(b.Time) })
	return all
}
