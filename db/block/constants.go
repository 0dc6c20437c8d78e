package block

const (
	// MaxRows is the number of flows that a block holds at most.
	MaxRows     = 8_192
	packedBytes = 128   // a flow in a block takes less
	chunkBytes  = 4_000 // of a part with rows: what fits into one page beside the bookkeeping of SQLite
)
