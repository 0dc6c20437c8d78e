package capture

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Stdin is the path that stands for standard input in [OpenFile] and [OpenStream].
const Stdin = "-"

// stdinName is the name of standard input in messages.
const stdinName = "standard input"

// IsStream reports whether path is standard input, a pipe or a socket, which are read while they are
// written: see [OpenStream].
func IsStream(path string) bool {
	var info os.FileInfo
	var err error
	if isStdin(path) {
		info, err = os.Stdin.Stat()
	} else {
		info, err = os.Stat(path)
	}
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

func isStdin(path string) bool { return path == Stdin || path == "/dev/stdin" }

// streamSource reads a pipe while it is written. A goroutine waits for the writer, and lends frames to
// Next, so that Next can return ErrIdle. One goroutine calls Next and More, any the other methods.
type streamSource struct {
	name   string
	input  streamInput
	table  *interfaces
	done   chan struct{} // closed by Close
	closed atomic.Bool
	finish atomic.Pointer[time.Time] // when Finish was called; nil: not yet

	lent     chan []Frame  // by the reading goroutine, until it receives from returned; closed at the end
	returned chan struct{} // has room for one
	frames   []Frame       // lent and not yet returned by Next or More
	holding  bool          // frames were lent and not given back
	pause    *time.Timer   // of Next

	mu      sync.Mutex // guards the fields below
	current *fileSource
	stats   Stats // of the writers that have ended, and the state
	err     error // why it ended; valid once lent is closed
}

// streamInput is what a stream reads: the captures of one writer or of several, one after the other.
type streamInput interface {
	io.Closer

	// next waits for a writer and returns what it writes. It fails if there will be none.
	next() (io.ReadCloser, error)

	// more reports whether another writer may come after the current one.
	more() bool
}

// OpenStream opens a pipe, or standard input if path is Stdin, as a live source. It neither waits for a
// writer nor for the header of its capture, which may be compressed, as in a file.
//
// The end of standard input or of an unnamed pipe ends the source: with io.EOF, or with an error as for
// [OpenFile]. A named pipe may be opened by other writers then: Stats.LastError says why there are no
// frames meanwhile, and the next writer starts with a header of its own.
func OpenStream(path string) (Source, error) {
	if isStdin(path) {
		return newStream(stdinName, &onlyInput{file: io.NopCloser(os.Stdin)}), nil
	}
	if isNamed(path) {
		in, err := openFIFO(path)
		if err != nil {
			return nil, openError(path, err)
		}
		return newStream(path, in), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	return newStream(path, &onlyInput{file: file}), nil
}

func newStream(name string, in streamInput) *streamSource {
	s := &streamSource{
		name: name, input: in, table: new(interfaces),
		done: make(chan struct{}), lent: make(chan []Frame), returned: make(chan struct{}, 1),
		pause: time.NewTimer(0),
	}
	go s.run()
	return s
}

// run reads until the last writer has ended.
func (s *streamSource) run() {
	defer close(s.lent)
	for {
		err := s.readWriter()
		if !s.input.more() || s.closed.Load() {
			s.mu.Lock()
			s.err = err
			s.mu.Unlock()
			return
		}
		s.detach(err)
	}
}

// readWriter reads what one writer writes and returns the error that ended it.
func (s *streamSource) readWriter() error {
	in, err := s.input.next()
	if err != nil {
		return err
	}
	src, err := newFileSource(s.name, in, s.table, true)
	if err != nil {
		drain(in)
		return err
	}
	defer src.Close()
	s.attach(src)
	frames := make([]Frame, streamBatch)
	for {
		if err := src.Next(&frames[0]); err != nil {
			drain(in)
			return err
		}
		n := 1 + src.More(frames[1:])
		src.publish()
		select {
		case s.lent <- frames[:n]:
		case <-s.done:
			return errClosed(s.name)
		}
		select {
		case <-s.returned:
		case <-s.done:
			return errClosed(s.name)
		}
	}
}

// drain reads what a writer still writes behind damage, until it ends, so that the next one
// can be told from it.
func drain(in io.ReadCloser) {
	if r, ok := in.(*fifoWriter); ok {
		_, _ = io.Copy(io.Discard, r) // ends with the writer, or with Close
	}
}

// attach notes that a writer has begun.
func (s *streamSource) attach(src *fileSource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = src
	s.stats.LastError = ""
	if s.stats.Outages > 0 {
		s.stats.UpAt = time.Now()
		s.stats.Away += s.stats.UpAt.Sub(s.stats.DownAt)
	}
}

// detach notes that a writer has ended, and why.
func (s *streamSource) detach(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stats.DownAt.After(s.stats.UpAt) { // the previous one, too, and nothing came in between
		s.stats.Away += time.Since(s.stats.DownAt)
	}
	if s.current != nil {
		s.stats = s.stats.plus(s.current.Stats())
		s.current = nil
	}
	s.stats.LastError = "its writer has ended"
	if !errors.Is(why, io.EOF) {
		s.stats.LastError = why.Error()
	}
	s.stats.Outages++
	s.stats.DownAt = time.Now()
}

func (s *streamSource) Next(f *Frame) error {
	if s.closed.Load() {
		return errClosed(s.name)
	}
	if len(s.frames) == 0 {
		if err := s.borrow(IdleInterval); err != nil {
			return err
		}
	}
	*f = s.frames[0]
	s.frames = s.frames[1:]
	return nil
}

func (s *streamSource) More(fs []Frame) int {
	n := copy(fs, s.frames)
	s.frames = s.frames[n:]
	return n
}

// borrow gives the frames back that were read, and waits for others.
func (s *streamSource) borrow(wait time.Duration) error {
	if s.holding {
		s.holding = false
		s.returned <- struct{}{}
	}
	if end := s.finish.Load(); end != nil && time.Since(*end) > streamFinishTime {
		return errClosed(s.name)
	}
	s.pause.Reset(wait)
	select {
	case frames, ok := <-s.lent:
		if ok {
			s.frames, s.holding = frames, true
			return nil
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.err
	case <-s.done:
		return errClosed(s.name)
	case <-s.pause.C:
	}
	if s.finish.Load() != nil {
		return errClosed(s.name)
	}
	return ErrIdle
}

// Finish makes Next return what the writer has written so far, and then end: soon, as the writer may
// go on.
func (s *streamSource) Finish() {
	now := time.Now()
	s.finish.CompareAndSwap(nil, &now)
}

func (s *streamSource) Live() bool   { return true }
func (s *streamSource) Stream()      {}
func (s *streamSource) Name() string { return s.name }

func (s *streamSource) InterfaceName(i uint16) string { return s.table.id(i).label() }

func (s *streamSource) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	if s.current != nil {
		st = st.plus(s.current.Stats())
	} else if st.Outages > 0 && !s.closed.Load() {
		st.Away += time.Since(st.DownAt)
	}
	return st
}

func (s *streamSource) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	close(s.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		s.current.Close()
	}
	return s.input.Close()
}

// onlyInput is a stream with one writer.
type onlyInput struct {
	file io.ReadCloser
}

func (o *onlyInput) next() (io.ReadCloser, error) { return o.file, nil }
func (o *onlyInput) more() bool                   { return false }
func (o *onlyInput) Close() error                 { return o.file.Close() }
