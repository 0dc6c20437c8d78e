package db

import (
	"context"
	"fmt"
	"sync"

	"weir/flow"
)

// lostFlows are the flows of the records that the writer accepted and could not store.
type lostFlows struct {
	mu  sync.Mutex
	ids map[int64]struct{} // already counted
}

// late returns how many of the flows that end after the writer has stopped have a record in the store. The
// others have already been counted.
func (l *lostFlows) late(ends []flow.Ending) (outdated uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range ends {
		if _, counted := l.ids[e.ID]; !counted {
			outdated++
		}
	}
	return outdated
}

// countLost counts the flows of a group that can't be written, and of the groups queued after it. It returns
// the resulting error of Run; why explains err.
func (w *Writer) countLost(g commitGroup, why string, err error) error {
	w.queue.refuse()
	w.lost.mu.Lock()
	defer w.lost.mu.Unlock()
	last := map[int64]point{} // of each flow in the groups
	var ends []flow.Ending
	for _, g := range append(w.queue.takeAll(), g) {
		for _, recs := range g.batches {
			for i := range recs {
				if recs[i].ID == 0 {
					recs[i].ID = w.nextID.Add(1)
				}
				last[recs[i].ID] = point{recs[i].Node, recs[i].Interface}
			}
		}
		ends = append(ends, g.ends...)
	}
	stored := w.storedAmong(last)
	lost := map[point]flow.CoverageCounts{}
	var unstored, outdated uint64
	w.lost.ids = make(map[int64]struct{}, len(last))
	for id, at := range last {
		n := lost[at]
		if stored[id] {
			n.Outdated++
			outdated++
		} else {
			n.Unstored++
			unstored++
		}
		lost[at] = n
		w.lost.ids[id] = struct{}{}
	}
	for _, e := range ends {
		if _, counted := w.lost.ids[e.ID]; !counted {
			outdated++
		}
	}
	w.unstored.Add(unstored)
	w.outdated.Add(outdated)
	w.coverage.addLost(lost)
	return fmt.Errorf("%s were waiting to be written and are not stored: %s: %w", flowsWords(unstored, outdated), why, err)
}

// flowsWords says how many flows were lost.
func flowsWords(unstored, outdated uint64) string {
	if outdated == 0 {
		return fmt.Sprintf("%d flows", unstored)
	}
	return fmt.Sprintf("%d flows and the last updates of %d more", unstored, outdated)
}

// storedAmong returns which of the flows are in the file. If the file can't be read, they are those of which
// a record was committed.
func (w *Writer) storedAmong(flows map[int64]point) map[int64]bool {
	stored := make(map[int64]bool, len(flows))
	w.mu.Lock()
	defer w.mu.Unlock()
	err := raw(context.Background(), w.conn, func(c connection) error {
		s, err := c.state()
		if err != nil {
			return err
		}
		known, err := newTracker(c, s)
		if err != nil {
			return err
		}
		for id := range flows {
			_, open := known.open[id]
			if !open {
				if open, err = known.hasEnded(c, id, s.lastID); err != nil {
					return err
				}
			}
			if open {
				stored[id] = true
			}
		}
		return nil
	})
	if err != nil {
		clear(stored)
		for id := range flows {
			if w.committed.has(id) {
				stored[id] = true
			}
		}
	}
	return stored
}
