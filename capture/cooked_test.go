package capture_test

import (
	"encoding/binary"
	"testing"

	"weir/capture"
)

const linkSLL2 = 276

// cooked returns a frame of Linux's "any", seen on the interface with the given index.
func cooked(ifindex byte, payload string) string {
	return "\x08\x00\x00\x00\x00\x00\x00" + string(ifindex) + "\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00" + payload
}

// cookedPcap returns a capture of "any" as classic pcap.
func cookedPcap(at int64, frames ...string) []byte {
	b := pcapHeader(binary.LittleEndian, 0xa1b2c3d4, 65535, linkSLL2)
	for i, data := range frames {
		b = append(b, pcapRecord(binary.LittleEndian, 1000, record{ns: at + int64(i)*ms, data: data})...)
	}
	return b
}

// wantNames checks the interface names of frames, and that equal names have equal indexes and
// different ones different indexes.
func wantNames(t *testing.T, frames []frame, want ...string) {
	t.Helper()
	index, name := map[string]uint16{}, map[uint16]string{}
	if len(frames) != len(want) {
		t.Fatalf("%d frames, want %d", len(frames), len(want))
	}
	for i, f := range frames {
		if f.iface != want[i] {
			t.Errorf("frame %d is of interface %q, want %q", i+1, f.iface, want[i])
		}
		if j, seen := index[f.iface]; seen && j != f.index {
			t.Errorf("frame %d: interface %q has the indexes %d and %d", i+1, f.iface, j, f.index)
		}
		if n, seen := name[f.index]; seen && n != f.iface {
			t.Errorf("frame %d: index %d is of %q and of %q", i+1, f.index, n, f.iface)
		}
		index[f.iface], name[f.index] = f.index, f.iface
	}
}

func TestCookedFramesNameTheirInterface(t *testing.T) {
	path := write(t, "any.pcap", cookedPcap(noon, cooked(2, "a"), cooked(7, "b"), cooked(2, "c"), cooked(0, "unknown"), "\x08\x00\x00\x00\x00\x00\x00"))
	src, err := capture.OpenFile(path)
	wantNames(t, drain(t, src, err), "if2", "if7", "if2", "", "")
}

func TestCookedFramesReadInBulkNameTheirInterface(t *testing.T) {
	src, err := capture.OpenFile(write(t, "any.pcap", cookedPcap(noon, cooked(2, "a"), cooked(7, "b"), cooked(2, "c"))))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var first capture.Frame
	if err := src.Next(&first); err != nil {
		t.Fatal(err)
	}
	rest := make([]capture.Frame, 4)
	n := src.(capture.Bulk).More(rest)
	var names []string
	for _, f := range append([]capture.Frame{first}, rest[:n]...) {
		names = append(names, src.InterfaceName(f.Interface))
	}
	if len(names) != 3 || names[0] != "if2" || names[1] != "if7" || names[2] != "if2" {
		t.Errorf("got the interfaces %q", names)
	}
}

func TestRotatedCookedFilesShareTheirInterfaces(t *testing.T) {
	src, err := capture.OpenFiles([]string{
		write(t, "1.pcap", cookedPcap(noon, cooked(2, "a"), cooked(7, "b"))),
		write(t, "2.pcap", cookedPcap(noon+1000*ms, cooked(7, "c"), cooked(2, "d"))),
	})
	wantNames(t, drain(t, src, err), "if2", "if7", "if7", "if2")
}

// A pcapng can hold "any" beside a real interface that happens to have the name of an index.
func TestCookedInterfaceIsNotTheOneOfTheSameName(t *testing.T) {
	b := sectionBlock(le)
	b = append(b, interfaceBlock(le, 1, 0, option(le, 2, "if2"))...)
	b = append(b, interfaceBlock(le, linkSLL2, 0, option(le, 2, "any"))...)
	b = append(b, enhancedBlock(le, 0, 1, record{data: "ethernet"})...)
	b = append(b, enhancedBlock(le, 1, 2, record{data: cooked(2, "cooked")})...)
	src, err := capture.OpenFile(write(t, "mixed.pcapng", b))
	frames := drain(t, src, err)
	if len(frames) != 2 || frames[0].index == frames[1].index || frames[0].iface != "if2" || frames[1].iface != "if2" {
		t.Errorf("got %+v", frames)
	}
}
