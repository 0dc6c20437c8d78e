package capture_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"weir/capture"
)

func TestDamagedFileYieldsTheFramesBeforeTheDamage(t *testing.T) {
	good := record{ns: noon, data: "good"}
	ng := append(append(sectionBlock(le), interfaceBlock(le, 1, 0)...), enhancedBlock(le, 0, noon/1000, good)...)
	tooLong := pcapRecord(le, 1000, good)
	le.PutUint32(tooLong[8:], 256<<10+1)
	odd := enhancedBlock(le, 0, 0, good)
	le.PutUint32(odd[len(odd)-4:], 99)
	over := enhancedBlock(le, 0, 0, good)
	le.PutUint32(over[20:], 1<<31)

	for _, tt := range []struct {
		name string
		file [][]byte
		want string
	}{
		{"a frame that is too long", [][]byte{pcap(good), tooLong}, "a frame of 262145 captured bytes: expected at most 262144"},
		{"a frame longer than its block", [][]byte{ng, over}, "a frame of 2147483648 captured bytes, but only 4 fit"},
		{"an interface that is not described", [][]byte{ng, enhancedBlock(le, 1, 0, good)}, "a frame on interface 1, but the section describes only 1"},
		{"a block that is shorter than its header", [][]byte{ng, []byte("\x07\x00\x00\x00\x04\x00\x00\x00")}, "a block of 4 bytes: expected at least 12"},
		{"a packet block that is too long", [][]byte{ng, []byte("\x06\x00\x00\x00\xf0\xff\xff\xff")}, "a block of 4294967280 bytes: expected 32 to 327680"},
		{"different lengths at start and end", [][]byte{ng, odd}, "a block of 36 bytes that ends with 99 as its length"},
		{"a timestamp resolution out of range", [][]byte{ng, interfaceBlock(le, 1, 0, option(le, 9, "\x7f"))}, "timestamp resolution 10^-127 s: expected 10^-28 s or coarser"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "f", tt.file...)
			src, err := capture.OpenFile(path)
			frames, err := drainErr(t, src, err)
			wantFrames(t, frames, []record{good}, 1)
			want := fmt.Sprintf("capture file %q is damaged after frame 1, at byte %d: %s", path, len(tt.file[0]), tt.want)
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestNumberOfInterfacesIsBounded(t *testing.T) {
	one := interfaceBlock(le, 1, 0)
	b := sectionBlock(le)
	for range 8193 {
		b = append(b, one...)
	}
	path := write(t, "f", b)
	src, err := capture.OpenFile(path)
	_, err = drainErr(t, src, err)
	want := fmt.Sprintf("capture file %q is damaged after frame 0, at byte %d: more than 8192 interfaces", path, len(b)-len(one))
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestLengthFieldsDoNotControlAllocation(t *testing.T) {
	huge := []byte("\xff\xff\xff\x7f")
	var ng []byte
	ng = append(ng, sectionBlock(le)...)
	for i := range 70_000 {
		ng = append(ng, interfaceBlock(le, 1, 0, option(le, 2, fmt.Sprint("eth", i, strings.Repeat("n", 200))))...)
	}
	for name, file := range map[string][]byte{
		"pcap frame":         append(append(pcap(), make([]byte, 8)...), append(huge, huge...)...),
		"pcapng block":       append(append(sectionBlock(le), 5, 0, 0, 0), huge...),
		"70,000 interfaces":  ng,
		"gzip of 16 MB of 0": gzipped(append(pcap(), make([]byte, 16<<20)...)),
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "f", file)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			src, err := capture.OpenFile(path)
			if err == nil {
				var f capture.Frame
				for err == nil {
					err = src.Next(&f)
				}
				src.Close()
			}
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 11<<20 { // 4 of them for read-ahead
				t.Errorf("%d octets allocated (%v)", got, err)
			}
		})
	}
}
