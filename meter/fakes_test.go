package meter

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"weir/capture"
	"weir/flow"
	"weir/internal/pkttest"
)

// wallClock is a wall clock that moves only when set.
type wallClock struct{ ns atomic.Int64 }

func (c *wallClock) now() time.Time          { return epoch.Add(time.Duration(c.ns.Load())) }
func (c *wallClock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// script is a source that executes one step per call of Next.
type script struct {
	live   bool
	steps  []func(f *capture.Frame) error
	stats  capture.Stats
	closed atomic.Bool
}

func (s *script) Next(f *capture.Frame) error {
	if s.closed.Load() {
		return errors.New("the source is closed")
	}
	if len(s.steps) == 0 {
		return io.EOF
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	err := step(f)
	if err == nil {
		s.stats.Frames++
		s.stats.Octets += uint64(f.WireLen)
	}
	return err
}

func (s *script) Live() bool                  { return s.live }
func (s *script) Name() string                { return "test0" }
func (s *script) InterfaceName(uint16) string { return "test0" }
func (s *script) Stats() capture.Stats        { return s.stats }
func (s *script) Close() error                { s.closed.Store(true); return nil }

// frame adds a packet, captured at a time after epoch, and moves the wall
// clock there.
func (s *script) frame(c *wallClock, at time.Duration, p pkttest.Packet) {
	s.frameOf(c, at, p.Link(), p.Bytes())
}

func (s *script) frameOf(c *wallClock, at time.Duration, link uint16, b []byte) {
	s.do(func(f *capture.Frame) error {
		c.ns.Store(int64(at))
		*f = capture.Frame{TimeNS: epoch.Add(at).UnixNano(), Data: b, WireLen: len(b), Link: capture.LinkType(link)}
		return nil
	})
}

// quiet adds d without a frame.
func (s *script) quiet(c *wallClock, d time.Duration) {
	for left := d; left > 0; left -= capture.IdleInterval {
		s.do(func(*capture.Frame) error {
			c.advance(min(left, capture.IdleInterval))
			return capture.ErrIdle
		})
	}
}

func (s *script) do(step func(*capture.Frame) error) { s.steps = append(s.steps, step) }

// look adds an inspection of the current state. The source is quiet meanwhile.
func (s *script) look(f func()) {
	s.do(func(*capture.Frame) error { f(); return capture.ErrIdle })
}

// store is a Sink that keeps every record it receives, and refuses while refuse is set.
type store struct {
	collector
	refuse  bool
	putErr  error
	handed  []flow.Record
	largest int
	refused int
}

func (s *store) Offer(recs []flow.Record) bool {
	if s.refuse {
		s.refused++
		return false
	}
	return s.take(recs) == nil
}

func (s *store) Put(ctx context.Context, recs []flow.Record) error {
	if s.putErr != nil {
		return s.putErr
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.take(recs)
}

func (s *store) take(recs []flow.Record) error {
	s.handed = append(s.handed, recs...)
	s.largest = max(s.largest, len(recs))
	return s.collector.Put(context.Background(), recs)
}

// numbered adds n packets of different flows, step apart.
func (s *script) numbered(c *wallClock, n int, step time.Duration) {
	p := pkttest.Raw().IPv4("10.0.0.0", server).UDP(40000, 53)
	link, template := p.Link(), p.Bytes()
	for i := range n {
		b := slices.Clone(template)
		binary.BigEndian.PutUint32(b[12:], 10<<24|uint32(i)) // the source address
		s.frameOf(c, time.Duration(i)*step, link, b)
	}
}

// blocking is a Sink that has room only after ctx was cancelled once.
type blocking struct {
	store
	cancel context.CancelFunc
}

func (b *blocking) Put(ctx context.Context, recs []flow.Record) error {
	if b.cancel != nil {
		b.cancel()
		b.cancel = nil
		<-ctx.Done()
		return ctx.Err()
	}
	if _, bounded := ctx.Deadline(); !bounded {
		return errors.New("the last hand-over may take for ever")
	}
	return b.store.Put(ctx, recs)
}

// slow is a Sink like a store's writer: a short queue that another goroutine
// empties and whose records it changes.
type slow struct {
	queue chan []flow.Record
	taken map[int64]flow.Record
	cut   []flow.Ending
}

func (s *slow) Cut(ends []flow.Ending) { s.cut = append(s.cut, ends...) }

func (s *slow) Offer(recs []flow.Record) bool {
	select {
	case s.queue <- slices.Clone(recs):
		return true
	default:
		return false
	}
}

func (s *slow) Put(ctx context.Context, recs []flow.Record) error {
	select {
	case s.queue <- slices.Clone(recs):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
