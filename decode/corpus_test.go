package decode

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// capturedFrame is one frame of a capture file.
type capturedFrame struct {
	link uint16
	data []byte
	wire int
}

// corpus returns the directory of real captures. They belong to other projects and
// are not part of this repository.
func corpus(tb testing.TB) string {
	tb.Helper()
	dir := cmp.Or(os.Getenv("WEIR_PCAPS"), defaultCorpus)
	if _, err := os.Stat(dir); err != nil {
		tb.Skipf("SKIPPED, NOTHING PROVEN: no captures to read: %v (WEIR_PCAPS names their folder)", err)
	}
	return dir
}

// capturesIfAny lists the capture files of the corpus, none if it does not exist.
func capturesIfAny(tb testing.TB) []string {
	if dir := cmp.Or(os.Getenv("WEIR_PCAPS"), defaultCorpus); !exists(dir) {
		tb.Logf("NO CAPTURES in %s: synthetic frames only", dir)
		return nil
	}
	return captures(tb)
}

const defaultCorpus = "../../shared/pcaps"

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// captures lists the capture files of the corpus.
func captures(tb testing.TB) []string {
	tb.Helper()
	var paths []string
	err := filepath.WalkDir(corpus(tb), func(path string, _ fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); strings.HasPrefix(ext, ".pcap") || ext == ".cap" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		tb.Fatalf("%d captures in %s: %v", len(paths), corpus(tb), err)
	}
	return paths
}

// eachFrame calls fn with the frames of a capture file as read by pcapgo, up to the
// first error. It returns an error if pcapgo can't open the file.
func eachFrame(path string, fn func(capturedFrame)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	next, err := frameReader(f)
	if err != nil {
		return err
	}
	for {
		frame, err := next()
		if err != nil { // files made to break readers end early; the frames before count
			return nil
		}
		fn(frame)
	}
}

func frameReader(f io.ReadSeeker) (func() (capturedFrame, error), error) {
	if r, err := pcapgo.NewReader(bufio.NewReader(f)); err == nil {
		return func() (capturedFrame, error) {
			data, info, err := r.ReadPacketData()
			return capturedFrame{uint16(r.LinkType()), data, info.Length}, err
		}, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r, err := pcapgo.NewNgReader(bufio.NewReader(f), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		return nil, err
	}
	return func() (capturedFrame, error) {
		data, info, err := r.ReadPacketData()
		if err != nil {
			return capturedFrame{}, err
		}
		return capturedFrame{uint16(linkOf(r, info)), data, info.Length}, nil
	}, nil
}

// linkOf returns the link type of the interface of a pcapng packet.
func linkOf(r *pcapgo.NgReader, info gopacket.CaptureInfo) layers.LinkType {
	for _, d := range info.AncillaryData {
		if link, ok := d.(layers.LinkType); ok {
			return link
		}
	}
	return r.LinkType()
}

// TestInvariantsHoldForEveryCapture checks the invariants of any result on every
// frame of every capture.
func TestInvariantsHoldForEveryCapture(t *testing.T) {
	d := New(Options{})
	frames, unreadable := 0, 0
	for _, path := range captures(t) {
		err := eachFrame(path, func(f capturedFrame) {
			frames++
			if err := checkInvariants(d, f.link, f.data, f.wire); err != nil {
				t.Errorf("%s, frame %d: %v", path, frames, err)
			}
		})
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
			}
			unreadable++
		}
	}
	t.Logf("%d frames; %d files that pcapgo can't open", frames, unreadable)
}
