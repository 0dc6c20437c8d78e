package capture

import "time"

const (
	// maxFrame is the longest frame that a file may hold, in octets. It is
	// tcpdump's MAXIMUM_SNAPLEN; a longer one means a damaged file. The snap
	// length in a file's header is no such limit: writers exceed it.
	maxFrame = 256 << 10

	// maxBlock is the longest pcapng block whose content is looked at, in
	// octets: the longest frame and as much again as 64 KiB of options.
	// Blocks that are only skipped may have any length.
	maxBlock = maxFrame + 64<<10

	// windowBytes is how much of a file is read at once. 64 to 256 KiB are the same;
	// with 1 MiB the kernel's copy drives out of the processor's cache what it
	// wrote before, and the flow table too.
	windowBytes = 128 << 10

	// A gzip is unpacked in chunks of aheadBytes, some ahead of the one that is
	// looked at. In front of each is aheadReserve for what the one before left
	// over, less than a block. There are as many as it takes to look at one, fill
	// another and have a third ready; smaller ones gain less, as each wakes
	// somebody up. Together 4 MiB, for files that are longer than the window.
	aheadReserve = maxBlock
	aheadBytes   = 1 << 20
	aheadChunks  = 3
	chunkBytes   = aheadReserve + aheadBytes

	// gzipBytes is how much of a compressed file is read at once.
	gzipBytes = 64 << 10

	// maxInterfaces is how many interfaces one source may have: each VLAN of
	// two trunks. All that is kept of a file's interfaces, here and wherever
	// their names go, is bounded by that.
	maxInterfaces = 8192

	// maxInterfaceName is how many octets of an interface's name are kept.
	// Windows' are the longest, \Device\NPF_ and a GUID: 50.
	maxInterfaceName = 64

	// publishEvery is after how many frames of Next a file's counters are shown to
	// other goroutines. An atomic store for each frame would cost as much as
	// a third of reading it.
	publishEvery = 64

	// A file that starts before an earlier one ended is another capture of
	// the same time. But frames of one capture may be out of order where the
	// file was rotated (each CPU stamps its own), so this much is forgiven:
	// a hundredth of what the earlier file covers, and never more than
	// overlapMax.
	overlapShare = 100
	overlapMax   = 10 * time.Millisecond

	// DefaultRingBytes is the memory that the kernel puts frames into until
	// Next takes them, when LiveConfig doesn't say.
	DefaultRingBytes = 32 << 20

	// DefaultSnaplen is how many octets of each frame are captured, when
	// LiveConfig doesn't say: the headers of a packet in three tunnels, and
	// not much of anybody's payload.
	DefaultSnaplen = 512

	// liveBlock is the size of a block of the ring, in octets. The kernel
	// hands over whole blocks, and after liveRetire one with a single frame
	// in it: the number of blocks is how long a reader may pause on a quiet
	// network, their size only has to exceed the longest frame. Measured with
	// a frame every 25 ms and no reader for 3 s: blocks of 1 MiB in a ring of
	// 32 MiB lose 88 frames of 120, these none.
	liveBlock = 256 << 10

	// liveRetire is how old a block may get. The kernel looks at it once in
	// that time, so a frame is seen after twice as much at the latest.
	liveRetire = 20 * time.Millisecond

	// dropsEvery is after how many frames the kernel is asked how many it
	// dropped. It is also asked whenever the network is quiet.
	dropsEvery = 1024
)
