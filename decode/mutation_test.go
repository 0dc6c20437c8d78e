package decode

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/pkttest"
)

// mutations is the number of damaged frames in TestDamagedFramesKeepTheInvariants.
// The fuzzer is guided by coverage and runs about 10^4 inputs per second; this test
// starts from real frames and runs 10^6. `make fuzz-long` runs many.
var mutations = flag.Int("mutations", 200_000, "damaged frames to decode")

// mutationSeed lets each long run use different frames.
var mutationSeed = flag.Uint64("mutation-seed", 1, "first seed of the damaged frames")

// links are the supported link types, and an unsupported one.
var links = []uint16{linkNull, linkEthernet, linkPPP, linkRaw, linkPPPHDLC, linkPPPoE, linkCHDLC, linkWLAN, linkFrame, linkLoop, linkSLL,
	linkRadiotap, linkPPI, linkIPNET, linkIPv4, linkIPv6, linkNFLOG, linkSLL2, linkBroadcom, linkBrcmPre, linkDSA, linkEDSA, linkPKTAP, linkPKTAPOld,
	linkTokenRing, linkFDDI, linkRFC1483, linkENC, linkPFLOG, linkPrism, linkIPoverFC, linkAVS, linkPPPD, linkPPPDir, linkCHDLCDir, linkFrameDir, linkJuniper, linkIPoIB, 147}

// firstFrames returns the seeds of the fuzzer and the first frames of every capture.
func firstFrames(tb testing.TB) []capturedFrame {
	all := seeds(tb)
	for _, path := range capturesIfAny(tb) {
		n := 0
		_ = eachFrame(path, func(f capturedFrame) {
			if n++; n <= 20 && len(f.data) > 0 && len(f.data) <= 2048 {
				all = append(all, f)
			}
		})
	}
	return all
}

func TestDamagedFramesKeepTheInvariants(t *testing.T) {
	frames := firstFrames(t)
	workers := runtime.GOMAXPROCS(0)
	var done atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for i := range workers {
		wg.Go(func() {
			n, err := damage(frames, *mutationSeed+uint64(i), *mutations/workers)
			done.Add(int64(n))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	t.Logf("%d damaged frames from %d originals in %v", done.Load(), len(frames), time.Since(start).Round(time.Second))
}

// damage decodes n damaged frames and returns the first violation.
func damage(frames []capturedFrame, seed uint64, n int) (int, error) {
	m := pkttest.NewMutator(seed)
	decoders := []*Decoder{New(Options{}), New(Options{}), New(Options{}), New(Options{IgnoreVLAN: true, IgnoreTunnel: true}), New(Options{OuterOnly: true})}
	for i := range n {
		f := frames[m.IntN(len(frames))]
		b := m.Mutate(f.data, frames[m.IntN(len(frames))].data)
		link, wire := f.link, len(b)
		if m.IntN(16) == 0 {
			link = links[m.IntN(len(links))]
		}
		if m.IntN(4) == 0 {
			wire += m.IntN(2000)
		}
		if err := checkInvariants(decoders[m.IntN(len(decoders))], link, b, wire); err != nil {
			return i, fmt.Errorf("seed %d: %w\nlink %d, wire length %d, %x", seed, err, link, wire, b)
		}
	}
	return n, nil
}
