package search

// Limits on a filter. They keep a pasted file from being taken for one.
const (
	maxText  = 64 << 10 // bytes; room for some thousand addresses
	maxDepth = 100      // parentheses within parentheses
)

// caretMargin is how many characters an error shows on either side of the one
// at fault: both fit 80 columns.
const caretMargin = 36
