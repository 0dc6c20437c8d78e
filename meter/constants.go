package meter

import "time"

// Delivery.
const (
	// batchSize is how many records are handed over at once: a store is 2 to 3
	// times faster with batches of thousands than of hundreds.
	batchSize = 1024

	// backlogLimit is how many records of ended flows wait for a sink that has
	// no room. Some 40 MB; at 10,000 flows a second the store may pause for 10 s.
	backlogLimit = 100_000

	// liveFlushEvery is the wall time between two hand-overs of open flows of a
	// live source, half of the 0.5 s within which they are to be seen: there is time
	// to try once more when the sink has no room.
	liveFlushEvery = 250 * time.Millisecond

	// fileFlushEvery is the same for a file. A file is read faster than anybody
	// watches, and each flow handed over while open is one write more.
	fileFlushEvery = 5 * time.Second

	// finalWait is how long a cancelled meter may take to hand over its last
	// records.
	finalWait = 5 * time.Second

	// publishEvery is the wall time between two snapshots of Health.
	publishEvery = 100 * time.Millisecond

	// checkFrames is how many frames may pass without a look at the wall clock,
	// and checkEvery how much packet time of a live source: reading the clock for
	// each packet would cost more than decoding it.
	checkFrames = 1024
	checkEvery  = int64(10 * time.Millisecond)

	// pauseBudget is how long the packet loop may be busy with something else
	// than packets at a time; one batch more than that is begun at most.
	pauseBudget = time.Millisecond

	// updateBatch is how many open flows are handed over at once. Each may have
	// to be fetched from memory, so it is fewer than of ended ones.
	updateBatch = 1024

	// atOnce is how many frames are decoded before the table sees the first, so
	// that the memory of their flows is fetched side by side. Packets of 200,000
	// or 2 M flows at random take a third of the time that they do one by one; 16
	// at once do nearly as well, 128 no better.
	decodeBatch = 64

	// dueAtOnce is how many flows may end before the next packet.
	expireBatch = 256
)

// Packet time.
const (
	// reorderWindow is how far a packet may lag behind the newest one and still
	// count as reordered rather than as a step of the clock.
	reorderWindow = int64(5 * time.Second)

	// stepPackets is how many packets in a row must lag farther than that until
	// the clock is believed to have been set back. Two files merged unsorted
	// alternate more often.
	stepPackets = 128

	// leap is the longest gap between two packets that is believed at once. A
	// longer one is a damaged or forged time, unless leapPackets in a row tell
	// the same. A random time is within a gap of 2 hours once in 600,000 times.
	maxGap         = int64(2 * time.Hour)
	confirmPackets = 16

	// minAhead is how many slots are noted of flows with packets of an unconfirmed
	// time, and two more for each slot there is, before repeated ones are looked for.
	minUnconfirmed = 1024

	// present is how close to the wall clock a packet of a live source is
	// captured: what is that close after a jump of time was captured after the
	// clock of the machine was set.
	maxClockOffset = int64(time.Minute)

	// maxStep is how much time may pass at once, and the longest timeout: less
	// than half of what a moment tells. Such a step ends all flows; how much more
	// it was doesn't matter.
	maxStep = int64(36 * time.Hour)

	// tickNS is the width of a wheel's bucket, 134 ms: flows end that much late at
	// most. A packet that comes meanwhile is judged by the exact time.
	tickNS = int64(1) << 27

	// wheelSize × tickNS is 1,100 s, above the longest default timeout. Longer ones
	// are looked at once in between.
	wheelSize = 8192
)

// Flows.
const (
	// DefaultMaxFlows bounds how many flows are open, see [Config].MaxFlows and [NewBudget].
	DefaultMaxFlows = 1_000_000

	// budgetStep is how many flows a meter takes of a Budget at a time, and keeps
	// unused beside those that are open.
	budgetStep = 256

	// An eighth of a Budget is reserved in equal parts, one for each meter: a flood
	// at one interface leaves room for others to work, and one that is alone busy has 7/8.
	reserveDivisor = 8

	// The slab of flows grows by chunkSize: 576 KiB.
	chunkSize = 4096

	// A table that has more chunks than keptChunks, 2.9 MB, and more than twice the slots
	// that it needs, is made smaller: compactStep slots a tick, so that a table of
	// 1 M is emptied in two minutes, each tick of it costing less than pauseBudget.
	keptChunks  = 4
	compactStep = 1024
	trimStep    = 4 // segments of the index

	// The index is made of that many segments, each of which grows by half when
	// it is maxLoadPercent full: at 2 M flows 12,000 places that are moved in one go.
	segmentBits    = 8
	segments       = 1 << segmentBits
	minSegment     = 16
	maxLoadPercent = 80

	// evictTries is how many flows are looked at to find the one to evict, half a
	// millisecond. Each is put right by that, so that it is one in the long run.
	evictTries = 4096

	// reuseSilence is how long an open TCP flow must have been silent for a SYN
	// with another initial sequence number to begin a new one. Nothing legitimate
	// sends such a SYN into a live connection, but anybody can forge one.
	reuseSilence = int64(15 * time.Second)
)

// Flows whose answers come back under another VLAN or in another tunnel.
const (
	// pairSlots is among how many flows that began last an answer looks for its
	// own, if there are VLANs or tunnels at all: 128 KiB, and at 10,000 new flows a
	// second more than a second. Of those with a like hash pairWays are kept: with one,
	// a capture of 12,000 flows came out otherwise in one of twelve runs.
	reverseSlots = 16 << 10
	reverseWays  = 4

	// pairKeys is how many such answers are remembered at a time.
	reverseKeys = 16 << 10
)

// Fragments.
const (
	// fragEntries is how many fragmented packets are remembered at a time.
	fragEntries = 4096

	// fragLife is how long: the reassembly timeout of Linux
	// (net.ipv4.ipfrag_time, 30 s); RFC 1122 section 3.3.2 asks for 60 to 120 s,
	// within which a busy host uses an Identification again.
	fragLife = int64(30 * time.Second)

	// heldFragments is how many fragments may wait for their first one, and
	// holdFor how long, and up to tickNS longer. Fragments that arrive in the wrong order do so within
	// milliseconds.
	heldFragments = 256
	holdFor       = int64(200 * time.Millisecond)
)
