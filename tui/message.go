package tui

// message is one line for the reader.
type message struct {
	look role
	text string // safe to draw
}
