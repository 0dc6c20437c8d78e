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
	Known bool           // Words has the names of the store, which have been read
}

// With is [search.Query.With] for a text whose words and groups must be known, once the names are.
func (e *Env) With(q search.Query, text string) (search.Query, error) {
	return e.known(text, func(text string) (search.Query, error) { return q.With(text, e.Now, e.Loc) })
}

// ParseQuery is [search.ParseQuery] for a text whose words and groups must be known, once the names are.
func (e *Env) ParseQuery(text string) (search.Query, error) {
	return e.known(text, func(text string) (search.Query, error) { return search.ParseQuery(text, e.Now, e.Loc) })
}

func (e *Env) known(text string, parse func(string) (search.Query, error)) (search.Query, error) {
	q, err := parse(text)
	if err != nil || !e.Known {
		return q, err
	}
	if err := search.CheckGroups(text, q.Filter, e.Words.Groups); err != nil {
		return q, err
	}
	known, err := search.CheckWords(text, e.Now, e.Loc, e.Words)
	if err != nil || known == text {
		return q, err
	}
	return parse(known)
}

// HistoryMax is how many filters and searches the history keeps.
const HistoryMax = 100
