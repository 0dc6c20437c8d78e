package demo

import (
	"io"
	"sync"
	"sync/atomic"

	"weir/capture"
)

// source is one node's view of the network as a capture.Source.
type source struct {
	cfg  Config
	info observerInfo
	sim  *simulation // owned by the goroutine that calls Next

	frames, octets atomic.Uint64
	closing        sync.Once
	closed         chan struct{}
}

func newSource(cfg Config, at observer) *source {
	return &source{cfg: cfg, info: observers[at], sim: newSimulation(cfg, at), closed: make(chan struct{})}
}

// Next returns all packets up to the present without waiting, so that the history
// is complete before the first ErrIdle.
func (s *source) Next(f *capture.Frame) error {
	left := capture.IdleInterval
	for {
		select {
		case <-s.closed:
			return io.EOF
		default:
		}
		now := s.cfg.Start
		if s.cfg.Live {
			now = s.cfg.Now()
		}
		frame, due, ok := s.sim.next(now)
		switch {
		case ok:
			s.frames.Add(1)
			s.octets.Add(uint64(frame.WireLen))
			*f = capture.Frame{TimeNS: frame.Time.UnixNano(), Data: frame.Data, WireLen: frame.WireLen, Link: capture.LinkType(frame.Link)}
			return nil
		case !s.cfg.Live:
			return io.EOF
		case left <= 0:
			return capture.ErrIdle
		}
		pause := min(due.Sub(now), left)
		left -= pause
		s.cfg.Wait(pause, s.closed)
	}
}

// Live reports whether the source continues after the history.
func (s *source) Live() bool { return s.cfg.Live }

// Name returns the name of the node's interface.
func (s *source) Name() string { return s.info.iface }

// InterfaceName returns the name of interface 0, the only one.
func (s *source) InterfaceName(i uint16) string {
	if i == 0 {
		return s.info.iface
	}
	return ""
}

// Stats counts the frames returned by Next. The source never drops frames.
func (s *source) Stats() capture.Stats {
	return capture.Stats{Frames: s.frames.Load(), Octets: s.octets.Load()}
}

// Close makes Next return io.EOF from now on.
func (s *source) Close() error {
	s.closing.Do(func() { close(s.closed) })
	return nil
}

var _ capture.Source = (*source)(nil)
