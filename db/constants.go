package db

import (
	"math"
	"time"

	"weir/db/block"
)

// maxLinks is how many symbolic links are followed in a row, as on Linux.
const maxLinks = 40

// What tells a flow store from other SQLite files.
const applicationID = 0x77656972 // "weir", PRAGMA application_id in the file header

// The pace of the writer.
const (
	groupDelay     = 200 * time.Millisecond // between commits: flows must be visible within 0.5 s
	groupRows      = 3 * block.MaxRows      // records a transaction: bounds how long readers and Flush wait
	queueRows      = 128_000                // records waiting or being written, 464 bytes each
	groupEnds      = 8_192                  // ends of cut flows in a transaction
	maxWaitingEnds = 1 << 20                // ends waiting until no records wait, 16 bytes each
	firstRetry     = 100 * time.Millisecond // delay after a failed commit, doubled each time
	lastRetry      = 5 * time.Second        // the longest delay between retries

	placeInterval = time.Second // between checks that the file is still at its path, when nothing is written
)

// Coverage.
const (
	coverageInterval     = time.Second     // between collections of coverage, which is written with the records
	idleCoverageInterval = 5 * time.Second // between writes of coverage without records: each wakes up all readers
	maxPendingSpans      = 256             // that wait while nothing can be written
	maxCoverageRows      = 4_096           // 1 MB; beyond that, old spans are merged
	coverageSlack        = 1_024           // more excess rows than that are removed, because merging takes milliseconds per row
)

// Settings of SQLite.
const (
	busyTimeout         = 5 * time.Second
	openGrace           = time.Second // time for Open to finish cleanly after an interrupt
	readers             = 4           // read connections: a search, a count and the pollers, on few cores
	readerMmap          = 0x7fff0000  // bytes, SQLite's maximum: mapped pages bypass the page cache, which all connections of a process share
	writerCacheKiB      = 64 << 10    // holds the upper levels and right edges of tables and indexes
	readerCacheKiB      = 8 << 10     // small, because pages are mapped
	autoCheckpointPages = 64_000      // 256 MB of WAL, more than it ever has: a commit then checkpoints by itself
	restartPages        = 8_000       // 32 MB of WAL, above which it is restarted: searches look every page up in it
	checkpointBytes     = 8 << 20     // of WAL, above which the background checkpointer works
	checkpointInterval  = 500 * time.Millisecond
	walSizeLimit        = 64 << 20 // bytes of WAL that stay on disk after a checkpoint
)

// Blocks.
const (
	drainShare  = 8                        // at shutdown, an eighth of a block's rows is enough to pack a block
	convertRows = int64(4 * block.MaxRows) // flows of schema 1 migrated in one transaction, a second or less
	packDelay   = time.Hour                // the longest time that ended flows wait for a block

	maxSmallPieces = 16    // pieces of less than half the rows before they are merged
	maxMoved       = 8_192 // flows that a transaction moves from sparse and small pieces to new ones
)

// The writer's memory of ids.
const (
	chunkBits   = 16
	idsPerChunk = 1 << chunkBits
	maxChunks   = 1 << 10 // 8 MB
)

// Reading.
const (
	eachRows           = 10_000               // records that Each holds at a time: as many as one snapshot shows
	eachOrderedRows    = 100_000              // the same in an order by a number, but for the first: 50 MB
	maxGroups          = 1 << 20              // that Top sums at a time: 78 MB with IPv4 addresses
	pieceBatchRows     = 2_048                // flows of pieces that are filtered together
	singleWorkerBlocks = 4                    // blocks that a search reads before it starts more workers, which costs more than reading these
	fewHits            = 96                   // in a block: reading up to this many rows is cheaper than reading two columns
	maxWorkers         = 4                    // cores that one search uses
	maxSnapshotAge     = time.Second          // of a search that reads blocks
	refreshTime        = 6 * time.Millisecond // in which searches refresh their snapshots: several times what a block takes
	maxTries           = 3                    // of a read whose blocks were removed meanwhile
	listed             = 3                    // nodes, or damaged parts, that one line of a check names
	futureSlack        = 5 * time.Minute      // clocks differ by less
)

// Retention.
const (
	defaultAge     = 7 * 24 * time.Hour
	defaultBytes   = 10 << 30
	retentionPause = 10 * time.Second // without flows, between checks of age and size
	removeBlocks   = 4                // blocks removed in one transaction: milliseconds
)

// allTime is the unbounded span.
var allTime = span{math.MinInt64, math.MaxInt64}
