package db

import (
	"math"
	"time"

	"weir/db/block"
)

// maxLinks is how many symbolic links in a row are followed, as by Linux.
const maxLinks = 40

// What marks a file as a flow store.
const applicationID = 0x77656972 // "weir", in the header of the file (PRAGMA application_id)

// The writer's pace.
const (
	groupDelay = 200 * time.Millisecond // between commits: flows must be visible within 0.5 s
	groupRows  = 24_576                 // records a transaction: readers and Flush wait no longer than for so many
	queueRows  = 128_000                // records waiting or being written, 344 bytes each
	firstRetry = 100 * time.Millisecond // after a failed commit, doubled each time
	lastRetry  = 5 * time.Second        // the longest wait between two tries
)

// SQLite's own settings.
const (
	busyTimeout     = 5 * time.Second
	readers         = 4          // read connections: a search, a count and the pollers, on few cores
	readerMmap      = 0x7fff0000 // bytes; SQLite's own maximum. It spares readers the page cache they share with the writer
	writerCacheKiB  = 64 << 10   // holds the upper levels and right edges of table and indexes
	readerCacheKiB  = 8 << 10    // little, the map does the work
	checkpointPages = 64_000     // 256 MB of log, and a commit folds it into the file itself: more than ever is there
	restartPages    = 8_000      // 32 MB of log, and it is begun anew: searches look at each page whether the log has a newer one
	foldBytes       = 8 << 20    // of log, and it is folded beside the writer
	foldPause       = 500 * time.Millisecond
	walLimit        = 64 << 20 // bytes that the log keeps on disk after a checkpoint
)

// Blocks.
const (
	leavingShare = 8                        // that part of them is enough when no more will come: one by one they take twice as long
	convertRows  = int64(4 * block.MaxRows) // flows of an old store that one transaction carries over: a second or less
	packDelay    = time.Hour                // ended flows wait no longer than this for a block, however few they are
)

// What the writer remembers of ids.
const (
	idsPerChunk = 1 << 16
	maxChunks   = 1 << 10 // 8 MB
)

// Reading.
const (
	eachRows     = 10_000               // records that Each holds at a time: what one search shows is one snapshot
	hotBatchRows = 2_048                // of the table hot, filtered together
	aloneFor     = 4                    // blocks that a search looks into before it asks for help: what they take is less than that
	fewHits      = 96                   // in a block, whose rows are cheaper to read than two columns
	maxWorkers   = 4                    // cores that one search uses
	snapshotAge  = time.Second          // of a search that goes through blocks
	renewTime    = 6 * time.Millisecond // in which searches give their snapshots up: some times what a block takes
	maxTries     = 3                    // of a read under which blocks go away
	futureSlack  = 5 * time.Minute      // clocks differ by less
)

// Retention.
const (
	defaultAge     = 7 * 24 * time.Hour
	defaultBytes   = 10 << 30
	retentionPause = 10 * time.Second // without flows, between two looks at age and size
	removeBlocks   = 4                // blocks that one transaction removes: milliseconds
)

// allTime is the span without bounds.
var allTime = span{math.MinInt64, math.MaxInt64}
