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

// OpenFiles opens several capture files as one source. They are read in the order of
// their first frame's time, so that flows continue from one rotated file to the
// next.
//
// Interfaces of the same name share an index across files; the interface of a
// classic pcap file has an empty name. But a file that starts before an earlier one
// with the same interface ended was captured elsewhere at the same time. Its
// interface then gets a separate index and a name prefixed with the file's, and time
// jumps back to the start of that file.
//
// A file that can't be opened, is empty, is not a capture, or proves to be truncated or damaged
// does not stop the others: after the last file, Next returns the errors of all such files instead of
// io.EOF. OpenFiles fails if it can open none of them.
func OpenFiles(paths []string) (Source, error) {
	switch len(paths) {
	case 0:
		return nil, errors.New("open capture files: none given")
	case 1:
		return OpenFile(paths[0])
	}
	s := &filesSource{}
	for _, path := range paths {
		p, err := probe(path)
		if err != nil {
			s.errs = append(s.errs, &PartialError{err})
			continue
		}
		s.queue = append(s.queue, p)
	}
	if len(s.queue) == 0 {
		return nil, errors.Join(s.errs...)
	}
	slices.SortStableFunc(s.queue, func(a, b queuedFile) int { return cmp.Compare(a.start, b.start) })
	s.name = fmt.Sprintf("%s and %d more", s.queue[0].path, len(paths)-1) // as they were asked for
	return s, nil
}

// queuedFile is a file that was probed and is still to be read.
type queuedFile struct {
	path  string
	start int64 // ns, of the first frame

	// A pipe can't be opened twice, so it stays open, with its first frame.
	pipe  *fileSource
	first Frame
	err   error // from reading the first frame
}

// probe determines when a file starts. Files without a frame sort last.
func probe(path string) (queuedFile, error) {
	src, err := openFile(path)
	if err != nil {
		return queuedFile{}, err
	}
	p := queuedFile{path: path}
	if p.err = src.Next(&p.first); p.err == nil {
		p.start = p.first.TimeNS
	} else {
		p.start = math.MaxInt64
	}
	if src.once {
		p.pipe = src
		return p, nil
	}
	p.first.Data = nil // it is in the window, which is released
	return p, src.Close()
}

// filesSource reads several files in sequence.
type filesSource struct {
	name        string
	table       interfaces
	indexes     []assignedIndex // by the current file's index of an interface
	spans       []timeSpan      // by this source's index of an interface
	replay      *queuedFile     // its first frame was read by probe and is still to be returned
	deferredErr error           // of a frame in More, for Next to return
	errs        []error
	closed      atomic.Bool

	mu       sync.Mutex   // guards the fields below, which other goroutines use
	queue    []queuedFile // not yet opened
	current  *fileSource
	finished Stats // of the files that were read completely
}

// assignedIndex is this source's index of an interface of the current file.
type assignedIndex struct {
	index uint16
	known bool
}

// timeSpan is the time covered by the frames of an interface, in ns since 1970 UTC.
type timeSpan struct{ first, last int64 }

// overlaps reports whether a file that starts at start is another capture of the
// same time, as opposed to the next one of a rotation.
func (l timeSpan) overlaps(start int64) bool {
	slack := min((l.last-l.first)/overlapFraction, int64(overlapMax))
	return start < l.last-slack
}

func (s *filesSource) Next(f *Frame) error {
	for {
		if s.current == nil {
			if err := s.openNext(); err != nil {
				return err
			}
		}
		err := s.read(f)
		if err == nil {
			err = s.setInterface(f)
		}
		if err == nil {
			return nil
		}
		if s.closed.Load() {
			return errClosed(s.name)
		}
		s.closeCurrent(err)
	}
}

