package session

import "strings"

// SavedSearch is a search with a name.
type SavedSearch struct {
	Name string
	Text string // of the whole query: see search.ParseQuery
}

// SavedSearches are the searches with a name as they were last read.
type SavedSearches []SavedSearch

// Find returns the search of a name, nil if there is none.
func (s SavedSearches) Find(name string) *SavedSearch {
	for i := range s {
		if strings.EqualFold(s[i].Name, name) {
			return &s[i]
		}
	}
	return nil
}

// SearchesReadMsg tells the palette which searches have a name.
type SearchesReadMsg struct{ List SavedSearches }
