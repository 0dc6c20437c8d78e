package capture

import (
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// flapping is a source of a few frames that then ends with an error.
type flapping struct {
	frames int
	end    error
	stats  Stats
	closed atomic.Bool
}

func (s *flapping) Next(*Frame) error {
	switch {
	case s.closed.Load():
		return errClosed("eth9")
	case s.frames == 0:
		return s.end
	}
	s.frames--
	s.stats.Frames++
	s.stats.Octets += 100
	s.stats.KernelDrops++
	return nil
}

func (s *flapping) Live() bool                  { return true }
func (s *flapping) Name() string                { return "eth9" }
func (s *flapping) InterfaceName(uint16) string { return "eth9" }
func (s *flapping) Stats() Stats                { return s.stats }

// Close counts one more drop, as the kernel is asked for the last time.
func (s *flapping) Close() error {
	if !s.closed.Swap(true) {
		s.stats.KernelDrops++
	}
	return nil
}

var errDown = errors.New(`capture on "eth9": the interface went down`)

func TestASteadySourceGoesOnWhenItsInterfaceIsBack(t *testing.T) {
	first, second := &flapping{frames: 2, end: errDown}, &flapping{frames: 3, end: ErrIdle}
	opens := []func() (Source, error){
		func() (Source, error) { return first, nil },
		func() (Source, error) { return nil, errDown },
		func() (Source, error) { return nil, &UnknownInterfaceError{Name: "eth9"} },
		func() (Source, error) { return second, nil },
	}
	s, err := openSteady(func() (Source, error) {
		open := opens[0]
		opens = opens[1:]
		return open()
	}, time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	frames, troubled := 0, 0
	for frames < 5 {
		switch err := s.Next(&f); {
		case err == nil:
			frames++
		case !errors.Is(err, ErrIdle):
			t.Fatal(err)
		case s.Stats().Trouble != "":
			troubled++
			if why := s.Stats().Trouble; !strings.Contains(why, "went down; weir waits for it") {
				t.Errorf("the trouble is %q", why)
			}
		}
	}
	if troubled < 3 { // when it went down, and for each try in vain
		t.Errorf("Next said %d times that there is trouble", troubled)
	}
	if want := (Stats{Frames: 5, Octets: 500, KernelDrops: 6}); s.Stats() != want {
		t.Errorf("it counted %+v, want %+v", s.Stats(), want)
	}
	if !first.closed.Load() {
		t.Error("the source that ended is still open")
	}
	if err := s.Close(); err != nil || !second.closed.Load() {
		t.Errorf("Close says %v and leaves it open: %v", err, !second.closed.Load())
	}
	if err := s.Next(&f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close Next says %v", err)
	}
}

func TestASteadySourceDoesNotLookForItsInterfaceAllTheTime(t *testing.T) {
	opens := 0
	s, err := openSteady(func() (Source, error) {
		if opens++; opens > 1 {
			return nil, errDown
		}
		return &flapping{end: errDown}, nil
	}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	for range 4 {
		if err := s.Next(&f); !errors.Is(err, ErrIdle) {
			t.Fatal(err)
		}
	}
	if opens != 2 {
		t.Errorf("it was opened %d times, once and once again were enough", opens)
	}
}

func TestASteadySourceIsClosedWhileItWaitsOrOpens(t *testing.T) {
	opening := make(chan struct{})
	late := &flapping{frames: 1}
	opens := 0
	s, err := openSteady(func() (Source, error) {
		if opens++; opens == 1 {
			return &flapping{end: errDown}, nil
		}
		opening <- struct{}{}
		<-opening
		return late, nil
	}, time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if err := s.Next(&f); !errors.Is(err, ErrIdle) {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Next(&f) }()
	<-opening
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if why := s.Stats().Trouble; why != "" {
		t.Errorf("a closed source waits for nothing, but says %q", why)
	}
	opening <- struct{}{}
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("Next says %v", err)
	}
	if !late.closed.Load() {
		t.Error("what was opened too late stays open")
	}
	if err := s.Next(&f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close Next says %v", err)
	}
}

func TestASteadySourceHasToBeThereAtFirst(t *testing.T) {
	if _, err := openSteady(func() (Source, error) { return nil, errDown }, time.Hour); !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
}
