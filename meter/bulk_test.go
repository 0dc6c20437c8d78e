package meter

import (
	"testing"
	"time"

	"weir/capture"
	"weir/internal/pkttest"
)

// bulkScript is a script that is a capture.Bulk.
type bulkScript struct {
	script
	most  int // frames available after one from Next
	nexts int // calls of Next
}

func (s *bulkScript) Next(f *capture.Frame) error {
	s.nexts++
	return s.script.Next(f)
}

func (s *bulkScript) More(fs []capture.Frame) (n int) {
	if s.live {
		panic("a live source is asked for more than there can be")
	}
	for n < min(len(fs), s.most) && s.script.Next(&fs[n]) == nil {
		n++
	}
	return n
}

// onInterface moves the last added frame to interface i.
func (s *script) onInterface(i uint16) {
	step := s.steps[len(s.steps)-1]
	s.steps[len(s.steps)-1] = func(f *capture.Frame) error {
		err := step(f)
		f.Interface = i
		return err
	}
}

func TestBulkReadingGivesTheSameFlows(t *testing.T) {
	const frames = 10*checkFrames + 7
	run := func(most int) (sink store, nexts, looks int) {
		var clock wallClock
		src := &bulkScript{most: most}
		for i := range frames {
			at := time.Duration(i) * 10 * ms
			p := pkttest.Eth().IPv4(client, server).UDP(uint16(1000+i/100), 53).Payload(i % 50)
			if i%3 == 0 {
				p = pkttest.Raw().IPv4(client, server).UDP(uint16(1000+i/100), 53)
			}
			src.frame(&clock, at, p)
			src.onInterface(uint16(i % 2))
		}
		now := func() time.Time { looks++; return clock.now() }
		m := New(Config{Now: now}, src, &sink)
		if err := m.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		h := m.Health()
		equal(t, "packets", h.Packets(), uint64(frames))
		return sink, src.nexts, looks
	}
	one, _, looks := run(0)
	equal(t, "flows", len(one.sorted()), 2*(frames/100+1))
	for _, most := range []int{1, 10, 63, 100} {
		many, nexts, again := run(most)
		equal(t, "records", len(many.handed), len(one.handed))
		for i := range many.handed {
			equal(t, "record", many.handed[i], one.handed[i])
		}
		if again < looks-1 || again > looks+1 {
			t.Errorf("%d looks at the clock, %d frame by frame", again, looks)
		}
		if limit := frames/(min(most, decodeBatch-1)+1) + frames/decodeBatch + 2; nexts > limit {
			t.Errorf("%d calls of Next with %d more available, want at most %d", nexts, most, limit)
		}
	}
}

func TestLiveSourceIsReadFrameByFrame(t *testing.T) {
	var clock wallClock
	var sink store
	src := &bulkScript{script: script{live: true}}
	for i := range 3 {
		src.frame(&clock, time.Duration(i)*ms, udp(5000, 5001))
	}
	if err := New(Config{Now: clock.now}, src, &sink).Run(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, "packets", sink.handed[0].Sent.Packets, 3)
}
