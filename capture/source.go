package capture

import (
	"errors"
	"time"
)

// ErrIdle is returned by Next when a live source saw no frame for
// IdleInterval. It is not a failure: the caller may look at its clock and call
// Next again.
var ErrIdle = errors.New("no frame for now")

// IdleInterval is the longest that Next of a live source blocks.
const IdleInterval = 100 * time.Millisecond

// LinkType is a link-layer header type out of the tcpdump.org registry
// (LINKTYPE_ values): 1 Ethernet, 101 raw IP, 113 Linux SLL, 276 Linux SLL2, …
type LinkType uint16

// Frame is one captured link-layer frame.
type Frame struct {
	TimeNS    int64    // capture time, ns since 1970 UTC
	Data      []byte   // captured octets, link layer included; owned by the source
	WireLen   int      // octets on the wire, ≥ len(Data) unless the file lies
	Link      LinkType // what Data starts with
	Interface uint16   // index for Source.InterfaceName
}

// Source is where frames come from. One goroutine calls Next; Stats, Live and
// InterfaceName may be called from any goroutine; Close may be called from any
// goroutine, once or more, and makes a blocked Next return soon.
//
// Frames come in the order in which they were captured, more or less: time may
// jump back. A capture on several CPUs is out of order by microseconds, the
// clock of a host may be set, and [OpenFiles] goes back to the start of a file
// that covers the same time as the one before.
type Source interface {
	// Next fills f with the next frame. f.Data is valid until the following
	// call of Next or Close. It returns ErrIdle when a live source has been
	// quiet for IdleInterval, io.EOF at the end of a file, and otherwise an
	// error that ends the source. A file blocks only for its disk.
	Next(f *Frame) error

	// Live reports whether frames carry the present time, so that time
	// passes while Next says ErrIdle.
	Live() bool

	// Name is what to call the source: an interface or a file name.
	Name() string

	// InterfaceName is the name of the interface with the given index, empty
	// where the source doesn't know it. It does not block.
	InterfaceName(i uint16) string

	// Stats returns what was counted so far. It does not block.
	Stats() Stats

	// Close releases the source.
	Close() error
}

// Bulk is a Source that may have many frames at hand, as a file has.
type Bulk interface {
	Source

	// More fills fs with the frames that follow, as far as they are at hand, and
	// returns how many they are. It neither waits nor fails: where it stops,
	// Next goes on. All their Data is valid until the following call of Next or
	// Close, as is that of the frames before.
	More(fs []Frame) int
}

// Stats is what a source did so far. Counters only grow.
type Stats struct {
	Frames      uint64 // that were read
	Octets      uint64 // their wire length
	KernelDrops uint64 // frames that the kernel could not hand over, the ring was full
	Trouble     string // why there are no frames for now; empty while all is well
}

// plus adds the counters of another source.
func (s Stats) plus(other Stats) Stats {
	s.Frames += other.Frames
	s.Octets += other.Octets
	s.KernelDrops += other.KernelDrops
	return s
}
