package block

// Part numbers of a block.
const (
	partDictionary = 0
	partColumn     = 1   // one for each column
	partRows       = 128 // one for each chunk of rows

	// PartsPerBlock is the number of part numbers that a block has in the table parts.
	PartsPerBlock = 1024

	// maxColumns is the number of columns that a block can have: their part numbers end where those of
	// the rows begin.
	maxColumns = partRows - partColumn

	rowParts = PartsPerBlock - partRows // of a block at most
)

const (
	// MaxStoredRows is the maximum number of flows in a block, whichever program wrote it.
	MaxStoredRows = 8_192

	// MaxRows is the number of flows in a block written by this program, which fit at any width: 8,064.
	// A cell takes at most eight bytes, so from 50 columns on MaxStoredRows do not fit.
	MaxRows = min(MaxStoredRows, rowParts*((chunkBytes-padding)/(8*int(NumColumns))))

	bytesPerRowHint = 128   // capacity per flow of the buffer for a block; flows take less
	chunkBytes      = 4_000 // of a part with rows: what fits into one page with SQLite's overhead
)

// fewAlternatives is how many alternatives of an Or are tested one by one, each on all rows.
const fewAlternatives = 8
