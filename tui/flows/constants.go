package flows

const (
	// pageRows is how many flows one request loads.
	pageRows = 1_000

	// CountMax is up to how many matching flows are counted exactly. Above it the
	// footer shows "more than".
	CountMax = 1_000_000

	// NewMax is up to how many new flows are counted while the view is paused.
	NewMax = 100_000

	// leastWindow is the assumed number of visible rows before the first frame.
	leastWindow = 15

	// progressWidth is the most columns of the bar that stands in an empty table for
	// a long search.
	progressWidth = 40
)
