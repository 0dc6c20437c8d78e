package csvexport

// bufferSize is the output buffer size in bytes: a few hundred rows, which makes
// the cost per write call negligible.
const bufferSize = 64 << 10

// sampleRows is the number of rows that determine the column widths: the default
// limit of a search. Later rows reuse these widths, so memory stays bounded for
// an export of any length.
const sampleRows = 1000

// rowsBetweenChecks is the number of in-memory rows between two checks for
// cancellation.
const rowsBetweenChecks = 1000

// gap is the number of blanks between two columns.
const gap = 2

// narrowName is the width to which names are shortened before columns are
// dropped; it fits the headings "SRC NODE" and "DST NODE".
const narrowName = 8

// Limits of file names.
const (
	maxNodeLen     = 40     // bytes per node name; file systems allow 255 for the whole name
	maxListedNodes = 3      // with more nodes, the name has their number
	maxNameTries   = 10_000 // candidates that FreeName tries
	fallbackExt    = "csv"  // if no extension is given
)
