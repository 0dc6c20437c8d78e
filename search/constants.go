package search

// Limits of a filter, so that a file pasted by mistake is rejected.
const (
	maxText  = 64 << 10 // bytes; enough for several thousand addresses
	maxDepth = 100      // nested parentheses
)

// caretMargin is the number of characters shown on either side of an error, so
// that a line fits 80 columns.
const caretMargin = 36
