package search

// Request is a query to a store, with options that do not affect the result.
type Request struct {
	Query

	// Progress, if not nil, is called while the store reads. planned is the
	// maximum amount to read in units of the store, and done the amount read so
	// far. Both restart for every page of a paged result, and done stays below
	// planned if the result is complete early. The store calls Progress
	// synchronously and from several goroutines, so calls can arrive out of
	// order.
	Progress func(done, planned int64)
}
