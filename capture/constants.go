package capture

import "time"

const (
	// maxFrame is the maximum captured length of a frame in a file, in octets:
	// tcpdump's MAXIMUM_SNAPLEN. A longer one means a damaged file. The snap
	// length in the file header is not a limit: writers exceed it.
	maxFrame = 256 << 10

	// maxBlock is the maximum length of a pcapng block whose content is read, in
	// octets: the longest frame and 64 KiB of options. Blocks that are only
	// skipped may have any length.
	maxBlock = maxFrame + 64<<10

	// windowBytes is the size of one read from a file. 64 to 256 KiB are equally
	// fast; with 1 MiB the kernel's copy evicts its own earlier part and the flow
	// table from the CPU cache.
	windowBytes = 128 << 10

	// A compressed file is decompressed ahead of the reader in chunks of
	// readAheadBytes. Before each is readAheadReserve for the unread rest of the
	// previous chunk, which is less than a block. readAheadChunks suffice to read
	// one, fill another and have a third ready; smaller chunks gain less, because
	// each costs a goroutine wake-up. Together 4 MiB, only for files longer than
	// the window.
	readAheadReserve = maxBlock
	readAheadBytes   = 1 << 20
	readAheadChunks  = 3
	chunkBytes       = readAheadReserve + readAheadBytes

	// fileBufferBytes is the size of one read from a compressed file.
	fileBufferBytes = 64 << 10

	// maxZstdWindow is the largest window of a zstd file, in octets: what zstd -d accepts
	// without an option, and zstd --long makes. maxXZDictionary is the same for xz: xz -9.
	// Both are how far back a repetition may point, so the decompressor keeps as much.
	maxZstdWindow   = 128 << 20
	maxXZDictionary = 64 << 20

	// maxEmpty is the number of records without an octet after which a file without any other
	// is given up: 256 MiB of zeroes, of which a compressor makes 10 kB.
	maxEmpty = 16 << 20

	// maxInterfaces is the maximum number of interfaces of one source: every
	// VLAN of two trunks. It bounds the memory for interfaces and their names,
	// here and in the packages that store them.
	maxInterfaces = 8192

	// maxInterfaceName is the maximum length of an interface name, in octets;
	// longer ones are truncated. The longest are those of Windows: \Device\NPF_
	// and a GUID, 50 octets.
	maxInterfaceName = 64

	// publishEvery is the number of frames from Next after which a file's
	// counters are published to other goroutines. An atomic store per frame would
	// cost a third as much as reading the frame.
	publishEvery = 64

	// A file that starts before an earlier one ended is a different capture of
	// the same time. But around a rotation, frames of one capture may be out of
	// order, because each CPU stamps its own. So an overlap is tolerated up to
	// 1/overlapFraction of the earlier file's duration and at most overlapMax.
	overlapFraction = 100
	overlapMax      = 10 * time.Millisecond

	// DefaultRingBytes is the default size of the ring buffer in which the kernel
	// keeps frames until Next takes them.
	DefaultRingBytes = 32 << 20

	// DefaultSnaplen is the default number of octets captured of each frame:
	// enough for the headers of a packet in three tunnels, without much payload.
	DefaultSnaplen = 512

	// liveBlock is the size of a ring block, in octets. The kernel passes whole
	// blocks to the reader, after liveRetire even one with a single frame. So on a
	// quiet network the number of blocks limits how long the reader may pause;
	// their size only has to exceed the longest frame. Measured with a frame every
	// 25 ms and no reader for 3 s, in a ring of 32 MiB: blocks of 1 MiB lose 88
	// frames of 120, these none.
	liveBlock = 256 << 10

	// liveRetire is the timeout after which the kernel passes on a block that is
	// not full. It checks once per timeout, so a frame is delayed by at most twice
	// as long.
	liveRetire = 20 * time.Millisecond

	// finishTime is how long a source that is to end reads what has arrived before: a
	// full ring of the shortest frames takes half a second.
	finishTime = 2 * time.Second

	// streamBatch is the number of frames of a stream that the goroutine which reads it hands over
	// at a time: as many as the window has of usual ones.
	streamBatch = 256

	// streamFinishTime is how long a stream that is to end reads what is in its pipe: 64 KiB,
	// unless the writer goes on.
	streamFinishTime = 250 * time.Millisecond

	// fifoInterval is the time between two looks for a writer of a named pipe.
	fifoInterval = 50 * time.Millisecond

	// folderInterval is the time between two looks for other files in a folder, and tailInterval
	// between two looks whether an open file has grown.
	folderInterval = 250 * time.Millisecond
	tailInterval   = 20 * time.Millisecond

	// maxTails is the number of files of a folder that are kept open at their ends: as many captures
	// may run into it at a time. More work too, but each file is read again when it has grown.
	maxTails = 4

	// maxCopies is the number of files that are gone from a folder and are still known when they
	// appear under another name, or compressed.
	maxCopies = 64

	// pollDropsEvery is the number of frames after which the kernel's drop
	// counter is read. It is also read whenever the network is idle.
	pollDropsEvery = 1024
)
