package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// headBytes is how much of a file's start tells whether it was overwritten: a header and the time of
// the first frame.
const headBytes = 64

// tail is a file of a folder that may still grow, as a stream.
type tail struct {
	*streamSource
	member  *member
	reader  *tailReader
	file    fileSource // path and interfaces, for filesSource
	indexes []assignedIndex
	skip    uint64 // frames that were read before
	told    uint64 // drops that the file told then
}

// openTail opens a member of the folder at path. A compressed one is read to its present end only.
func openTail(path string, m *member) (*tail, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	r := &tailReader{file: file, head: m.head, done: make(chan struct{}), wake: make(chan struct{}, 1)}
	r.final.Store(m.packed)
	t := &tail{member: m, reader: r, skip: m.read, told: m.drops}
	t.streamSource = newStream(path, &onlyInput{file: r})
	t.file = fileSource{path: path, table: t.table}
	return t, nil
}

// errLost says that a writer was faster than the reader.
func errLost(path string) error {
	return fmt.Errorf("capture file %q was removed or overwritten before it was read to its end", path)
}

// tailReader reads a file that grows. At its end it waits, until finish or Close is called.
type tailReader struct {
	file        *os.File
	head        []byte // start of the file
	offset      int64
	final       atomic.Bool   // the end is the end
	atEnd       atomic.Bool   // it waits: all was read
	asked       atomic.Uint64 // the latest question of isReadSince
	answered    atomic.Uint64 // asked, before it last came to the end
	overwritten atomic.Bool   // the file has another content now
	lost        atomic.Bool   // and what it had before was not read to its end
	closed      atomic.Bool
	done        chan struct{} // closed by Close
	wake        chan struct{} // has room for one
}

func (r *tailReader) Read(p []byte) (int, error) {
	for {
		final, asked := r.final.Load(), r.asked.Load() // before reading: what was written before is to be read
		n, err := r.file.Read(p)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return n, err
		case !r.isUnchanged():
			r.lost.Store(!r.atEnd.Load())
			r.overwritten.Store(true)
			return 0, io.EOF
		case n > 0:
			r.offset += int64(n)
			r.atEnd.Store(false)
			return n, nil
		case final:
			return 0, io.EOF
		}
		r.answered.Store(asked)
		r.atEnd.Store(true)
		select {
		case <-r.done:
			return 0, os.ErrClosed
		case <-r.wake:
		case <-time.After(tailInterval):
		}
	}
}

// isReadSince reports whether all was read that had been written before scan number n.
func (r *tailReader) isReadSince(n uint64) bool {
	if r.answered.Load() < n {
		r.asked.Store(n)
		select {
		case r.wake <- struct{}{}:
		default:
		}
		return false
	}
	return r.atEnd.Load()
}

// isUnchanged reports whether the file still has what was read of it: tcpdump -W overwrites the files of a ring.
func (r *tailReader) isUnchanged() bool {
	info, err := r.file.Stat()
	if err != nil || info.Size() < r.offset {
		return false
	}
	now := make([]byte, len(r.head))
	_, err = r.file.ReadAt(now, 0)
	return err == nil && bytes.Equal(now, r.head)
}

func (r *tailReader) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	close(r.done)
	return r.file.Close()
}

// drops returns how many packets the file says were dropped, without those it said before.
func (t *tail) drops() uint64 {
	return max(t.Stats().KernelDrops, t.told) - t.told
}

// problem returns why a tail that ended with err was not read completely; nil if it was.
func (t *tail) problem(err error) error {
	switch {
	case t.reader.overwritten.Load() && t.reader.lost.Load():
		return errLost(t.name)
	case t.reader.overwritten.Load(), errors.Is(err, io.EOF):
		return nil
	}
	return err
}
