package capture

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// reopenInterval is the time between attempts to reopen an interface.
const reopenInterval = time.Second

// reopeningSource captures on a network interface that may go down or be removed and
// come back: a cable is pulled, a tunnel is re-established. One goroutine calls Next,
// any goroutine may call the other methods.
type reopeningSource struct {
	singleInterface
	open     func() (Source, error)
	interval time.Duration // reopenInterval
	lastTry  time.Time     // time of the last call of open by Next
	finished atomic.Bool   // Finish was called

	mu          sync.Mutex    // guards the fields below
	done        chan struct{} // closed by Close; receiving needs no lock
	src         Source        // nil while the interface is away; written by Next only
	closedStats Stats         // sum over the sources closed so far
	lastError   string        // why src is nil
	outages     uint64        // times that src became nil
	away        time.Duration // how long src was nil, a current outage not included
	downAt      time.Time     // when src became nil; zero: it never did
	upAt        time.Time     // when src was opened again; zero: it never was
}

// OpenReopening is OpenLive for an interface that may go away later. While it is away,
// Next returns ErrIdle and Stats.LastError says why; once the interface is up again,
// Next returns its frames. If the interface is not there at first, OpenReopening fails
// like OpenLive.
func OpenReopening(cfg LiveConfig) (Source, error) {
	return openReopening(func() (Source, error) { return OpenLive(cfg) }, reopenInterval)
}

func openReopening(open func() (Source, error), every time.Duration) (Source, error) {
	src, err := open()
	if err != nil {
		return nil, err
	}
	return &reopeningSource{singleInterface: singleInterface{src.Name()}, open: open, interval: every, src: src, done: make(chan struct{})}, nil
}

func (s *reopeningSource) Next(f *Frame) error {
	if s.src == nil {
		if s.finished.Load() {
			return errClosed(s.name)
		}
		return s.retry()
	}
	err := s.src.Next(f)
	if err == nil || errors.Is(err, ErrIdle) {
		return err
	}
	return s.detach(err)
}

// isClosed reports whether Close was called.
func (s *reopeningSource) isClosed() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// detach closes the current source, which ended with err, unless Close ended it.
func (s *reopeningSource) detach(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() || s.finished.Load() {
		return err
	}
	_ = s.src.Close() // its error is known; Close completes its counters
	s.closedStats = s.closedStats.plus(s.src.Stats())
	s.src, s.lastError = nil, err.Error()
	s.outages++
	s.downAt = time.Now()
	return ErrIdle
}

// Finish makes Next return the frames that have arrived so far and then end.
func (s *reopeningSource) Finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished.Store(true)
	if src, ok := s.src.(Finisher); ok {
		src.Finish()
	} else if s.src != nil {
		_ = s.src.Close()
	}
}

// retry waits for IdleInterval and, once per interval, tries to reopen the interface.
func (s *reopeningSource) retry() error {
	pause := time.NewTimer(min(IdleInterval, s.interval))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-s.done:
	}
	if s.isClosed() { // do not reopen, even if the pause is over, too
		return errClosed(s.name)
	}
	if time.Since(s.lastTry) < s.interval {
		return ErrIdle
	}
	s.lastTry = time.Now()
	src, err := s.open()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil && errors.Is(err, ErrPermission):
		s.lastError = err.Error() // worked when the program started
	case err != nil: // still down or removed
	case s.isClosed() || s.finished.Load(): // while it was opened
		_ = src.Close()
		return errClosed(s.name)
	default:
		s.src, s.lastError = src, ""
		s.upAt = time.Now()
		s.away += s.upAt.Sub(s.downAt)
	}
	return ErrIdle
}

func (s *reopeningSource) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.closedStats
	if s.src != nil {
		st = st.plus(s.src.Stats())
	}
	st.Outages, st.Away, st.DownAt, st.UpAt = s.outages, s.away, s.downAt, s.upAt
	if !s.isClosed() {
		st.LastError = s.lastError
		if s.src == nil {
			st.Away += time.Since(s.downAt)
		}
	}
	return st
}

func (s *reopeningSource) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return nil
	}
	close(s.done)
	if s.src != nil {
		return s.src.Close()
	}
	s.away += time.Since(s.downAt)
	return nil
}
