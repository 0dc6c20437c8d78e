package db

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"weir/db/block"
	"weir/search"
)

// Top returns the first groups of the flows of q in its order. All matching flows count: the limit and the
// order of the query are ignored. Of their counters the part counts that falls into the time range, spread
// evenly over the duration of the flow.
//
// It holds at most a million groups, and as many distinct peers and ports, at a time. If there are more, it
// reads the flows several times, each time for others; flows written meanwhile count only in later passes.
func (r *Reader) Top(ctx context.Context, q search.TopRequest) (search.Talkers, error) {
	top, err := r.top(ctx, q, maxGroups, fewSlots, mostSlots)
	if !search.Answered(err) {
		return search.Talkers{}, fmt.Errorf("sum flows: %w", err)
	}
	return top, err
}

// top is Top with at most so many groups in memory, and distinct values in so many slots.
func (r *Reader) top(ctx context.Context, q search.TopRequest, groups, few, most int) (search.Talkers, error) {
	if err := q.By.Check(); err != nil {
		return search.Talkers{}, err
	}
	s := &summing{
		reader: r, ctx: ctx, TopRequest: &q, table: newGroupTable(groups), seed: newSeed(),
		best: ranking{TopRequest: &q}, most: groups, few: few, total: noSums,
	}
	for i := range s.counts {
		s.counts[i] = newDroppable(few, s.room)
	}
	if i, ok := countOf(q.Order); ok {
		s.counts[i] = newDistinct(most)
		s.table.limit = max(groups/2, 1) // room for their distinct values
	}
	if err := s.sumAll(); err != nil {
		return search.Talkers{}, err
	}
	if err := s.countDropped(); err != nil {
		return search.Talkers{}, err
	}
	out := search.Talkers{Rows: s.best.sorted(), Groups: s.groups, Total: s.total.totals()}
	return out, s.incomplete
}

// countOf returns the number of the distinct values by which an order sorts.
func countOf(c search.SumColumn) (int, bool) {
	switch c {
	case search.SumPeers:
		return countPeers, true
	case search.SumPorts:
		return countPorts, true
	}
	return 0, false
}

// summing is the state of one call of Top.
type summing struct {
	*search.TopRequest
	reader     *Reader
	ctx        context.Context
	table      *groupTable
	counts     [numCounts]distinct
	seed       hashSeed
	names      *dictionary // of the last pass
	best       ranking
	groups     int64
	most       int // groups in memory
	few        int // slots of a droppable set, however many groups there are
	total      sums
	incomplete error

	free   sync.Pool // of *batchGroups, one for each worker
	hashes []uint64  // of the groups of a batch
	rows   []int     // of these groups; -1: not in the table
	moved  bool      // rows of the table have moved since the batch began
}

// sumAll reads the groups in as many passes as it takes with the limit of the table.
func (s *summing) sumAll() error {
	for first, last := uint64(0), uint64(math.MaxUint64); ; {
		if err := s.pass(func() { s.table.reset(first, last) }, true); err != nil {
			return err
		}
		if err := s.countRest(); err != nil {
			return err
		}
		for i := range s.table.n {
			row := s.table.row(i)
			s.total.add(&row.sums)
			s.best.add(row, s.table.key(i), s.names)
		}
		s.groups += int64(s.table.n)
		if s.table.last == math.MaxUint64 {
			return nil
		}
		// Hashes are distributed evenly: a range of the same size has about as many groups.
		width := s.table.last - first
		first = s.table.last + 1
		last = first + min(width, math.MaxUint64-first)
	}
}

// countRest counts the distinct values of the pass, and in further ones those that the pass had no room for.
func (s *summing) countRest() error {
	for {
		more := false
		for i := range s.counts {
			if !s.counts[i].counting() {
				continue
			}
			s.counts[i].each(func(row int) { s.table.row(row).count[i]++ })
			if s.counts[i].next() {
				more = true
			} else {
				s.counts[i].end()
			}
		}
		if !more {
			break
		}
		if err := s.pass(func() {}, false); err != nil {
			return err
		}
	}
	for i := range s.counts {
		s.counts[i].begin()
	}
	return nil
}

