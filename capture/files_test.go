package capture_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/capture"
)

const ms = int64(time.Millisecond)

// received is the data of a frame, and the index and name of its interface.
type received struct {
	data  string
	index uint16
	iface string
}

func wantReceived(t *testing.T, frames []frame, want ...received) {
	t.Helper()
	var got []received
	for _, f := range frames {
		got = append(got, received{f.data, f.index, f.iface})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// namedInterfaces returns a pcapng file with two frames on each of the named
// interfaces, at time at (ns) and one second later.
func namedInterfaces(at int64, names ...string) []byte {
	b := sectionBlock(le)
	for i, name := range names {
		b = append(b, interfaceBlock(le, 1, 0, option(le, 2, name))...)
		b = append(b, enhancedBlock(le, uint32(i), uint64(at/1000), record{data: name})...)
		b = append(b, enhancedBlock(le, uint32(i), uint64((at+1e9)/1000), record{data: name + " later"})...)
	}
	return b
}

func TestRotatedFilesAreOrderedByTimeAndShareTheirInterface(t *testing.T) {
	paths := []string{
		write(t, "a", pcap(record{ns: noon + 20*ms, data: "3"}, record{ns: noon + 30*ms, data: "4"})),
		write(t, "b", gzipped(pcap(record{ns: noon + 40*ms, data: "5"}))),
		write(t, "c", pcap(record{ns: noon, data: "1"}, record{ns: noon + 20*ms, data: "2", wire: 90})),
		write(t, "d", pcap()),
	}
	src, err := capture.OpenFiles(paths)
	frames := drain(t, src, err)
	wantReceived(t, frames, received{"1", 0, ""}, received{"2", 0, ""}, received{"3", 0, ""}, received{"4", 0, ""}, received{"5", 0, ""})

	if s := src.Stats(); s.Frames != 5 || s.Octets != 94 {
		t.Errorf("stats %+v, want 5 frames of 94 octets", s)
	}
	if want := paths[2] + " and 3 more"; src.Name() != want {
		t.Errorf("named %q, want %q", src.Name(), want)
	}
}

func TestFilesOfTheSameTimeAreKeptApart(t *testing.T) {
	inside := write(t, "inside.pcap", pcap(record{ns: noon, data: "i1"}, record{ns: noon + 900*ms, data: "i2"}))
	outside := write(t, "outside.pcap", pcap(record{ns: noon + 1*ms, data: "o1"}, record{ns: noon + 901*ms, data: "o2"}))
	after := write(t, "after.pcap", pcap(record{ns: noon + 950*ms, data: "i3"}))

	src, err := capture.OpenFiles([]string{outside, after, inside})
	wantReceived(t, drain(t, src, err),
		received{"i1", 0, ""}, received{"i2", 0, ""},
		received{"o1", 1, "outside.pcap"}, received{"o2", 1, "outside.pcap"},
		received{"i3", 0, ""})
}

func TestFramesOutOfOrderAtARotationAreTolerated(t *testing.T) {
	first := write(t, "1", pcap(record{ns: noon, data: "a"}, record{ns: noon + 1000*ms, data: "c"}))
	for _, tt := range []struct {
		early int64 // time from the start of the second file to the end of the first, ns
		index uint16
	}{{1, 0}, {9 * ms, 0}, {11 * ms, 1}} {
		second := write(t, "2", pcap(record{ns: noon + 1000*ms - tt.early, data: "b"}))
		src, err := capture.OpenFiles([]string{first, second})
		if frames := drain(t, src, err); len(frames) != 3 || frames[2].index != tt.index {
			t.Errorf("%v early: %+v, want index %d", time.Duration(tt.early), frames, tt.index)
		}
	}
}

func TestInterfacesAreIdentifiedByName(t *testing.T) {
	src, err := capture.OpenFiles([]string{
		write(t, "1.pcapng", namedInterfaces(noon, "eth0", "eth1")),
		write(t, "2.pcapng", namedInterfaces(noon, "lo", "eth1")),         // at the same time, partly on the same interface
		write(t, "3.pcapng", namedInterfaces(noon+10_000*ms, "eth1", "")), // later
	})
	wantReceived(t, drain(t, src, err),
		received{"eth0", 0, "eth0"}, received{"eth0 later", 0, "eth0"}, received{"eth1", 1, "eth1"}, received{"eth1 later", 1, "eth1"},
		received{"lo", 2, "lo"}, received{"lo later", 2, "lo"}, received{"eth1", 3, "2.pcapng:eth1"}, received{"eth1 later", 3, "2.pcapng:eth1"},
		received{"eth1", 1, "eth1"}, received{"eth1 later", 1, "eth1"}, received{"", 4, ""}, received{" later", 4, ""})
}

func TestTruncatedFileDoesNotStopTheOthers(t *testing.T) {
	whole := pcap(record{ns: noon, data: "1"}, record{ns: noon + 1, data: "never"})
	cut := write(t, "cut", whole[:len(whole)-2])
	alsoCut := write(t, "also cut", pcap(), []byte("half a header"))
	next := write(t, "next", pcap(record{ns: noon + ms, data: "2"}))

	src, err := capture.OpenFiles([]string{next, alsoCut, cut})
	frames, err := drainErr(t, src, err)
	wantReceived(t, frames, received{"1", 0, ""}, received{"2", 0, ""})
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), cut) || !strings.Contains(err.Error(), alsoCut) {
		t.Errorf("the error does not name both files: %v", err)
	}
}

func TestAFileThatIsNoCaptureDoesNotHideTheOthers(t *testing.T) {
	good, bad, empty := write(t, "good", pcap(record{ns: noon, data: "1"})), write(t, "bad", []byte("text")), write(t, "empty", nil)
	missing := filepath.Join(t.TempDir(), "missing")
	src, err := capture.OpenFiles([]string{empty, bad, good, missing})
	frames, err := drainErr(t, src, err)
	wantReceived(t, frames, received{"1", 0, ""})
	for _, words := range []string{strconv.Quote(empty) + " is empty", "not a capture file: " + strconv.Quote(bad), strconv.Quote(missing) + ": no such file"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want also: %s", err, words)
		}
	}
	if !errors.As(err, new(*capture.PartialError)) {
		t.Errorf("%T", err)
	}
	if _, err := capture.OpenFiles([]string{bad, empty}); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Error(err)
	}
	if _, err := capture.OpenFiles(nil); err == nil {
		t.Error("no error for an empty list")
	}
}

func TestFileRemovedWhileOthersAreReadIsReported(t *testing.T) {
	first := write(t, "first", pcap(record{ns: noon, data: "1"}))
	second := write(t, "second", pcap(record{ns: noon + ms, data: "2"}))
	src, err := capture.OpenFiles([]string{first, second})
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	frames, err := drainErr(t, src, err)
	wantReceived(t, frames, received{"1", 0, ""})
	if !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestCloseWhileFilesAreRead(t *testing.T) {
	b := pcap(record{ns: noon, data: "1"}, record{ns: noon, data: "2"})
	src, err := capture.OpenFiles([]string{write(t, "1", b), write(t, "2", b)})
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	if err := src.Next(&f); err != nil {
		t.Fatal(err)
	}
	go src.Close()
	for range 4 { // each call returns a frame or the error after Close
		if err = src.Next(&f); err != nil {
			break
		}
	}
	if err != io.EOF && !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	src.Close()
	if err := src.Next(&f); err != io.EOF && !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}
