package capture

import (
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// flappingSource returns a few frames, then an error.
type flappingSource struct {
	frames int
	end    error
	stats  Stats
	closed atomic.Bool
}

func (s *flappingSource) Next(*Frame) error {
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

func (s *flappingSource) Live() bool                  { return true }
func (s *flappingSource) Name() string                { return "eth9" }
func (s *flappingSource) InterfaceName(uint16) string { return "eth9" }
func (s *flappingSource) Stats() Stats                { return s.stats }

// Close counts one more drop, like the last pollDrops of a live source.
func (s *flappingSource) Close() error {
	if !s.closed.Swap(true) {
		s.stats.KernelDrops++
	}
	return nil
}

var errDown = errors.New(`capture on "eth9": the interface went down`)

func TestReopeningSourceResumesWhenItsInterfaceReturns(t *testing.T) {
	first, second := &flappingSource{frames: 2, end: errDown}, &flappingSource{frames: 3, end: ErrIdle}
	opens := []func() (Source, error){
		func() (Source, error) { return first, nil },
		func() (Source, error) { return nil, errDown },
		func() (Source, error) { return nil, &UnknownInterfaceError{Name: "eth9"} },
		func() (Source, error) { return second, nil },
	}
	s, err := openReopening(func() (Source, error) {
		open := opens[0]
		opens = opens[1:]
		return open()
	}, time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	frames, failures := 0, 0
	for frames < 5 {
		switch err := s.Next(&f); {
		case err == nil:
			frames++
		case !errors.Is(err, ErrIdle):
			t.Fatal(err)
		case s.Stats().LastError != "":
			failures++
			if why := s.Stats().LastError; !strings.Contains(why, "went down") {
				t.Errorf("LastError is %q", why)
			}
		}
	}
	if failures < 3 { // when it went down, and for each failed attempt
		t.Errorf("LastError was set %d times, want at least 3", failures)
	}
	got := s.Stats()
	if got.DownAt.IsZero() || got.Away <= 0 || got.UpAt.Sub(got.DownAt) != got.Away {
		t.Errorf("away for %v, from %v to %v", got.Away, got.DownAt, got.UpAt)
	}
	got.Away, got.DownAt, got.UpAt = 0, time.Time{}, time.Time{}
	if want := (Stats{Frames: 5, Octets: 500, KernelDrops: 6, Outages: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if !first.closed.Load() {
		t.Error("the source that ended is still open")
	}
	if err := s.Close(); err != nil || !second.closed.Load() {
		t.Errorf("Close returned %v, source still open: %v", err, !second.closed.Load())
	}
	if err := s.Next(&f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Next after Close returned %v", err)
	}
}

func TestReopeningSourceWaitsBetweenAttempts(t *testing.T) {
	opens := 0
	s, err := openReopening(func() (Source, error) {
		if opens++; opens > 1 {
			return nil, errDown
		}
		return &flappingSource{end: errDown}, nil
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
		t.Errorf("opened %d times, want 2", opens)
	}
	before := s.Stats()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	st := s.Stats()
	if before.Outages != 1 || st.Outages != 1 || before.Away <= 0 || st.Away < before.Away || st.Away > time.Since(st.DownAt) {
		t.Errorf("while it is away %+v, after Close %+v: want one outage that lasts until Close", before, st)
	}
	if again := s.Stats(); again != st {
		t.Errorf("after Close the counters change: %+v, %+v", st, again)
	}
}

func TestCloseWhileReopening(t *testing.T) {
	opening := make(chan struct{})
	late := &flappingSource{frames: 1}
	opens := 0
	s, err := openReopening(func() (Source, error) {
		if opens++; opens == 1 {
			return &flappingSource{end: errDown}, nil
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
	if why := s.Stats().LastError; why != "" {
		t.Errorf("LastError of a closed source is %q", why)
	}
	opening <- struct{}{}
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("Next returned %v", err)
	}
	if !late.closed.Load() {
		t.Error("the source opened after Close is still open")
	}
	if err := s.Next(&f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Next after Close returned %v", err)
	}
}

func TestReopeningSourceRequiresTheInterfaceAtFirst(t *testing.T) {
	if _, err := openReopening(func() (Source, error) { return nil, errDown }, time.Hour); !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
}

// TestFinishWhileAnInterfaceIsOpenedAgainEndsTheSource calls Finish at the moment at which an interface
// is back and its new source is not yet known.
func TestFinishWhileAnInterfaceIsOpenedAgainEndsTheSource(t *testing.T) {
	second := &flappingSource{frames: 2, end: ErrIdle}
	var s *reopeningSource
	opened := 0
	src, err := openReopening(func() (Source, error) {
		if opened++; opened == 1 {
			return &flappingSource{end: errDown}, nil
		}
		s.Finish()
		return second, nil
	}, time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	s = src.(*reopeningSource)
	var f Frame
	for tries := 0; ; tries++ {
		err := s.Next(&f)
		if err != nil && !errors.Is(err, ErrIdle) {
			break
		}
		if tries == 100 {
			t.Fatalf("Next goes on after Finish: %v", err)
		}
	}
	if opened != 2 || !second.closed.Load() {
		t.Errorf("%d sources were opened, the second is left open", opened)
	}
}
