package capture

import (
	"io"
	"os"
)

// readAhead reads a stream in a goroutine of its own, a few chunks ahead of
// whoever takes them, so that a file is unpacked beside everything that is done
// with its frames.
//
// It has aheadChunks chunks of memory and no more: one is looked at, the others
// are full, empty or being read into. Both channels have room for all.
type readAhead struct {
	full  chan chunk    // in the order of the stream
	empty chan []byte   // to be read into
	stop  chan struct{} // closed by whoever gives up
}

// chunk is a piece of the stream, buf[aheadReserve:end]. What is before it is
// for what the one before left over. err is what the stream ended with.
type chunk struct {
	buf []byte
	end int
	err error
}

// startReadAhead reads src until it ends, or until stop is closed and what src
// waits for, too. A chunk has least octets or more, but for the last one. Nobody
// else may read src from then on.
func startReadAhead(src io.Reader, least int, stop chan struct{}) *readAhead {
	a := &readAhead{
		full:  make(chan chunk, aheadChunks),
		empty: make(chan []byte, aheadChunks),
		stop:  stop,
	}
	for range aheadChunks {
		a.empty <- make([]byte, chunkBytes)
	}
	go a.run(src, least)
	return a
}

func (a *readAhead) run(src io.Reader, least int) {
	for {
		var c chunk
		select {
		case c.buf = <-a.empty:
		case <-a.stop:
			return
		}
		var got int
		got, c.err = readAtLeast(src, c.buf[aheadReserve:], least)
		c.end = aheadReserve + got
		a.full <- c
		if c.err != nil {
			return
		}
	}
}

// next is the next chunk, without memory if it was given up.
func (a *readAhead) next() chunk {
	select {
	case c := <-a.full:
		return c
	case <-a.stop:
		return chunk{err: os.ErrClosed}
	}
}

// free gives memory back that is no longer looked at. What the window had before
// the first chunk is too small.
func (a *readAhead) free(buf []byte) {
	if len(buf) == chunkBytes {
		a.empty <- buf
	}
}

// readAtLeast is [io.ReadAtLeast] but for the end of src, which stays what it is,
// and a reader that returns nothing again and again.
func readAtLeast(src io.Reader, buf []byte, least int) (n int, err error) {
	for idle := 0; n < least && err == nil; {
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
