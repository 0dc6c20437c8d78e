package db

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"

	"weir/db/block"
	"weir/search"
)

// ranking keeps the first n groups in a heap with the last of them on top. Keys are compared as text, and
// built only for groups that are otherwise equal to the last one.
type ranking struct {
	*search.TopRequest
	list  []ranked
	spare ranked // a group that may be added
}

type ranked struct {
	search.Talker
	measure uint64 // by which it is ordered
	text    []byte // its key as text
	key     []byte // as in the table
}

// compare returns a negative number if a comes before b, as TopRequest.Compare.
func (k *ranking) compare(a, b *ranked) int {
	order := cmp.Compare(b.measure, a.measure)
	if k.Order == search.SumKey {
		order = search.CompareValues(a.Values, b.Values)
	}
	if k.Reverse {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(b.Octets, a.Octets), cmp.Compare(b.Flows, a.Flows), bytes.Compare(a.text, b.text))
}

// Len, Less, Swap, Push and Pop implement [heap.Interface].
func (k *ranking) Len() int { return len(k.list) }

func (k *ranking) Less(i, j int) bool { return k.compare(&k.list[i], &k.list[j]) > 0 }
func (k *ranking) Swap(i, j int)      { k.list[i], k.list[j] = k.list[j], k.list[i] }
func (k *ranking) Push(x any)         { r, _ := x.(ranked); k.list = append(k.list, r) }

func (k *ranking) Pop() any {
	last := k.list[len(k.list)-1]
	k.list = k.list[:len(k.list)-1]
	return last
}

// add adds a group, if it is among the n first so far.
func (k *ranking) add(row *tableRow, key []byte, names *dictionary) {
	if k.N <= 0 {
		return
	}
	t := &k.spare
	t.Sums = row.totals()
	t.measure = k.Order.Measure(&t.Sums)
	full := len(k.list) >= k.N
	if full && k.Order != search.SumKey {
		last := &k.list[0]
		order := cmp.Compare(last.measure, t.measure)
		if k.Reverse {
			order = -order
		}
		if cmp.Or(order, cmp.Compare(last.Octets, t.Octets), cmp.Compare(last.Flows, t.Flows)) > 0 {
			return
		}
	}
	t.Values = appendValues(t.Values[:0], key, k.By, names)
	t.text = t.AppendKey(t.text[:0], k.By)
	if full && k.compare(t, &k.list[0]) >= 0 {
		return
	}
	kept := ranked{search.Talker{Values: slices.Clone(t.Values), Sums: t.Sums}, t.measure, bytes.Clone(t.text), bytes.Clone(key)}
	if !full {
		heap.Push(k, kept)
		return
	}
	k.list[0] = kept
	heap.Fix(k, 0)
}

// sorted returns the groups in order.
func (k *ranking) sorted() []search.Talker {
	slices.SortFunc(k.list, func(a, b ranked) int { return k.compare(&a, &b) })
	var out []search.Talker
	for i := range k.list {
		out = append(out, k.list[i].Talker)
	}
	return out
}

// totals returns the sums of a group.
func (r *tableRow) totals() search.Sums {
	s := r.sums.totals()
	s.Peers, s.Ports = int64(r.count[countPeers]), int64(r.count[countPorts])
	return s
}

// totals returns the sums without counts of distinct values.
func (s *sums) totals() search.Sums {
	t := search.Sums{Flows: s.flows, Octets: s.octets(), Packets: s.packets, Sent: s.sent, Recv: s.recv}
	if s.first <= s.last {
		t.First, t.Last = block.TimeOf(s.first), block.TimeOf(s.last)
	}
	return t
}
