package block

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"slices"
)

// addressTable numbers the addresses of a block. It is a hash table with open addressing: Go's map
// took a seventh of the writer's time. The hash is seeded, so that an attacker cannot choose addresses
// that collide.
type addressTable struct {
	seed  [2]uint64
	slots []int32 // index in seen plus 1; 0: empty
	seen  []netip.Addr
	order []int32 // indexes in seen, sorted by address
	rank  []int64 // of each address in seen: its index in dict
	dict  []netip.Addr
}

// collect sets the address columns of tuples to indexes in the sorted list of addresses that it
// returns.
func (k *addressTable) collect(tuples []*Tuple) []netip.Addr {
	if k.seed == [2]uint64{} {
		k.seed = [2]uint64{rand.Uint64(), rand.Uint64()}
	}
	size := 64
	for size < 4*len(tuples) {
		size *= 2
	}
	if len(k.slots) != size {
		k.slots = make([]int32, size)
	}
	clear(k.slots)
	k.seen, k.order, k.dict = k.seen[:0], k.order[:0], k.dict[:0]
	for _, t := range tuples {
		for i, c := range addressColumns {
			t.Nums[c] = int64(k.indexOf(t.Addrs[i]))
		}
	}
	for i := range k.seen {
		k.order = append(k.order, int32(i))
	}
	slices.SortFunc(k.order, func(a, b int32) int { return k.seen[a].Compare(k.seen[b]) })
	k.rank = slices.Grow(k.rank[:0], len(k.seen))[:len(k.seen)]
	for rank, i := range k.order {
		k.rank[i] = int64(rank)
		k.dict = append(k.dict, k.seen[i])
	}
	for _, t := range tuples {
		for _, c := range addressColumns {
			t.Nums[c] = k.rank[t.Nums[c]]
		}
	}
	return k.dict
}

// indexOf returns the index of a in seen, where it adds a if necessary.
func (k *addressTable) indexOf(a netip.Addr) int32 {
	mask := uint64(len(k.slots) - 1)
	for at := k.hash(a); ; at++ {
		switch slot := &k.slots[at&mask]; {
		case *slot == 0:
			k.seen = append(k.seen, a)
			*slot = int32(len(k.seen))
			return *slot - 1
		case k.seen[*slot-1] == a:
			return *slot - 1
		}
	}
}

// hash folds a 64×64-bit product, as wyhash does.
func (k *addressTable) hash(a netip.Addr) uint64 {
	b := a.As16() // zero for the zero Addr
	hi, lo := bits.Mul64(binary.BigEndian.Uint64(b[:])^k.seed[0], binary.BigEndian.Uint64(b[8:])^k.seed[1])
	return hi ^ lo
}
