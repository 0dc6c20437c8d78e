package tui

// minWidth and minHeight are the least that the screen can be read at.
const (
	minWidth  = 60
	minHeight = 15
)
