package db

// idSet has a bit for each id of a chunk, which is idsPerChunk ids.
type idSet [idsPerChunk / 64]uint64

// has reports whether an id of the chunk is in the set.
func (s *idSet) has(id int64) bool {
	at := id & (idsPerChunk - 1)
	return s[at/64]&(1<<(at%64)) != 0
}

// add adds an id of the chunk.
func (s *idSet) add(id int64) {
	at := id & (idsPerChunk - 1)
	s[at/64] |= 1 << (at % 64)
}
