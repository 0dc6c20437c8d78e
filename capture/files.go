package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// OpenFiles opens several capture files as one source. They are read one after
// another, ordered by the time of their first frame, so that flows go on from
// one rotated file to the next.
//
// An interface is the same in all files by its name (one of a classic pcap has
// none), and keeps its index. But a file that starts before an earlier one of
// the same interface ended was captured somewhere else at that time. Its
// interfaces get indexes of their own then, and names that start with that of
// the file; time jumps back to where it starts.
//
// A file that cannot be opened, or is no capture, fails OpenFiles. One that
// turns out to be cut or damaged while it is read doesn't stop the others:
// Next tells of all such files at the end, instead of io.EOF.
func OpenFiles(paths []string) (Source, error) {
	switch len(paths) {
	case 0:
		return nil, errors.New("open capture files: none is given")
	case 1:
		return OpenFile(paths[0])
	}
	s := &filesSource{}
	for _, path := range paths {
		p, err := probe(path)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.parts = append(s.parts, p)
	}
	slices.SortStableFunc(s.parts, func(a, b part) int { return cmp.Compare(a.start, b.start) })
	s.name = fmt.Sprintf("%s and %d more", s.parts[0].path, len(paths)-1)
	return s, nil
}

// part is a file that waits for its turn.
type part struct {
	path  string
	start int64 // ns, of the first frame

	// A pipe cannot be opened again, so it stays open with its first frame.
	pipe  *fileSource
	first Frame
	err   error // of reading the first frame
}

// probe finds out when a file starts. One without a first frame comes last.
func probe(path string) (part, error) {
	src, err := openFile(path)
	if err != nil {
		return part{}, err
	}
	p := part{path: path}
	if p.err = src.Next(&p.first); p.err == nil {
		p.start = p.first.TimeNS
	} else {
		p.start = math.MaxInt64
	}
	if info, err := src.file.Stat(); err == nil && !info.Mode().IsRegular() {
		p.pipe = src
		return p, nil
	}
	p.first.Data = nil // the window is freed
	return p, src.Close()
}

// filesSource is several files, one after another.
type filesSource struct {
	name   string
	table  interfaces
	placed []placement // of the current file's interfaces
	lanes  []lane      // by the source's index of an interface
	again  *part       // whose first frame is still to be handed out
	misfit error       // of a frame of the current file that has no place; Next tells
	errs   []error
	closed atomic.Bool

	mu      sync.Mutex // what follows is seen by other goroutines
	parts   []part     // not begun
	current *fileSource
	done    Stats // of the files that were read
}

// placement is the index in the source of a file's interface.
type placement struct {
	index uint16
	known bool
}

// lane is the time that the frames of one interface cover, in ns.
type lane struct{ first, last int64 }

// overlaps reports whether a file that starts at start is another capture of
// the same time, and not the next one of a rotation.
func (l lane) overlaps(start int64) bool {
	slack := min((l.last-l.first)/overlapShare, int64(overlapMax))
	return start < l.last-slack
}

func (s *filesSource) Next(f *Frame) error {
	for {
		if s.current == nil {
			if err := s.advance(); err != nil {
				return err
			}
		}
		err := s.read(f)
		if err == nil {
			err = s.place(f)
		}
		if err == nil {
			return nil
		}
		if s.closed.Load() {
			return errClosed(s.name)
		}
		s.finish(err)
	}
}

func (s *filesSource) More(fs []Frame) int {
	if s.current == nil || s.misfit != nil {
		return 0
	}
	fs = fs[:s.current.more(fs)]
	for i := range fs {
		if s.misfit = s.place(&fs[i]); s.misfit != nil {
			s.current.count(fs[:i+1]) // as Next counts one without a place
			return i
		}
	}
	s.current.count(fs)
	return len(fs)
}

// read takes the next frame of the current file.
func (s *filesSource) read(f *Frame) error {
	if err := s.misfit; err != nil {
		s.misfit = nil
		return err
	}
	if p := s.again; p != nil {
		s.again = nil
		*f = p.first
		return p.err
	}
	return s.current.Next(f)
}

// advance begins the next file. After the last one it returns what ends the
// source.
func (s *filesSource) advance() error {
	for {
		s.mu.Lock()
		if s.closed.Load() {
			s.mu.Unlock()
			return errClosed(s.name)
		}
		if len(s.parts) == 0 {
			s.mu.Unlock()
			return s.end()
		}
		p := s.parts[0]
		s.parts = s.parts[1:]
		src := p.pipe
		var err error
		if src == nil {
			src, err = openFile(p.path)
		} else {
			s.again = &p
		}
		if err == nil {
			s.current = src
		}
		s.mu.Unlock()

		if err == nil {
			s.placed = s.placed[:0]
			return nil
		}
		s.errs = append(s.errs, err)
	}
}

// finish ends the current file with err.
func (s *filesSource) finish(err error) {
	s.current.publish()
	s.current.Close()
	if err != io.EOF {
		s.errs = append(s.errs, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = s.done.plus(s.current.Stats())
	s.current = nil
}

// end is what Next returns when all files were read.
func (s *filesSource) end() error {
	switch len(s.errs) {
	case 0:
		return io.EOF
	case 1:
	default:
		s.errs = []error{errors.Join(s.errs...)} // to be the same each time
	}
	return s.errs[0]
}

// place puts the frame onto the source's index of its interface.
func (s *filesSource) place(f *Frame) error {
	for int(f.Interface) >= len(s.placed) {
		s.placed = append(s.placed, placement{})
	}
	p := &s.placed[f.Interface]
	if !p.known {
		index, err := s.assign(s.current.table.id(f.Interface), f.TimeNS)
		if err != nil {
			return fmt.Errorf("capture file %q: %w in all files together", s.current.path, err)
		}
		*p = placement{index, true}
	}
	f.Interface = p.index
	l := &s.lanes[p.index]
	l.first, l.last = min(l.first, f.TimeNS), max(l.last, f.TimeNS)
	return nil
}

// assign finds the index for an interface whose first frame in the current
// file is at start.
func (s *filesSource) assign(id interfaceID, start int64) (uint16, error) {
	i, seen := s.table.index[id]
	var err error
	switch {
	case !seen:
		i, err = s.table.indexOf(id)
	case s.lanes[i].overlaps(start):
		name := filepath.Base(s.current.path)
		if id.name != "" {
			name += ":" + id.name
		}
		i, err = s.table.add(interfaceID{name, id.nth})
	default:
		return i, nil
	}
	if err == nil {
		s.lanes = append(s.lanes, lane{start, start})
	}
	return i, err
}

func (s *filesSource) Live() bool   { return false }
func (s *filesSource) Name() string { return s.name }

func (s *filesSource) InterfaceName(i uint16) string { return s.table.id(i).name }

func (s *filesSource) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		return s.done.plus(s.current.Stats())
	}
	return s.done
}

func (s *filesSource) Close() error {
	s.closed.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parts {
		if p.pipe != nil {
			p.pipe.Close()
		}
	}
	s.parts = nil
	if s.current != nil {
		return s.current.Close()
	}
	return nil
}
