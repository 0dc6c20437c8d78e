package csvexport

// bufferSize is how many bytes are collected before they are written: enough
// for some hundred rows, so that the cost of a write does not count.
const bufferSize = 64 << 10

// sampleRows is how many rows decide how wide the columns are: the default
// limit of a search. A longer table goes on with these widths, so that an
// export of any length takes bounded memory.
const sampleRows = 1000

// rowsBetweenChecks is how many rows of memory are written between two looks at
// whether the export was canceled.
const rowsBetweenChecks = 1000

// gap is the blanks between two columns.
const gap = 2

// narrowName is what names are shortened to before columns are left out; it
// fits the heads "SRC NODE" and "DST NODE".
const narrowName = 8

// Bounds of file names.
const (
	maxNodeLen  = 40     // bytes of one node's name; file systems take 255 in all
	maxNamed    = 3      // nodes that are named, else their number
	maxFreeTry  = 10_000 // names that FreeName tries
	fallbackExt = "csv"  // where no extension is given
)
