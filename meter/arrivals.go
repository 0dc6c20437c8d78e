package meter

import "weir/flow"

// arrivals is a bounded multimap in order of insertion. Finding and removing the oldest value,
// or the next value under a key, takes constant time.
//
// Each value is in two circular doubly linked lists: one of all values, and one of its hash
// bucket. The hash is the table's seeded hash, so an attacker can't craft packets that fill one
// bucket. A value is identified by its slot, which is stable until remove.
type arrivals[T any] struct {
	items  []arrival[T] // by slot
	all    ring         // all values, oldest first: value i is node i+1, the list head is node 0
	byHash ring         // hash chains: value i is node limit+i, the head of bucket h is node h
	free   []uint32     // unused slots
	limit  int          // a power of two
	table  *table       // for its hash
}

type arrival[T any] struct {
	key   flow.Key
	hash  uint32
	value T
}

// ring holds the links of one or more circular lists.
type ring []links

// add inserts i before j. If j is a list head, i becomes the last element.
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

// oldest returns the slot of the oldest value. There must be one.
func (a *arrivals[T]) oldest() uint32 { return a.all[0].next - 1 }

// at returns the value at a slot. The pointer is valid until the next add.
func (a *arrivals[T]) at(slot uint32) *T { return &a.items[slot].value }

// find returns the slot of the oldest value under k, or none.
func (a *arrivals[T]) find(k *flow.Key) uint32 {
	if a.len() == 0 {
		return none
	}
	h := a.table.hash(k)
	return a.search(a.byHash[a.bucket(h)].next, k, h)
}

// after returns the slot of the next value under the same key as the one at slot, or none.
func (a *arrivals[T]) after(slot uint32) uint32 {
	item := &a.items[slot]
	return a.search(a.byHash[uint32(a.limit)+slot].next, &item.key, item.hash)
}

// search follows a hash chain from node at and returns the first slot with key k and hash h, or
// none.
func (a *arrivals[T]) search(at uint32, k *flow.Key, h uint32) uint32 {
	for ; at >= uint32(a.limit); at = a.byHash[at].next {
		slot := at - uint32(a.limit)
		if item := &a.items[slot]; item.hash == h && isSame(&item.key, k) {
			return slot
		}
	}
	return none
}

// bucket returns the list head in byHash for hash h.
func (a *arrivals[T]) bucket(h uint32) uint32 { return h & uint32(a.limit-1) }

// add appends a value under k and returns a pointer to it, for the caller to overwrite. A key
// may have several values. There must be room.
func (a *arrivals[T]) add(k *flow.Key) *T {
	if a.all == nil {
		a.all, a.byHash = make(ring, 1+a.limit), make(ring, 2*a.limit)
		for h := range uint32(a.limit) {
			a.byHash[h] = links{h, h}
		}
	}
	var slot uint32
	if last := len(a.free) - 1; last >= 0 {
		slot, a.free = a.free[last], a.free[:last]
	} else {
		slot = uint32(len(a.items))
		a.items = append(a.items, arrival[T]{})
	}
	item := &a.items[slot]
	item.key, item.hash = *k, a.table.hash(k)
	a.all.add(slot+1, 0)
	a.byHash.add(uint32(a.limit)+slot, a.bucket(item.hash))
	return &item.value
}

// remove deletes the value at a slot.
func (a *arrivals[T]) remove(slot uint32) {
	a.all.remove(slot + 1)
	a.byHash.remove(uint32(a.limit) + slot)
	a.free = append(a.free, slot)
}
