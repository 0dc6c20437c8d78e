package tui

import "time"

const (
	// pulseInterval is how often the screen asks whether anything changed. A
	// change is seen within it, and at 5 a second a busy table is still readable.
	pulseInterval = 200 * time.Millisecond

	// progressAfter is how long a search takes before the screen says how far it is.
	progressAfter = time.Second

	// restFactor is how much longer than a question to the store took the
	// screen waits before it asks the same again: the store spends at most
	// 1/(1+restFactor) of its time on a screen that follows.
	restFactor = 10

	// totalInterval is the least time between two counts of all matching flows.
	totalInterval = time.Second

	// nodesInterval is the least time between two counts by node, which read the
	// whole range. Until there is a first node it is totalInterval.
	nodesInterval = 10 * time.Second

	// pageRows is how many flows are loaded at a time when the reader scrolls on.
	pageRows = 1_000

	// talkersMax is how many of the largest sums are shown.
	talkersMax = 500

	// countMax is the most matching flows that are counted exactly. Beyond, the
	// footer says "more than".
	countMax = 1_000_000

	// newMax is the most new flows that are counted while the view is paused.
	newMax = 100_000

	// fpsLocal and fpsRemote are frames a second at a terminal and over ssh,
	// where every frame is a packet.
	fpsLocal  = 60
	fpsRemote = 30

	// minWidth and minHeight are the least that the screen can be read at.
	minWidth  = 60
	minHeight = 15

	// exportRows is how many flows a long export holds at a time.
	exportRows = 10_000
)
