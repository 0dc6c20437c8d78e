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

// generate writes a capture with the given arguments and returns its path.
func generate(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.pcap")
	if err := run(append(args, "-o", path)); err != nil {
		t.Fatal(err)
	}
	return path
}

// count reads a capture and returns its number of packets and the number of
// packets per flow.
func count(t *testing.T, path string) (packets int, flows map[flow.Key]int) {
	t.Helper()
	src, err := capture.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
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
			t.Fatalf("frame %d: %d packets, %d bytes of %d captured at %d ns, previous frame at %d ns", packets, r.N, len(f.Data), f.WireLen, f.TimeNS, last)
		}
		last = f.TimeNS
		flows[r.Packets[0].Key]++
		packets++
	}
}

func TestNumberOfPacketsAndFlows(t *testing.T) {
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
			t.Errorf("%s: %d packets in %d flows, want %d in %d", c.kind, packets, len(flows), c.packets, c.flows)
		}
	}
}

func TestMixHasEveryKindOfTraffic(t *testing.T) {
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

func TestOutputIsDeterministic(t *testing.T) {
	read := func(seed string) []byte {
		b, err := os.ReadFile(generate(t, "-packets", "4000", "-flows", "400", "-seed", seed))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !slices.Equal(read("1"), read("1")) {
		t.Error("two captures with seed 1 differ")
	}
	if slices.Equal(read("1"), read("2")) {
		t.Error("captures with seeds 1 and 2 are equal")
	}
}

func TestInvalidArgumentsAreErrors(t *testing.T) {
	for _, args := range [][]string{
		{"-kind", "other"},
		{"-packets", "10", "-flows", "10"},
		{"-kind", "flood", "-packets", "0"},
	} {
		if err := run(append(args, "-o", filepath.Join(t.TempDir(), "none.pcap"))); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
