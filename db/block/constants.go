package block

// The parts of a block, by number.
const (
	partDictionary = 0
	partColumn     = 1   // and one for each column
	partRows       = 128 // and one for each chunk of rows

	// PartsPerBlock is greater than the number of any part.
	PartsPerBlock = 1024

	// MaxColumns is the number of columns that a block has room for: the parts of columns come before those of rows.
	MaxColumns = partRows - partColumn

	rowParts = PartsPerBlock - partRows // at most in a block
)

const (
	storedRows = 8_192 // flows that a block of any program has at most

	// MaxRows is the number of flows that a block of this program holds at most: 8,192 as long as those fit
	// whatever they hold. A cell takes eight bytes at most, so 50 columns are the first that don't.
	MaxRows = min(storedRows, rowParts*((chunkBytes-padding)/(8*int(NumColumns))))

	packedBytes = 128   // a flow in a block takes less
	chunkBytes  = 4_000 // of a part with rows: what fits into one page beside the bookkeeping of SQLite
)
