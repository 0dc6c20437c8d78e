package ui

// Message is one line for the reader.
type Message struct {
	Look Role
	Text string // safe to draw
}
