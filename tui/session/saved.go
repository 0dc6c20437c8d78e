package session

import "strings"

// SavedSearch is a named search.
type SavedSearch struct {
	Name string
	Text string // the whole query, as [search.ParseQuery] reads it
}

// SavedSearches is a list of saved searches.
type SavedSearches []SavedSearch

// Find returns the search with a name, compared without regard to case; nil if there is none.
func (s SavedSearches) Find(name string) *SavedSearch {
	for i := range s {
		if strings.EqualFold(s[i].Name, name) {
			return &s[i]
		}
	}
	return nil
}

// SearchesReadMsg delivers the saved searches to the palette.
type SearchesReadMsg struct{ List SavedSearches }
