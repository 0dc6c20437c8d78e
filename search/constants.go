package search

// Limits on a filter. They keep a pasted file from being taken for one.
const (
	maxText  = 64 << 10 // bytes; room for some thousand addresses
	maxDepth = 100      // parentheses within parentheses
)
