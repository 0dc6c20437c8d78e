package tui

import "weir/tui/session"

// What the screen is given is declared where it is used; these are its names for
// the program around.
type (
	// Config is what the screen needs to know. Store is required.
	Config = session.Config
	// Store is where the screen gets flows from.
	Store = session.Store
	// Aggregator is a Store that adds flows up.
	Aggregator = session.Aggregator
	// Settings is what the reader has chosen on the screen.
	Settings = session.Settings
	// ColumnSetting is one column of the table.
	ColumnSetting = session.ColumnSetting
	// Searches is where searches with a name are kept.
	Searches = session.Searches
	// SavedSearch is a search with a name.
	SavedSearch = session.SavedSearch
)
