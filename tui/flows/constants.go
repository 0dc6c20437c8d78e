package flows

const (
	// pageRows is how many flows are loaded at a time when the reader scrolls on.
	pageRows = 1_000

	// countMax is the most matching flows that are counted exactly. Beyond, the
	// footer says "more than".
	CountMax = 1_000_000

	// newMax is the most new flows that are counted while the view is paused.
	NewMax = 100_000

	// leastWindow is how many rows are taken to be in sight before they were drawn.
	leastWindow = 15
)
