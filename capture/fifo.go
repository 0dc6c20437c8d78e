package capture

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// isNamed reports whether path is a pipe with a name in a file system, which other
// writers can open later. /dev/fd/63 is a link to one without.
func isNamed(path string) bool {
	_, err := filepath.EvalSymlinks(path)
	return err == nil
}

// fifo reads a named pipe. It stays open between writers: a writer that finds no reader
// would wait, or end with SIGPIPE.
type fifo struct {
	path   string
	file   *os.File
	done   chan struct{}
	closed atomic.Bool
}

func openFIFO(path string) (*fifo, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // doesn't wait for a writer
	if err != nil {
		return nil, err
	}
	return &fifo{path: path, file: file, done: make(chan struct{})}, nil
}

func (p *fifo) more() bool { return !p.closed.Load() }

// next waits until a writer has written something.
func (p *fifo) next() (io.ReadCloser, error) {
	w := &fifoWriter{file: p.file}
	for {
		// Reading is the only portable way to learn of a writer: without one it ends at once.
		n, err := p.file.Read(w.first[:])
		if n > 0 {
			w.left = w.first[:n]
			return w, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		select {
		case <-p.done:
			return nil, errClosed(p.path)
		case <-time.After(fifoInterval):
		}
	}
}

func (p *fifo) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	close(p.done)
	return p.file.Close()
}

// fifoWriter is what one writer of a named pipe writes. Close leaves the pipe open.
type fifoWriter struct {
	file  *os.File
	first [4 << 10]byte

	mu    sync.Mutex // a decompressor that was given up may still read
	left  []byte     // of first, not yet read
	ended bool
}

func (w *fifoWriter) Read(p []byte) (n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.ended:
		return 0, io.EOF // what comes now is of the next writer
	case len(w.left) > 0:
		n = copy(p, w.left)
		w.left = w.left[n:]
	default:
		n, err = w.file.Read(p)
		w.ended = err != nil
	}
	return n, err
}

func (w *fifoWriter) Close() error { return nil }
