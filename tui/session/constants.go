package session

import "time"

const (
	// TickInterval is how often the screen asks whether anything changed. A
	// change is seen within it, and at 5 a second a busy table is still readable.
	TickInterval = 200 * time.Millisecond

	// progressAfter is how long a search takes before the screen says how far it is.
	progressAfter = time.Second

	// restFactor is how much longer than a question to the store took the
	// screen waits before it asks the same again: the store spends at most
	// 1/(1+restFactor) of its time on a screen that follows.
	restFactor = 10

	// totalInterval is the least time between two counts of all matching flows.
	TotalInterval = time.Second

	// nodesInterval is the least time between two counts by node, which read the
	// whole range. Until there is a first node it is totalInterval.
	nodesInterval = 10 * time.Second

	// fpsLocal and fpsRemote are frames a second at a terminal and over ssh,
	// where every frame is a packet.
	fpsLocal  = 60
	fpsRemote = 30
)
