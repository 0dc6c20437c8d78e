package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// folderSource follows a folder of rotated captures. Frames are read by streams, one for each file that
// may still grow; the goroutine that calls Next looks for other files.
type folderSource struct {
	path    string
	files   filesSource        // assigns interfaces
	members map[string]*member // by name
	copies  []signature        // of members that are gone: their compressed copy may follow
	queue   []*member          // to be read, by time of the first frame
	lost    []*member          // that were removed from queue by the current scan
	scans   uint64
	tails   []*tail   // the latest that had frames first
	scanAt  time.Time // when to look for files again
	err     error     // why it ended
	closed  atomic.Bool

	mu       sync.Mutex // guards the fields below, which other goroutines use
	open     []*tail    // as tails
	stats    Stats
	problems uint64
}

// OpenFolder opens a folder of capture files as one source that is read while the files are written, as
// by tcpdump -G or -C: it waits at the end of the latest file for more, and for the next file.
//
// Files are read in the order of their first frames; a file without a frame is waited for. A file that is
// overwritten, as in a ring (tcpdump -W), is read again; a file that is renamed or compressed is not.
// Other files, hidden ones, and folders in the folder are ignored. Interfaces are those of [OpenFiles].
//
// Time does not pass while Next returns ErrIdle: the writer may keep frames back. Stats.Problem describes
// files that could not be read completely. Close ends the source.
func OpenFolder(path string) (Source, error) {
	if _, err := listFolder(path); err != nil {
		return nil, err
	}
	return &folderSource{path: path, members: map[string]*member{}}, nil
}

// report notes a problem of one file.
func (s *folderSource) report(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stats.Problem = err.Error(); s.problems > 0 {
		s.stats.Problem = fmt.Sprintf("%s (%d such files before)", s.stats.Problem, s.problems)
	}
	s.problems++
}

func (s *folderSource) Next(f *Frame) error {
	for deadline := time.Now().Add(IdleInterval); ; {
		switch {
		case s.closed.Load():
			return errClosed(s.path)
		case s.err != nil:
			return s.err
		}
		if time.Now().After(s.scanAt) {
			s.rescan()
		}
		if t := s.ready(); t != nil {
			*f = t.frames[0]
			if s.received(t, t.frames[:1]) == 0 {
				return s.err
			}
			f.Interface = t.frames[0].Interface
			t.frames = t.frames[1:]
			return nil
		}
		if !s.openNext() && time.Now().After(deadline) {
			return ErrIdle
		}
	}
}

func (s *folderSource) More(fs []Frame) int {
	if len(s.tails) == 0 || s.err != nil {
		return 0
	}
	t := s.tails[0]
	n := s.received(t, t.frames[:min(len(fs), len(t.frames))])
	copy(fs, t.frames[:n])
	t.frames = t.frames[n:]
	return n
}

// received counts frames of a tail and sets their interfaces. It returns how many have one: fewer only if
// there are too many interfaces, which ends the source.
func (s *folderSource) received(t *tail, frames []Frame) (n int) {
	s.files.current, s.files.indexes = &t.file, t.indexes
	octets := uint64(0)
	for n < len(frames) && s.err == nil {
		if s.err = s.files.setInterface(&frames[n]); s.err == nil {
			octets += uint64(frames[n].WireLen)
			n++
		}
	}
	t.indexes = s.files.indexes
	t.member.read += uint64(n)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Frames += uint64(n)
	s.stats.Octets += octets
	return n
}

// rescan is scan, at an interval that leaves most of the time for reading.
func (s *folderSource) rescan() {
	begun := time.Now()
	err := s.scan()
	s.scanAt = time.Now().Add(max(folderInterval, 10*time.Since(begun)))
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.stats.LastError = ""; {
	case err != nil:
		s.stats.LastError = err.Error()
	case len(s.queue)+len(s.open) == 0 && s.stats.Frames == 0:
		s.stats.LastError = "there is no capture in the folder yet"
	}
}

// ready returns a tail that has frames. It waits a moment for those of the latest one.
func (s *folderSource) ready() *tail {
	wait := tailInterval
	if len(s.tails) == 0 && len(s.queue) == 0 {
		time.Sleep(wait)
	}
	for i := 0; i < len(s.tails); {
		t := s.tails[i]
		if len(t.frames) > 0 {
			copy(s.tails[1:], s.tails[:i])
			s.tails[0] = t
			return t
		}
		err := t.borrow(wait)
		switch {
		case errors.Is(err, ErrIdle):
			wait = 0
			i++
		case err != nil:
			s.drop(i, err)
		default:
			n := min(t.skip, uint64(len(t.frames)))
			t.skip -= n
			t.frames = t.frames[n:]
		}
	}
	return nil
}

// openNext opens the next file if all that are open are read to their ends. What a rotation wrote to the
// previous file, it wrote before the next one appeared.
func (s *folderSource) openNext() bool {
	if len(s.queue) == 0 {
		return false
	}
	m := s.queue[0]
	done := true
	for _, t := range s.tails {
		done = t.reader.isReadSince(m.seen) && done
	}
	if !done {
		return false
	}
	s.queue = s.queue[1:]
	t, err := openTail(filepath.Join(s.path, m.name), m)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = errLost(filepath.Join(s.path, m.name))
		}
		s.report(err)
		m.state = finished
		return true
	}
	m.state = opened
	if len(s.queue) > 0 { // the next one is there, so this is complete; if not, it is read again when it grows
		t.reader.final.Store(true)
	}
	s.tails = append([]*tail{t}, s.tails...)
	if len(s.tails) > maxTails {
		s.tails[maxTails].reader.final.Store(true)
	}
	s.setOpen(0)
	return true
}

// drop closes a tail that ended with err.
func (s *folderSource) drop(i int, err error) {
	t := s.tails[i]
	s.tails = slices.Delete(s.tails, i, i+1)
	if why := t.problem(err); why != nil && !s.closed.Load() {
		s.report(why)
		t.member.broken = !errors.Is(why, io.ErrUnexpectedEOF)
	}
	if t.member.state == opened {
		t.member.state = finished
	}
	t.Close()
	drops := t.drops()
	t.member.drops += drops
	s.setOpen(drops)
}

// setOpen tells Close and Stats which files are open, and counts the drops of one that was.
func (s *folderSource) setOpen(drops uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.KernelDrops += drops
	if s.open = slices.Clone(s.tails); s.closed.Load() {
		s.closeOpen()
	}
}

func (s *folderSource) closeOpen() {
	for _, t := range s.open {
		t.Close()
	}
}

func (s *folderSource) Live() bool   { return false }
func (s *folderSource) Stream()      {}
func (s *folderSource) Name() string { return s.path }

func (s *folderSource) InterfaceName(i uint16) string { return s.files.table.id(i).label() }

func (s *folderSource) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	for _, t := range s.open {
		st.KernelDrops += t.drops()
	}
	return st
}

func (s *folderSource) Close() error {
	s.closed.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeOpen()
	return nil
}
