package flows

import (
	"weir/search"
	"weir/tui/session"
)

// PageLoadedMsg: a part of the result is there.
type PageLoadedMsg struct {
	session.Reply
	query search.Query // as asked, its range resolved
	first bool         // the beginning of the result; else what follows the loaded flows
	page  search.Page
}

// totalCountedMsg: the flows that match were counted.
type totalCountedMsg struct {
	session.Reply
	n int64
}

// newCountedMsg: the flows that came since the view stands still were counted.
type newCountedMsg struct {
	session.Reply
	n int64
}
