// Command genpcap writes the capture files for the comparison of weir with other
// flow tools (see bench/compare.sh):
//
//	go run ./bench/genpcap -kind mix -packets 2000000 -flows 200000 -o mix.pcap
//
// mix is the traffic of a busy office line: DNS, ping, QUIC and complete TCP
// connections, one flow in five over IPv6, most flows short and a few very long.
// flood is a SYN flood in which every packet is a new flow. few is a small number
// of long TCP connections.
//
// Frames are truncated to -snap bytes, like a capture for flow analysis, and keep
// their wire length. Headers are complete and payload is zero. Output is
// deterministic for a seed.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"weir/internal/pkttest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "genpcap:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	var c config
	flags := flag.NewFlagSet("genpcap", flag.ExitOnError)
	kind := flags.String("kind", "mix", "what to write: mix, flood or few")
	flags.IntVar(&c.packets, "packets", 2_000_000, "number of packets")
	flags.IntVar(&c.flows, "flows", 200_000, "number of flows; a flood has one per packet")
	flags.Uint64Var(&c.seed, "seed", 1, "seed of the random numbers")
	flags.IntVar(&c.snap, "snap", 128, "octets captured of each frame")
	path := flags.String("o", "", "the file to write")
	_ = flags.Parse(args) // ExitOnError

	traffic, err := c.traffic(*kind)
	if err != nil {
		return err
	}
	file, err := os.Create(*path)
	if err != nil {
		return fmt.Errorf("create capture file (-o): %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return write(file, c.snap, traffic)
}

// write writes frames as a classic pcap file of Ethernet with nanosecond
// timestamps. Unlike pkttest.WritePcap it streams.
func write(w io.Writer, snap int, frames func(yield func(pkttest.Frame) bool)) error {
	out := bufio.NewWriterSize(w, 1<<20)
	var b [24]byte
	le := binary.LittleEndian
	le.PutUint32(b[0:], 0xa1b23c4d) // pcap with nanoseconds
	le.PutUint16(b[4:], 2)          // version 2.4
	le.PutUint16(b[6:], 4)
	le.PutUint32(b[16:], uint32(snap))
	le.PutUint32(b[20:], 1) // LINKTYPE_ETHERNET
	_, _ = out.Write(b[:])  // a bufio.Writer keeps its error for Flush
	for f := range frames {
		le.PutUint32(b[0:], uint32(f.Time.Unix()))
		le.PutUint32(b[4:], uint32(f.Time.Nanosecond()))
		le.PutUint32(b[8:], uint32(len(f.Data)))
		le.PutUint32(b[12:], uint32(f.WireLen))
		_, _ = out.Write(b[:16])
		_, _ = out.Write(f.Data)
	}
	return out.Flush()
}
