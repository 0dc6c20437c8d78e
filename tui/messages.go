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
	changed bool // the version is another one than the last time; known to who asks the store
}

// pageLoadedMsg: a part of the result is there.
type pageLoadedMsg struct {
	reply
	query search.Query // as asked, its range resolved
	first bool         // the beginning of the result; else what follows the loaded flows
	page  search.Page
}

// totalCountedMsg: the flows that match were counted.
type totalCountedMsg struct {
	reply
	n int64
}

// newCountedMsg: the flows that came since the view stands still were counted.
type newCountedMsg struct {
	reply
	n int64
}

// nodesLoadedMsg: the nodes and their groups are known.
type nodesLoadedMsg struct {
	reply
	node.Inventory
}

// inventoryChangedMsg: the session knows other nodes, or more of them. open says
// that the reader waits for their list.
type inventoryChangedMsg struct {
	at   time.Time
	open bool
}
