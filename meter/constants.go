package meter

import "time"

// Export.
const (
	// batchSize is the number of records per call of the sink: a store is 2 to 3 times faster
	// with batches of thousands than of hundreds.
	batchSize = 1024

	// backlogLimit is the number of records of ended flows that may wait for a sink without
	// room. Some 40 MB; at 10,000 flows a second the store may pause for 10 s.
	backlogLimit = 100_000

	// liveFlushEvery is the wall time between two exports of open flows of a live source, half
	// of the 0.5 s within which they must be visible: it leaves time for a second attempt when
	// the sink has no room.
	liveFlushEvery = 250 * time.Millisecond

	// A flow that was older than settledAge at its last export is exported only in every
	// settledRounds-th round: for a live source at most every 2 s. Writing every open flow four
	// times a second was most of the CPU time of a capture.
	settledAge    = 2 * time.Second
	settledRounds = 8

	// fileFlushEvery is the same for a file. A file is read faster than a user can follow, and
	// each export of an open flow costs an additional write.
	fileFlushEvery = 5 * time.Second

	// finalWait is the time in which a cancelled meter may export its last records.
	finalWait = 5 * time.Second

	// publishEvery is the wall time between two snapshots of Health.
	publishEvery = 100 * time.Millisecond

	// maxEndedSpans is the number of ended spans of Coverage that are kept until they are collected,
	// which the store does once a second: beyond that, spans are merged.
	maxEndedSpans = 64

	// maxClockSlew is the largest difference between wall clock and monotonic clock from one publish
	// to the next that is taken for the adjustment of a running clock.
	maxClockSlew = time.Second

	// checkFrames is the number of frames between two readings of the wall clock, and checkEvery
	// the packet time between them on a live source: a reading per packet would cost more than
	// decoding it.
	checkFrames = 1024
	checkEvery  = int64(10 * time.Millisecond)

	// pauseBudget is the longest time for which the packet loop does other work at a time. The
	// batch in progress may exceed it.
	pauseBudget = time.Millisecond

	// updateBatch is the number of open flows per call of the sink.
	updateBatch = 1024

	// decodeBatch is the number of frames decoded before the first is looked up, so that the
	// cache misses of their look-ups overlap. Packets of 200,000 or 2 M flows at random then
	// take a third of the time; 16 are nearly as good, 128 no better.
	decodeBatch = 64

	// expireBatch is the number of flows that may expire between two packets.
	expireBatch = 256
)

// Packet time.
const (
	// reorderWindow is how far a packet may lag behind the newest one to count as reordered
	// rather than as a step of the system clock.
	reorderWindow = int64(5 * time.Second)

	// stepPackets is the number of consecutive packets that must lag farther than reorderWindow
	// before the system clock is taken to have been set back. Two files merged unsorted
	// alternate more often.
	stepPackets = 128

	// maxGap is the longest gap between two packets that is accepted at once. A longer one is a
	// damaged or forged timestamp unless confirmPackets consecutive packets confirm it. A random
	// timestamp is within a gap of 2 hours once in 600,000 times.
	maxGap         = int64(2 * time.Hour)
	confirmPackets = 16

	// The list of slots of flows with unconfirmed timestamps is deduplicated when it has
	// minUnconfirmed slots, plus two for each slot in the table.
	minUnconfirmed = 1024

	// maxClockOffset is the largest difference between the wall clock and the timestamp of a
	// packet just captured: a timestamp within it after a jump was taken after the system clock
	// was set.
	maxClockOffset = int64(time.Minute)

	// maxAhead is the longest time for which packets of a stream may have been held up on their way:
	// longer ones are a step of the clock of the host that captured them.
	maxAhead = int64(10 * time.Minute)

	// maxStep is the longest step of time, and the longest timeout: less than half of the range
	// of coarseTime. Such a step expires all flows, so its excess doesn't matter.
	maxStep = int64(36 * time.Hour)

	// tickNS is the width of a bucket of the timing wheel, 134 ms: the maximum delay of an
	// expiration. A packet that arrives in the meantime is judged by the exact time.
	tickNS = int64(1) << 27

	// wheelSize × tickNS is 1,100 s, above the longest default timeout. Flows with longer ones
	// are rescheduled on the way.
	wheelSize = 8192
)

// Losses of TCP.
const (
	// maxHoles is the number of holes in its sequence numbers that are remembered for a side of any
	// flow.
	maxHoles = 32

	// manyHoles is that number for up to maxWithMany flows at a time, 1 MB in all: with 5 % loss
	// a window of 6 MB has 200 holes.
	manyHoles   = 256
	maxWithMany = 256
)

