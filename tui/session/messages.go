package session

import (
	"time"

	"weir/flow"
	"weir/node"
)

// TickMsg: time has passed, and this is how things stand.
type TickMsg struct {
	At      time.Time
	Version uint64
	Health  flow.Health
	Changed bool // the version is another one than the last time; known to who asks the store
}

// nodesLoadedMsg: the nodes and their groups are known.
type nodesLoadedMsg struct {
	Reply
	node.Inventory
}

// InventoryChangedMsg: the session knows other nodes, or more of them. open says
// that the reader waits for their list.
type InventoryChangedMsg struct {
	At   time.Time
	Open bool
}
