package session

import "weir/internal/storetest"

// The contract of stores covers what the screen asks of one.
var (
	_ Store      = storetest.Store(nil)
	_ Aggregator = storetest.Store(nil)
)
