package input

import (
	"time"

	"weir/search"
)

// Env is what a window or a line of input may ask about the world: the time,
// where on earth the reader is, and what there is to name. Tests hand in fixed
// ones.
type Env struct {
	Now   time.Time
	Loc   *time.Location // never nil
	Words search.Env     // of the network, for completion
}

// HistoryMax is how many earlier filters and searches are remembered.
const HistoryMax = 100
