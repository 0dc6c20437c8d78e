package capture

import (
	"errors"
	"sync"
	"time"
)

// reopenEvery is how soon an interface that went away is looked for again.
const reopenEvery = time.Second

// steadySource is a network interface that may go down or away, and come back:
// a cable is pulled, a tunnel is set up anew. One goroutine calls Next, the
// rest may be called by any.
type steadySource struct {
	oneInterface
	open  func() (Source, error)
	every time.Duration // reopenEvery
	tried time.Time     // when Next called open last

	mu      sync.Mutex    // guards what follows
	gone    chan struct{} // closed by Close; anybody may wait for it
	src     Source        // nil while the interface is away; set by Next only
	past    Stats         // of the sources before
	trouble string        // why src is nil
}

// OpenSteady is OpenLive for an interface that may go away once it was there:
// Next says ErrIdle then, Stats says why, and when it is up again frames go on.
func OpenSteady(cfg LiveConfig) (Source, error) {
	return openSteady(func() (Source, error) { return OpenLive(cfg) }, reopenEvery)
}

func openSteady(open func() (Source, error), every time.Duration) (Source, error) {
	src, err := open()
	if err != nil {
		return nil, err
	}
	return &steadySource{oneInterface: oneInterface{src.Name()}, open: open, every: every, src: src, gone: make(chan struct{})}, nil
}

func (s *steadySource) Next(f *Frame) error {
	if s.src == nil {
		return s.wait()
	}
	err := s.src.Next(f)
	if err == nil || errors.Is(err, ErrIdle) {
		return err
	}
	return s.lose(err)
}

// isClosed reports whether Close was called.
func (s *steadySource) isClosed() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// lose gives up a source that ended with err, unless Close ended it.
func (s *steadySource) lose(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return err
	}
	_ = s.src.Close() // it has told its error already, and counts what is left
	s.past = s.past.plus(s.src.Stats())
	s.src, s.trouble = nil, err.Error()+"; weir waits for it"
	return ErrIdle
}

// wait passes IdleInterval, and looks now and then whether the interface is back.
func (s *steadySource) wait() error {
	pause := time.NewTimer(min(IdleInterval, s.every))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-s.gone:
	}
	if s.isClosed() { // nothing is opened any more, even if the pause is over too
		return errClosed(s.name)
	}
	if time.Since(s.tried) < s.every {
		return ErrIdle
	}
	s.tried = time.Now()
	src, err := s.open()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil && errors.Is(err, ErrPermission):
		s.trouble = err.Error() // it was there when weir began
	case err != nil: // still down, or away
	case s.isClosed():
		_ = src.Close()
		return errClosed(s.name)
	default:
		s.src, s.trouble = src, ""
	}
	return ErrIdle
}

func (s *steadySource) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.past
	if s.src != nil {
		st = st.plus(s.src.Stats())
	}
	if !s.isClosed() {
		st.Trouble = s.trouble
	}
	return st
}

func (s *steadySource) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return nil
	}
	close(s.gone)
	if s.src != nil {
		return s.src.Close()
	}
	return nil
}
