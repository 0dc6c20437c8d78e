package capture_test

import (
	"errors"
	"testing"

	"weir/capture"
)

func TestFilesJoinedByCatAreReadAsOne(t *testing.T) {
	a, b := record{ns: noon, data: "a"}, record{ns: noon + ms, data: "b"}
	nano := append(pcapHeader(be, 0xa1b23c4d, 65535, 101), pcapRecord(be, 1, b)...)
	modified := pcapHeader(le, 0xa1b2cd34, 65535, 1)
	for name, second := range map[string][]byte{"the same": pcap(b), "ns, big-endian, raw IP": nano, "without frames": pcap(), "modified": modified} {
		src, err := capture.OpenFile(write(t, "cat.pcap", pcap(a), second, pcap(a)))
		frames := drain(t, src, err)
		want := []record{a, b, a}
		if name == "without frames" || name == "modified" {
			want = []record{a, a}
		}
		if len(frames) != len(want) {
			t.Fatalf("%s: %+v", name, frames)
		}
		for i, f := range frames {
			if f.ns != want[i].ns || f.data != want[i].data {
				t.Errorf("%s: frame %d: %+v", name, i, f)
			}
		}
		if name == "ns, big-endian, raw IP" && frames[1].link != 101 {
			t.Errorf("link type %d", frames[1].link)
		}
	}
}

// A frame of the year 2055 has the magic number as its seconds.
func TestAFrameAtTheTimeOfTheMagicNumberIsAFrame(t *testing.T) {
	for _, seconds := range []int64{0xa1b2c3d4, 0xa1b20000, 0x0001b2a1} {
		r := record{ns: seconds*1e9 + 5000, data: "frame"}
		src, err := capture.OpenFile(write(t, "f.pcap", pcap(r, r)))
		if frames := drain(t, src, err); len(frames) != 2 || frames[1].ns != r.ns {
			t.Errorf("%x: %+v", seconds, frames)
		}
	}
}

func TestADamagedFileIsReadAsFarAsItIsGood(t *testing.T) {
	good := record{ns: noon, data: "good"}
	damaged := pcapRecord(le, 1000, good)
	le.PutUint32(damaged[8:], 1<<31-1)
	for name, parts := range map[string][][]byte{
		"pcap":   {pcap(good), damaged, pcapRecord(le, 1000, good)},
		"pcapng": {sectionBlock(le), interfaceBlock(le, 1, 0), enhancedBlock(le, 0, uint64(noon/1000), good), block(le, 6, []byte{9, 9, 9, 9})},
		"cut":    {pcap(good), pcapRecord(le, 1000, good)[:9]},
	} {
		src, err := capture.OpenFile(write(t, "f", parts...))
		frames, err := drainErr(t, src, err)
		if len(frames) != 1 || frames[0].data != "good" || !errors.As(err, new(*capture.PartialError)) {
			t.Errorf("%s: %+v, %v", name, frames, err)
		}
	}
}

func TestFramesLostWhenAFileWasCapturedAreCounted(t *testing.T) {
	count := func(o appendOrder, code uint16, n uint64) []byte {
		return option(o, code, string(o.AppendUint64(nil, n)))
	}
	frame := func(o appendOrder, id uint32, options ...[]byte) []byte {
		b := enhancedBlock(o, id, 0, record{data: "four"})
		body := b[8 : len(b)-4]
		for _, option := range options {
			body = append(body, option...)
		}
		return block(o, 6, body)
	}
	stats := func(o appendOrder, id uint32, options ...[]byte) []byte {
		body := append(o.AppendUint32(nil, id), make([]byte, 8)...)
		for _, option := range options {
			body = append(body, option...)
		}
		return block(o, 5, body)
	}
	obsolete := func(drops uint16) []byte {
		body := le.AppendUint16([]byte{0, 0}, drops)
		return block(le, 2, append(body, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 'f', 'o', 'u', 'r'))
	}
	eth0 := interfaceBlock(le, 1, 0, option(le, 2, "eth0"))
	for name, c := range map[string]struct {
		blocks [][]byte
		want   uint64
	}{
		"before frames":                {[][]byte{eth0, frame(le, 0, count(le, 4, 0)), frame(le, 0, option(le, 1, "a comment"), count(le, 4, 500)), frame(le, 0)}, 500},
		"the same in the statistics":   {[][]byte{eth0, frame(le, 0, count(le, 4, 500)), stats(le, 0, count(le, 4, 2000), count(le, 5, 1234), count(le, 7, 500))}, 500},
		"more after the last frame":    {[][]byte{eth0, frame(le, 0, count(le, 4, 500)), stats(le, 0, count(le, 7, 510))}, 510},
		"statistics alone, the latest": {[][]byte{eth0, frame(le, 0), stats(le, 0, count(le, 5, 3)), stats(le, 0, count(le, 5, 5), count(le, 7, 7))}, 12},
		"two interfaces":               {[][]byte{eth0, interfaceBlock(le, 1, 0), stats(le, 0, count(le, 5, 3)), stats(le, 1, count(le, 5, 4)), stats(le, 9, count(le, 5, 9))}, 7},
		"two sections":                 {[][]byte{eth0, stats(le, 0, count(le, 5, 3)), sectionBlock(be), interfaceBlock(be, 1, 0), stats(be, 0, count(be, 5, 4))}, 7},
		"an obsolete packet block":     {[][]byte{eth0, obsolete(9)}, 9},
		"an obsolete one, not known":   {[][]byte{eth0, obsolete(0xffff)}, 0},
		"not known":                    {[][]byte{eth0, frame(le, 0), stats(le, 0)}, 0},
		"any number":                   {[][]byte{eth0, frame(le, 0, count(le, 4, 1<<64-2)), frame(le, 0, count(le, 4, 9))}, 1<<64 - 1},
	} {
		src, err := capture.OpenFile(write(t, "f.pcapng", append([][]byte{sectionBlock(le)}, c.blocks...)...))
		drain(t, src, err)
		if got := src.Stats().KernelDrops; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
