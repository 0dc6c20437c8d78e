package meter

import "weir/flow"

// arrivals keeps values under keys in order of arrival, up to a limit. Finding and
// removing the oldest value, or the values under one key in their order, takes
// constant time.
//
// Each value is in two doubly linked rings: one of all values, and one of those whose
// hashes end alike. The hash is the table's: it is seeded, so that packets can't be
// made up that fill one of these rings. A value is named by its place, which stays
// the same until remove.
type arrivals[T any] struct {
	items  []arrival[T] // by place
	all    ring         // value i is i+1; begins and ends with 0
	byHash ring         // value i is limit+i; those whose hashes end with h begin and end with h
	free   []uint32     // places that were removed
	limit  int          // a power of two
	table  *table       // for its hash
}

type arrival[T any] struct {
	key   flow.Key
	hash  uint32
	value T
}

// ring is the links of one or more rings.
type ring []links

// add puts i in front of j: behind all others if the ring begins with j.
func (r ring) add(i, j uint32) {
	last := r[j].prev
	r[i] = links{next: j, prev: last}
	r[last].next, r[j].prev = i, i
}

func (r ring) remove(i uint32) {
	l := r[i]
	r[l.prev].next, r[l.next].prev = l.next, l.prev
}

func newArrivals[T any](limit int, tb *table) *arrivals[T] {
	return &arrivals[T]{limit: limit, table: tb}
}

func (a *arrivals[T]) len() int { return len(a.items) - len(a.free) }

func (a *arrivals[T]) isFull() bool { return a.len() == a.limit }

// oldest is the place of the value that came first. There must be one.
func (a *arrivals[T]) oldest() uint32 { return a.all[0].next - 1 }

// at returns the value in a place. The pointer is valid until add.
func (a *arrivals[T]) at(place uint32) *T { return &a.items[place].value }

// find returns the place of the first value under k, or none.
func (a *arrivals[T]) find(k *flow.Key) uint32 {
	if a.len() == 0 {
		return none
	}
	h := a.table.hash(k)
	return a.search(a.byHash[a.bucket(h)].next, k, h)
}

// after returns the place of the value that came next under the same key as the one in a
// place, or none.
func (a *arrivals[T]) after(place uint32) uint32 {
	item := &a.items[place]
	return a.search(a.byHash[uint32(a.limit)+place].next, &item.key, item.hash)
}

// search returns the place of the first value under k, whose hash is h, from at in
// alike on.
func (a *arrivals[T]) search(at uint32, k *flow.Key, h uint32) uint32 {
	for ; at >= uint32(a.limit); at = a.byHash[at].next {
		place := at - uint32(a.limit)
		if item := &a.items[place]; item.hash == h && isSame(&item.key, k) {
			return place
		}
	}
	return none
}

// ending is the ring in alike for hash h.
func (a *arrivals[T]) bucket(h uint32) uint32 { return h & uint32(a.limit-1) }

// add appends a value under k, which may have others, and returns where it goes: what
// is there is to be overwritten. There must be room for it.
func (a *arrivals[T]) add(k *flow.Key) *T {
	if a.all == nil {
		a.all, a.byHash = make(ring, 1+a.limit), make(ring, 2*a.limit)
		for h := range uint32(a.limit) {
			a.byHash[h] = links{h, h}
		}
	}
	var place uint32
	if last := len(a.free) - 1; last >= 0 {
		place, a.free = a.free[last], a.free[:last]
	} else {
		place = uint32(len(a.items))
		a.items = append(a.items, arrival[T]{})
	}
	item := &a.items[place]
	item.key, item.hash = *k, a.table.hash(k)
	a.all.add(place+1, 0)
	a.byHash.add(uint32(a.limit)+place, a.bucket(item.hash))
	return &item.value
}

// remove forgets the value in a place.
func (a *arrivals[T]) remove(place uint32) {
	a.all.remove(place + 1)
	a.byHash.remove(uint32(a.limit) + place)
	a.free = append(a.free, place)
}