// countDropped counts the distinct values of the best groups, if there was no room to count those of all.
func (s *summing) countDropped() error {
	again := false
	for i := range s.counts {
		if s.counts[i].dropped {
			s.counts[i] = newDistinct(max(slotsPerGroup*s.most/numCounts, leastSlots)) // in place of other groups
			again = true
		} else {
			s.counts[i].end()
		}
	}
	if !again || len(s.best.list) == 0 {
		return nil
	}
	s.table = newGroupTable(len(s.best.list))
	for i := range s.best.list {
		key := s.best.list[i].key
		s.table.add(key, s.table.hash(key), &noSums, nil)
	}
	counted := s.counts
	if err := s.pass(func() {}, false); err != nil {
		return err
	}
	if err := s.countRest(); err != nil {
		return err
	}
	for i := range s.best.list {
		best := &s.best.list[i]
		count := s.table.row(s.table.find(best.key, s.table.hash(best.key))).count
		if !counted[countPeers].ended {
			best.Peers = int64(count[countPeers])
		}
		if !counted[countPorts].ended {
			best.Ports = int64(count[countPorts])
		}
	}
	return nil
}

// pass reads the flows once. It sums groups if asked to, and counts distinct values in any case. begin is
// called before each attempt.
func (s *summing) pass(begin func(), sum bool) error {
	now := s.reader.now()
	ranges := [numCounts][2]uint64{}
	for i := range s.counts {
		ranges[i] = [2]uint64{s.counts[i].first, s.counts[i].last}
	}
	err := s.reader.read(s.ctx, s.Progress, func(sn *snapshot) error {
		s.names = sn.names
		begin()
		for i := range s.counts {
			s.counts[i].reset(ranges[i][0], ranges[i][1])
		}
		sel, err := compile(s.Query, sn.names, now)
		if err != nil || sel.matchesNothing() {
			return err
		}
		var mu sync.Mutex
		return sn.visit(sel, func(b block.Batch, rows block.Bitmap) error {
			found, _ := s.free.Get().(*batchGroups)
			if found == nil {
				found = newBatchGroups(s.seed)
			}
			defer s.free.Put(found)
			mu.Lock()
			counted := s.counted()
			mu.Unlock()
			if err := found.read(b, rows, sel.clip, s.By, counted); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			s.merge(found, sum)
			return nil
		})
	})
	if !search.Answered(err) {
		return err
	}
	s.incomplete = search.JoinIncomplete(s.incomplete, err)
	return nil
}

// counted returns which distinct values are counted.
func (s *summing) counted() (yes [numCounts]bool) {
	for i := range s.counts {
		yes[i] = s.counts[i].counting()
	}
	return yes
}

// merge adds the groups of a batch to the table, if asked to, and their distinct values.
func (s *summing) merge(found *batchGroups, sum bool) {
	s.hashes, s.rows, s.moved = s.hashes[:0], s.rows[:0], false
	for i := range found.sums {
		key := found.key(i)
		hash := s.table.hash(key)
		var row int
		if sum {
			row = s.table.add(key, hash, &found.sums[i], s.move)
		} else {
			row = s.table.find(key, hash)
		}
		s.hashes, s.rows = append(s.hashes, hash), append(s.rows, row)
	}
	s.dropLarge()
	yes := s.counted()
	if !slices.Contains(yes[:], true) {
		return
	}
	if s.moved {
		for i := range s.rows {
			s.rows[i] = s.table.find(found.key(i), s.hashes[i])
		}
	}
	for i := range s.counts {
		if !yes[i] {
			continue
		}
		for _, v := range found.values[i] {
			if row := s.rows[v.group]; row >= 0 {
				s.counts[i].add(row, pairHash(s.hashes[v.group], v.value))
			}
		}
	}
}

const (
	slotsPerGroup = 4  // of a set, which take as much memory as a group, or more
	fewGroups     = 16 // slots per group from which on a set grows: with more groups it would soon have to be dropped
)

// room reports whether a set may grow by so many slots beside the groups and the other set.
func (s *summing) room(slots int) bool {
	for i := range s.counts {
		slots += len(s.counts[i].rows)
	}
	return fewGroups*s.table.n <= slots && slots <= slotsPerGroup*(s.most-s.table.n)
}

// dropLarge drops the sets that have grown, if the groups need their room.
func (s *summing) dropLarge() {
	for i := range s.counts {
		if d := &s.counts[i]; d.droppable && d.counting() && len(d.rows) > s.few && !s.room(0) {
			d.drop()
		}
	}
}

// move tells the distinct values of moved rows.
func (s *summing) move(rows []int32) {
	s.moved = true
	for i := range s.counts {
		if d := &s.counts[i]; d.counting() {
			d.rebuild(len(d.rows), func(row int, _ uint64) int { return int(rows[row]) })
		}
	}
}
