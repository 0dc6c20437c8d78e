package capture

import (
	"io"
	"os"
)

// readAhead reads a stream in a separate goroutine, a few chunks ahead of the
// consumer, so that a file is decompressed while its frames are processed.
//
// It owns readAheadChunks buffers: the consumer holds one, the others are full, empty
// or being filled. Both channels have room for all of them.
type readAhead struct {
	full  chan chunk    // in stream order
	empty chan []byte   // to be filled
	stop  chan struct{} // closed when the consumer stops
}

// chunk is a part of the stream, buf[readAheadReserve:end]. The space before it is for
// the unread rest of the previous chunk. err is the error that ended the stream.
type chunk struct {
	buf []byte
	end int
	err error
}

// startReadAhead starts to read src until it ends or stop is closed. A blocked read
// is not interrupted: close the file under src, too. A chunk other than the last has
// at least minimum octets. The caller must not read src afterwards.
func startReadAhead(src io.Reader, minimum int, stop chan struct{}) *readAhead {
	a := &readAhead{
		full:  make(chan chunk, readAheadChunks),
		empty: make(chan []byte, readAheadChunks),
		stop:  stop,
	}
	for range readAheadChunks {
		a.empty <- make([]byte, chunkBytes)
	}
	go a.run(src, minimum)
	return a
}

func (a *readAhead) run(src io.Reader, minimum int) {
	for {
		var c chunk
		select {
		case c.buf = <-a.empty:
		case <-a.stop:
			return
		}
		var got int
		got, c.err = readAtLeast(src, c.buf[readAheadReserve:], minimum)
		c.end = readAheadReserve + got
		a.full <- c
		if c.err != nil {
			return
		}
	}
}

// next returns the next chunk, without a buffer after stop was closed.
func (a *readAhead) next() chunk {
	select {
	case c := <-a.full:
		return c
	case <-a.stop:
		return chunk{err: os.ErrClosed}
	}
}

// recycle returns a buffer for reuse. It ignores the window's first buffer, which is
// too small.
func (a *readAhead) recycle(buf []byte) {
	if len(buf) == chunkBytes {
		a.empty <- buf
	}
}

// readAtLeast is [io.ReadAtLeast], except that it returns the error of src unchanged
// at the end, and gives up on a reader that repeatedly returns nothing.
func readAtLeast(src io.Reader, buf []byte, minimum int) (n int, err error) {
	for idle := 0; n < minimum && err == nil; {
		var got int
		got, err = src.Read(buf[n:])
		n += got
		if idle++; got > 0 {
			idle = 0
		} else if idle == 100 && err == nil { // as bufio does
			err = io.ErrNoProgress
		}
	}
	return n, err
}
