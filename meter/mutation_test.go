package meter

import (
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/capture"
	"weir/internal/pkttest"
)

// mutations is how many sequences of damaged frames are metered; `make
// fuzz-long` runs many. See the flag of the same name in decode.
var mutations = flag.Int("mutations", 5_000, "sequences of damaged frames to meter")

// mutationSeed makes a long run another one than the last.
var mutationSeed = flag.Uint64("mutation-seed", 1, "first seed of the damaged frames")

// wholeFrame is a frame of a capture; link is an index of fuzzLinks.
type wholeFrame struct {
	link byte
	data []byte
}

// wholeFrames are the first frames of every capture there is, none without
// captures.
func wholeFrames(tb testing.TB) (all []wholeFrame) {
	root := cmp.Or(os.Getenv("WEIR_PCAPS"), "../../shared/pcaps")
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		src, err := capture.OpenFile(path)
		if err != nil {
			return nil // not a capture
		}
		defer src.Close()
		var f capture.Frame
		for range 12 {
			if src.Next(&f) != nil {
				break
			}
			if i := slices.Index(fuzzLinks[:], uint16(f.Link)); i >= 0 && len(f.Data) <= 2048 {
				all = append(all, wholeFrame{byte(i), slices.Clone(f.Data)})
			}
		}
		return nil
	})
	if len(all) == 0 {
		tb.Logf("NO CAPTURES in %s: made-up frames only", root)
	}
	return all
}

func portOnly(port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.Addr{}, port) }

func TestSequencesOfDamagedFramesKeepTheInvariants(t *testing.T) {
	seqs := talks(t, 24)
	workers := runtime.GOMAXPROCS(0)
	var done, frames atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for i := range workers {
		wg.Go(func() {
			n, f, err := damage(seqs, *mutationSeed+uint64(i), *mutations/workers)
			done.Add(int64(n))
			frames.Add(int64(f))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	t.Logf("%d sequences, %d frames, in %v", done.Load(), frames.Load(), time.Since(start).Round(time.Second))
}

// trialLife is how many sequences one engine lives through: making one costs
// as much as some hundred frames.
const trialLife = 64

// damage meters n damaged sequences, several frames of each damaged, and
// returns the first violation.
func damage(seqs [][]byte, seed uint64, n int) (done, frames int, err error) {
	m := pkttest.NewMutator(seed)
	var seq []byte
	var tr *trial
	for done := range n {
		if done%trialLife == 0 {
			tr = newTrial()
		}
		tr.again()
		before := tr.frames
		seq = seq[:0]
		rest, other := seqs[m.IntN(len(seqs))], seqs[m.IntN(len(seqs))]
		for len(rest) >= fuzzHeader {
			length := min(int(rest[3])<<8|int(rest[4]), len(rest)-fuzzHeader)
			link, step, frame := rest[0], rest[1], rest[fuzzHeader:fuzzHeader+length]
			rest = rest[fuzzHeader+length:]
			cut := 0
			switch m.IntN(8) {
			case 0:
				frame = m.Mutate(frame, other)
			case 1:
				step = byte(m.IntN(256))
			case 2:
				cut = m.IntN(256)
			case 3: // twice
				seq = appendFrame(seq, link, step, 0, frame)
			}
			seq = appendFrame(seq, link, step, byte(cut), frame)
		}
		tr.feed(seq)
		frames += tr.frames - before
		if err := tr.finish(); err != nil {
			return done, frames, fmt.Errorf("seed %d: %w\n%x", seed, err, seq)
		}
	}
	return n, frames, nil
}
