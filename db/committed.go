package db

import "weir/flow"

// committedIDs are the flows of which this writer has committed a record, a bit each. It remembers those of the
// last maxChunks ranges of ids; of older flows that still have records, an earlier one was committed long ago.
type committedIDs struct {
	chunks map[int64]*idSet
	oldest int64 // chunk
}

// add records that recs, sorted by id, are committed.
func (s *committedIDs) add(recs []*flow.Record) {
	if s.chunks == nil && len(recs) > 0 {
		s.chunks, s.oldest = map[int64]*idSet{}, recs[0].ID>>chunkBits
	}
	var set *idSet
	number := int64(-1)
	for _, r := range recs {
		if r.ID>>chunkBits != number {
			number = r.ID >> chunkBits
			set = s.chunk(number)
		}
		if set != nil {
			set.add(r.ID)
		}
	}
}

// chunk returns a chunk, a new one if necessary, or nil if it is no longer remembered.
func (s *committedIDs) chunk(number int64) *idSet {
	if set, ok := s.chunks[number]; ok {
		return set
	}
	if number < s.oldest && len(s.chunks) >= maxChunks {
		return nil
	}
	set := new(idSet)
	s.chunks[number] = set
	s.oldest = min(s.oldest, number)
	for len(s.chunks) > maxChunks {
		delete(s.chunks, s.oldest)
		s.oldest++
	}
	return set
}

// has reports whether a record of a flow was committed.
func (s *committedIDs) has(id int64) bool {
	if id>>chunkBits < s.oldest {
		return len(s.chunks) >= maxChunks
	}
	set, ok := s.chunks[id>>chunkBits]
	return ok && set.has(id)
}
