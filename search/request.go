package search

// Request is what a store is asked: a query, and what has no influence on the
// answer.
type Request struct {
	Query

	// Progress is told how far the store is: planned is how many pieces of what
	// is stored it may have to read, in a unit of its own, done how many it has
	// read. Both start again with each part of an answer that is read in parts,
	// and an answer that is complete early ends below planned. The store calls it
	// from several goroutines at once, so calls can arrive out of order, and
	// waits for it. Nil: not reported.
	Progress func(done, planned int64)
}
