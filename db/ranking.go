package db

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"

	"weir/search"
)

// ranking keeps the n largest groups in a heap with the smallest of them first. Keys are compared as text,
// and built only for groups that equal the smallest in octets and flows.
type ranking struct {
	n     int
	by    search.By
	list  []ranked
	spare []byte // for the key of a group that may be added
}

type ranked struct {
	search.Talker
	key []byte
}

// compare returns a negative number if r comes after the group t with that key, and a positive one if it
// comes before.
func (r *ranked) compare(t *search.Talker, key []byte) int {
	return cmp.Or(cmp.Compare(r.Octets, t.Octets), cmp.Compare(r.Flows, t.Flows), bytes.Compare(key, r.key))
}

// Len, Less, Swap, Push and Pop implement [heap.Interface].
func (k *ranking) Len() int { return len(k.list) }

func (k *ranking) Less(i, j int) bool { return k.list[i].compare(&k.list[j].Talker, k.list[j].key) < 0 }
func (k *ranking) Swap(i, j int)      { k.list[i], k.list[j] = k.list[j], k.list[i] }
func (k *ranking) Push(x any)         { r, _ := x.(ranked); k.list = append(k.list, r) }

func (k *ranking) Pop() any {
	last := k.list[len(k.list)-1]
	k.list = k.list[:len(k.list)-1]
	return last
}

// add adds a group, if it is among the n largest so far.
func (k *ranking) add(t *search.Talker) {
	if k.n == 0 {
		return
	}
	if len(k.list) < k.n {
		heap.Push(k, ranked{*t, t.AppendKey(nil, k.by)})
		return
	}
	least := &k.list[0]
	if t.Octets < least.Octets || t.Octets == least.Octets && t.Flows < least.Flows {
		return
	}
	k.spare = t.AppendKey(k.spare[:0], k.by)
	if least.compare(t, k.spare) < 0 {
		*least = ranked{*t, append(least.key[:0], k.spare...)}
		heap.Fix(k, 0)
	}
}

// sorted returns the groups, the largest first.
func (k *ranking) sorted() []search.Talker {
	slices.SortFunc(k.list, func(a, b ranked) int { return b.compare(&a.Talker, a.key) })
	out := make([]search.Talker, len(k.list))
	for i := range k.list {
		out[i] = k.list[i].Talker
	}
	return out
}
