package flows

import (
	"weir/search"
	"weir/tui/session"
)

// PageLoadedMsg delivers a page of the result.
type PageLoadedMsg struct {
	session.Reply
	query search.Query // with its time range resolved
	first bool         // the first page; else the one after the loaded flows
	page  search.Page
}

// totalCountedMsg delivers the number of matching flows.
type totalCountedMsg struct {
	session.Reply
	n int64
}

// newCountedMsg delivers the number of flows since the view stopped following.
type newCountedMsg struct {
	session.Reply
	n int64
}
