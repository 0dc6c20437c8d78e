package capture

import (
	"errors"
	"time"
)

// ErrIdle is returned by Next if a live source received no frame for IdleInterval. It
// is not a failure: the caller may check its timers and call Next again.
var ErrIdle = errors.New("no frame yet")

// IdleInterval is the maximum time that Next of a live source blocks.
const IdleInterval = 100 * time.Millisecond

// LinkType is a link-layer header type of the tcpdump.org registry (LINKTYPE_
// values): 1 Ethernet, 101 raw IP, 113 Linux SLL, 276 Linux SLL2, …
type LinkType uint16

// Frame is one captured link-layer frame.
type Frame struct {
	TimeNS    int64    // capture time, ns since 1970 UTC
	Data      []byte   // captured octets, link layer included; owned by the source
	WireLen   int      // octets on the wire, ≥ len(Data) unless the file is inconsistent
	Link      LinkType // link-layer header that Data starts with
	Interface uint16   // index for Source.InterfaceName
}

// Source is a source of frames. One goroutine calls Next. Any goroutine may call
// Stats, Live and InterfaceName, and Close, repeatedly, which unblocks Next.
//
// Frames are returned in capture order, but time may jump back: a capture on several
// CPUs is out of order by microseconds, a host's clock may be set, and [OpenFiles]
// goes back to the start of a file that covers the same time as the one before.
type Source interface {
	// Next fills f with the next frame. f.Data is valid until the next call of
	// Next or Close. It returns ErrIdle if a live source received no frame for
	// IdleInterval, io.EOF at the end of a file, and otherwise an error that
	// ends the source. Files block on disk reads only.
	Next(f *Frame) error

	// Live reports whether frames have the current time, so that time passes
	// while Next returns ErrIdle.
	Live() bool

	// Name returns the name of the source: an interface or a file.
	Name() string

	// InterfaceName returns the name of the interface with the given index, ""
	// if it is unknown. It does not block.
	InterfaceName(i uint16) string

	// Stats returns the current counters. It does not block.
	Stats() Stats

	// Close releases the source.
	Close() error
}

// Bulk is a Source, such as a file, that can return many frames per call.
type Bulk interface {
	Source

	// More fills fs with the next frames that are already buffered and returns
	// their number. It neither blocks nor fails: the frame after them, or its
	// error, comes from Next. Their Data, like that of the frames before, is valid
	// until the next call of Next or Close.
	More(fs []Frame) int
}

// Stream is a Source that is read while it is written, such as a pipe. Unlike an interface it loses
// nothing while it is not read. Next returns ErrIdle if there is no frame for IdleInterval; Live reports
// whether time passes meanwhile.
type Stream interface {
	Bulk

	// Stream marks the type.
	Stream()
}

// Finisher is a live Source that can end after the frames that have arrived so far.
type Finisher interface {
	Source

	// Finish makes Next return these frames and then an error, within a bounded time.
	Finish()
}

// Stats are the counters of a source since it was opened. They never decrease.
type Stats struct {
	Frames      uint64 // frames returned
	Octets      uint64 // sum of their wire lengths
	KernelDrops uint64 // frames that the kernel dropped because the ring was full, or that were in the ring when it was closed; of a file those that it says were lost when it was captured
	LastError   string // why the source has no frames at the moment; "" while it works
	Problem     string // the latest part of the source that could not be read completely; the others were

	Outages uint64        // number of outages: its interface was down or removed, or could not be read
	Away    time.Duration // total duration of the outages, including a current one
	DownAt  time.Time     // start of the latest outage; zero: none
	UpAt    time.Time     // end of the latest outage that is over; zero: none
}

// plus returns s with the counters of frames of other added.
func (s Stats) plus(other Stats) Stats {
	s.Frames += other.Frames
	s.Octets += other.Octets
	s.KernelDrops += other.KernelDrops
	return s
}