// Flows.
const (
	// DefaultMaxFlows is the default size of the flow cache, see [Config].MaxFlows and
	// [NewBudget].
	DefaultMaxFlows = 1_000_000

	// budgetStep is the number of flows that a meter acquires from a Budget at a time, and keeps
	// spare.
	budgetStep = 256

	// An eighth of a Budget is reserved in equal parts, one for each meter: a flood at one
	// interface leaves room for the others, and a meter that is busy alone can use more than
	// 7/8.
	reserveDivisor = 8

	// The slab of entries grows by chunkSize: 768 KiB.
	chunkSize = 4096

	// A table with more than keptChunks chunks (3.1 MB) and more than twice the slots that it
	// needs is compacted, compactStep slots a tick: a table of 1 M is emptied in two minutes,
	// each tick costing less than pauseBudget.
	keptChunks  = 4
	compactStep = 1024
	trimStep    = 4 // segments of the index per tick

	// The index consists of segments, each of which grows by half at a load of maxLoadPercent:
	// at 2 M flows, 12,000 places are rehashed at a time.
	segmentBits    = 8
	segments       = 1 << segmentBits
	minSegment     = 16
	maxLoadPercent = 80

	// evictTries is the number of flows that an eviction may reschedule before it takes the next
	// one, half a millisecond. Each is rescheduled correctly, so the amortized cost is one.
	evictTries = 4096

	// maxLinks is the number of unknown link types that are counted apart.
	maxLinks = 16

	// maxLate is the number of closed TCP connections kept for lateAfterClose after their end: 3 MB.
	// Retransmission timeouts of a FIN double from 200 ms on, so a minute has nine of them
	// (RFC 6298 section 5).
	maxLate        = 16 << 10
	lateAfterClose = int64(time.Minute)

	// reuseSilence is how long an open TCP flow must have been idle for a SYN with another
	// initial sequence number to begin a new flow. No legitimate host sends such a SYN into a
	// live connection, but an attacker can forge one.
	reuseSilence = int64(15 * time.Second)
)

// Sources of previous flows: up to 32,768 in 128 KiB, from 1 KiB on. At one connection a second
// that is left open, that is 9 hours, more than four times the 2 hours after which TCP keep-alive
// sends the next packet (RFC 9293 section 3.8.4).
const (
	previousWays    = 4
	minPreviousBits = 6
	maxPreviousBits = 13
)

// Reverse-direction matching across VLANs and tunnels.
const (
	// tapWait is the maximum time between a packet at one port of a tap and the first reply at
	// the other. Retransmissions start it again: after 5 s a TCP sender has repeated its SYN twice
	// (RFC 6298 section 2: after 1 s and 3 s).
	tapWait = 5 * time.Second

	// tapUnacked is how far that reply's acknowledgment number may be behind what was sent, in
	// octets: a window without scaling (RFC 9293 section 3.1) and more.
	tapUnacked = 1 << 20

	// reverseSlots is the number of recent flows among which the flow of a reply is searched, if
	// there are VLANs or tunnels at all: 128 KiB, and more than a second at 10,000 new flows a
	// second. Each set of equal hash bits holds reverseWays flows: with one, a capture of 12,000
	// flows gave different results in one of twelve runs.
	reverseSlots = 16 << 10
	reverseWays  = 4

	// reverseKeys is the number of matched keys remembered at a time.
	reverseKeys = 16 << 10
)

// Duplicates of a mirror.
const (
	// duplicateWindow is the longest time between two copies of a frame with an Identification: in the
	// captures of the tests it is 0 to 17 µs mostly, and milliseconds for copies that waited in queues.
	// Generators that send all packets with one Identification repeat them after 246 µs there.
	// duplicateWindowWithoutID is that of TCP segments without one: a full frame at 1 Gbit/s (12 µs) and
	// the latency of a switch, but less than a round trip, before which no segment is sent again.
	duplicateWindow          = int64(100 * time.Microsecond)
	duplicateWindowWithoutID = int64(20 * time.Microsecond)

	// duplicateQuiet is the number of frames after the latest copy that are still compared: a mirror of a
	// few frames a second may have none for minutes.
	duplicateQuiet = 1 << 16

	// duplicateSlots is the number of frames with which the next one is compared, 8 KiB: at 5 million
	// frames a second those of 100 µs.
	duplicateSlots = 512
)

// Fragments.
const (
	// fragEntries is the number of fragmented datagrams remembered at a time.
	fragEntries = 4096

	// fragLife is how long a datagram is remembered: the reassembly timeout of Linux
	// (net.ipv4.ipfrag_time, 30 s). RFC 1122 section 3.3.2 asks for 60 to 120 s, within which a
	// busy host reuses an Identification.
	fragLife = int64(30 * time.Second)

	// heldFragments is the number of fragments that may wait for their first fragment, and
	// holdFor how long, plus up to tickNS. Reordered fragments arrive within milliseconds.
	heldFragments = 256
	holdFor       = int64(200 * time.Millisecond)
)
