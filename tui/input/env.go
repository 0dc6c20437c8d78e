package input

import (
	"time"

	"weir/search"
)

// Env is the environment of a window or input line: the time, the user's time zone,
// and the names for completion.
type Env struct {
	Now   time.Time
	Loc   *time.Location // never nil
	Words search.Env     // of the network, for completion
}

// HistoryMax is how many filters and searches the history keeps.
const HistoryMax = 100