func (s *filesSource) More(fs []Frame) int {
	if s.current == nil || s.deferredErr != nil {
		return 0
	}
	fs = fs[:s.current.more(fs)]
	for i := range fs {
		if s.deferredErr = s.setInterface(&fs[i]); s.deferredErr != nil {
			s.current.count(fs[:i+1]) // as Next counts a frame that fails
			return i
		}
	}
	s.current.count(fs)
	return len(fs)
}

// read returns the next frame of the current file.
func (s *filesSource) read(f *Frame) error {
	if err := s.deferredErr; err != nil {
		s.deferredErr = nil
		return err
	}
	if p := s.replay; p != nil {
		s.replay = nil
		*f = p.first
		return p.err
	}
	return s.current.Next(f)
}

// openNext opens the next file. After the last one it returns the error that ends
// the source.
func (s *filesSource) openNext() error {
	for {
		s.mu.Lock()
		if s.closed.Load() {
			s.mu.Unlock()
			return errClosed(s.name)
		}
		if len(s.queue) == 0 {
			s.mu.Unlock()
			return s.end()
		}
		p := s.queue[0]
		s.queue = s.queue[1:]
		src := p.pipe
		var err error
		if src == nil {
			src, err = openFile(p.path)
		} else {
			s.replay = &p
		}
		if err == nil {
			s.current = src
		}
		s.mu.Unlock()

		if err == nil {
			s.indexes = s.indexes[:0]
			return nil
		}
		s.errs = append(s.errs, &PartialError{err})
	}
}

// closeCurrent closes the current file, which ended with err.
func (s *filesSource) closeCurrent(err error) {
	s.current.publish()
	s.current.Close()
	if !errors.Is(err, io.EOF) {
		s.errs = append(s.errs, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished = s.finished.plus(s.current.Stats())
	s.current = nil
}

// end returns the error of Next after the last file.
func (s *filesSource) end() error {
	switch len(s.errs) {
	case 0:
		return io.EOF
	case 1:
	default:
		s.errs = []error{errors.Join(s.errs...)} // the same value in every call
	}
	return s.errs[0]
}

// setInterface replaces the file's interface index in f by this source's.
func (s *filesSource) setInterface(f *Frame) error {
	for int(f.Interface) >= len(s.indexes) {
		s.indexes = append(s.indexes, assignedIndex{})
	}
	p := &s.indexes[f.Interface]
	if !p.known {
		index, err := s.assignIndex(s.current.table.id(f.Interface), f.TimeNS)
		if err != nil {
			return fmt.Errorf("capture file %q: %w in all files together", s.current.path, err)
		}
		*p = assignedIndex{index, true}
	}
	f.Interface = p.index
	l := &s.spans[p.index]
	l.first, l.last = min(l.first, f.TimeNS), max(l.last, f.TimeNS)
	return nil
}

// assignIndex returns the index of an interface whose first frame in the current
// file is at start, in ns since 1970 UTC.
func (s *filesSource) assignIndex(id interfaceID, start int64) (uint16, error) {
	i, seen := s.table.index[id]
	var err error
	switch {
	case !seen:
		i, err = s.table.indexOf(id)
	case s.spans[i].overlaps(start):
		name := filepath.Base(s.current.path)
		if label := id.label(); label != "" {
			name += ":" + label
		}
		i, err = s.table.add(interfaceID{name: name, nth: id.nth})
	default:
		return i, nil
	}
	if err == nil {
		s.spans = append(s.spans, timeSpan{start, start})
	}
	return i, err
}

func (s *filesSource) Live() bool   { return false }
func (s *filesSource) Name() string { return s.name }

func (s *filesSource) InterfaceName(i uint16) string { return s.table.id(i).label() }

func (s *filesSource) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		return s.finished.plus(s.current.Stats())
	}
	return s.finished
}

func (s *filesSource) Close() error {
	s.closed.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.queue {
		if p.pipe != nil {
			p.pipe.Close()
		}
	}
	s.queue = nil
	if s.current != nil {
		return s.current.Close()
	}
	return nil
}
