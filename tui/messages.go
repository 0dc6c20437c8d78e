package tui

import (
	"time"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// pulsedMsg: time has passed, and this is how things stand.
type pulsedMsg struct {
	at      time.Time
	version uint64
	health  flow.Health
}

// pageLoadedMsg: a part of the result is there.
type pageLoadedMsg struct {
	seq   uint64
	query search.Query // as asked, its range resolved
	first bool         // the beginning of the result; else what follows the loaded flows
	page  search.Page
	err   error
	at    time.Time
	took  time.Duration
}

// totalCountedMsg: the flows that match were counted.
type totalCountedMsg struct {
	seq  uint64
	n    int64
	err  error
	at   time.Time
	took time.Duration
}

// newCountedMsg: the flows that came since the view stands still were counted.
type newCountedMsg struct {
	seq  uint64
	n    int64
	err  error
	at   time.Time
	took time.Duration
}

// nodesLoadedMsg: the nodes are known.
type nodesLoadedMsg struct {
	seq   uint64
	nodes []node.Summary
	err   error
	at    time.Time
	took  time.Duration
}
