package tui

// minWidth and minHeight are the minimum size of the terminal.
const (
	minWidth  = 60
	minHeight = 15
)

// barWidth is the columns of the bar that shows in the footer how far a search is:
// room for it and two keys stays at 60.
const barWidth = 20
