package search

// MaxText is the maximum length of a filter in bytes: enough for several thousand
// addresses. A file pasted by mistake is rejected.
const MaxText = 64 << 10

const maxDepth = 100 // nested parentheses

// caretMargin is the number of characters shown on either side of an error, so
// that a line fits 80 columns.
const caretMargin = 36

// MaxBys is the maximum number of fields of a [Grouping].
const MaxBys = 8
