package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"weir/capture"
	"weir/decode"
	"weir/flow"
)

// generate writes a capture as the command line args ask for and returns its path.
func generate(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.pcap")
	if err := run(append(args, "-o", path)); err != nil {
		t.Fatal(err)
	}
	return path
}

// count reads a capture: its packets, and its flows with their packets.
func count(t *testing.T, path string) (packets int, flows map[flow.Key]int) {
	t.Helper()
	src, err := capture.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	flows = map[flow.Key]int{}
	decoder := decode.New(decode.Options{})
	var last int64
	for {
		var f capture.Frame
		err := src.Next(&f)
		if errors.Is(err, io.EOF) {
			return packets, flows
		}
		if err != nil {
			t.Fatal(err)
		}
		var r decode.Result
		decoder.Decode(uint16(f.Link), f.Data, f.WireLen, 0, &r)
		if r.N != 1 || f.WireLen < 60 || len(f.Data) > 128 || f.TimeNS < last {
			t.Fatalf("packet %d: %d packets in it, %d octets of %d captured at %d, the one before passed at %d", packets, r.N, len(f.Data), f.WireLen, f.TimeNS, last)
		}
		last = f.TimeNS
		flows[r.Packets[0].Key]++
		packets++
	}
}

func TestACaptureHasAsManyPacketsAndFlowsAsAskedFor(t *testing.T) {
	for _, c := range []struct {
		kind           string
		packets, flows int
		args           []string
	}{
		{"mix", 20_000, 2_000, []string{"-packets", "20000", "-flows", "2000"}},
		{"flood", 70_000, 70_000, []string{"-packets", "70000"}},
		{"few", 10_003, 10, []string{"-packets", "10003", "-flows", "10"}},
	} {
		packets, flows := count(t, generate(t, append(c.args, "-kind", c.kind)...))
		if packets != c.packets || len(flows) != c.flows {
			t.Errorf("%s: %d packets of %d flows, want %d of %d", c.kind, packets, len(flows), c.packets, c.flows)
		}
	}
}

func TestAMixHasEveryKindOfTraffic(t *testing.T) {
	_, flows := count(t, generate(t, "-packets", "20000", "-flows", "2000"))
	seen := map[flow.Proto]int{}
	v6, longest := 0, 0
	for k, n := range flows {
		seen[k.Proto]++
		if k.A.Netip().Is6() {
			v6++
		}
		longest = max(longest, n)
	}
	for _, p := range []flow.Proto{flow.TCP, flow.UDP, flow.ICMP, flow.ICMPv6} {
		if seen[p] == 0 {
			t.Errorf("no flow of %v", p)
		}
	}
	if v6 < 300 || v6 > 500 {
		t.Errorf("%d of 2000 flows are IPv6, want about one in five", v6)
	}
	if longest < 200 {
		t.Errorf("the longest flow has %d packets: no heavy tail", longest)
	}
}

func TestTheSameSeedMakesTheSameFile(t *testing.T) {
	read := func(seed string) []byte {
		b, err := os.ReadFile(generate(t, "-packets", "4000", "-flows", "400", "-seed", seed))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !slices.Equal(read("1"), read("1")) {
		t.Error("seed 1 made two files")
	}
	if slices.Equal(read("1"), read("2")) {
		t.Error("seeds 1 and 2 made the same file")
	}
}

func TestWhatCannotBeMadeIsRefused(t *testing.T) {
	for _, args := range [][]string{
		{"-kind", "other"},
		{"-packets", "10", "-flows", "10"},
		{"-kind", "flood", "-packets", "0"},
	} {
		if err := run(append(args, "-o", filepath.Join(t.TempDir(), "none.pcap"))); err == nil {
			t.Errorf("%v made a capture", args)
		}
	}
}
