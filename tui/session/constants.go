package session

import "time"

const (
	// TickInterval is how often the screen polls the store for changes. A change
	// shows within it, and at 5 updates a second a busy table is still readable.
	TickInterval = 200 * time.Millisecond

	// progressAfter is how long a search takes before its progress is shown.
	progressAfter = time.Second

	// restFactor is the pause between two requests of a kind as a multiple of the
	// time the first one took: the store spends at most 1/(1+restFactor) of its
	// time on a live view.
	restFactor = 10

	// TotalInterval is the minimum time between two counts of all matching flows,
	// and before a failed request is repeated.
	TotalInterval = time.Second

	// followedAge is how old the counters of another process may be: it writes them
	// every 5 s at least.
	followedAge = 15 * time.Second

	// nodesInterval is the minimum time between two counts by node, which read the
	// whole time range. Until there is a first node it is TotalInterval.
	nodesInterval = 10 * time.Second

	// fpsLocal and fpsRemote are the frame rates at a local terminal and over ssh,
	// where every frame is a packet.
	fpsLocal  = 60
	fpsRemote = 30
)
