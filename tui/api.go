package tui

import "weir/tui/session"

// The types of the screen's configuration are declared in package session, which uses
// them; callers of this package use these names.
type (
	// Config is the configuration of the screen. Store is required.
	Config = session.Config
	// Store provides the flows.
	Store = session.Store
	// Aggregator is a Store that also sums flows.
	Aggregator = session.Aggregator
	// Settings are the choices that persist between sessions.
	Settings = session.Settings
	// ColumnSetting is a column of the flow table.
	ColumnSetting = session.ColumnSetting
	// Searches stores named searches.
	Searches = session.Searches
	// SavedSearch is a named search.
	SavedSearch = session.SavedSearch
)
