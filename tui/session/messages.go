package session

import (
	"time"

	"weir/flow"
	"weir/node"
)

// TickMsg is sent every [TickInterval] with the state of store and metering process.
type TickMsg struct {
	At      time.Time
	Version uint64
	Health  flow.Health
	Changed bool // Version differs from that of the previous tick; set by [Session.OnTick]
}

// nodesLoadedMsg delivers the nodes and their groups.
type nodesLoadedMsg struct {
	Reply
	node.Inventory
}

// InventoryChangedMsg reports that the session has new data of the nodes. Open is
// set if the user is waiting for their list.
type InventoryChangedMsg struct {
	At   time.Time
	Open bool
}
