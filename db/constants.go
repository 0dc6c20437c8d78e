package db

import "time"

// What marks a file as a flow store.
const (
	applicationID = 0x77656972 // "weir", in the header of the file (PRAGMA application_id)
	driverName    = "sqlite"   // as modernc.org/sqlite registers itself
)

// The writer's pace.
const (
	groupDelay    = 200 * time.Millisecond // between commits: flows must be visible within 0.5 s
	groupRows     = 50_000                 // records a transaction: readers and Flush wait no longer than for so many
	queueRows     = 128_000                // records waiting or being written, 344 bytes each
	rowsPerInsert = 10                     // rows a statement; see DESIGN.md for what 1, 10 and 20 measure
	firstRetry    = 100 * time.Millisecond // after a failed commit, doubled each time
	lastRetry     = 5 * time.Second        // the longest wait between two tries
)

// SQLite's own settings.
const (
	busyTimeout     = 5 * time.Second
	readers         = 4          // read connections: a search, a count and the pollers, on few cores
	readerMmap      = 0x7fff0000 // bytes; SQLite's own maximum. It spares readers the page cache they share with the writer
	writerCacheKiB  = 64 << 10   // holds the upper levels and right edges of table and indexes
	readerCacheKiB  = 8 << 10    // little, the map does the work
	checkpointPages = 8_000      // 32 MB of log between checkpoints
	walLimit        = 64 << 20   // bytes that the log keeps on disk after a checkpoint
)

// Reading.
const (
	eachRows     = 10_000  // records that Each holds at a time: what one search shows is one snapshot
	firstWindow  = 8_192   // flows that a filtered search looks at first
	lastWindow   = 524_288 // and at most in one step
	windowGrowth = 4
	sparse       = 8     // an id range this many times wider than its window is not scanned whole
	nodeMerge    = 16    // with more nodes than this, one walk by time is cheaper than one for each
	maxParams    = 2_000 // values in a filter: SQLite compiles 20,000 in 2.5 s, and the time grows with the square
	inlineNames  = 8     // names in a list of parameters; more go through json_each, as one parameter
)
