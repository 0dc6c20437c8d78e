package flows

const (
	// pageRows is how many flows are loaded at a time when the reader scrolls on.
	pageRows = 1_000

	// CountMax is the most matching flows that are counted exactly. Beyond, the
	// footer says "more than".
	CountMax = 1_000_000

	// NewMax is the most new flows that are counted while the view is paused.
	NewMax = 100_000

	// leastWindow is how many rows are taken to be in sight before they were drawn.
	leastWindow = 15

	// progressWidth is the most columns of the bar that stands in an empty table for
	// a long search.
	progressWidth = 40
)
