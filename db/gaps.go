package db

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"

	"weir/db/block"
	"weir/search"
)

// gap describes a damaged block that can't be read. Searches skip it and report it.
type gap struct {
	id    int64
	nodes []block.NodeSum // nil: unknown, because the header is damaged
	rows  int64           // -1: unknown
	span                  // of start times; allTime: unknown
	end   int64           // after it no flow of the block was active
	table string          // what is damaged instead of a block, for messages
	err   error
}

// isDamage reports whether an error means that data in the file is damaged.
func isDamage(err error) bool {
	return errors.Is(err, block.ErrDamaged) || errors.Is(err, block.ErrVanished) || code(err) == sqlite3.SQLITE_CORRUPT
}

// errPartMissing means that a block has a row but not all of its parts.
var errPartMissing = fmt.Errorf("a part is missing: %w", block.ErrDamaged)

// gapOf describes a block with a readable header.
func gapOf(b *block.Header, err error) gap {
	if errors.Is(err, block.ErrVanished) {
		err = errPartMissing
	}
	start := b.Zone(block.ColStart)
	return gap{id: b.ID, nodes: b.Sums, rows: int64(b.Rows), span: span{start.Min, start.Max}, end: latestEnd(b), err: fmt.Errorf("block %d: %w", b.ID, err)}
}

// gapOfRow describes a block with a damaged header from the other columns of its row. They have no
// checksum, so they are used only if they are consistent with each other.
func gapOfRow(r *blockRow, err error) gap {
	g := gap{id: r.id, rows: -1, span: allTime, end: math.MaxInt64, err: err}
	if r.plausible() {
		g.rows, g.span = r.rows, span{r.startMin, r.startMax}
	}
	return g
}

// gapOfPieces describes flows that are missing from pieces. Their times and nodes are unknown. So is their
// number, unless damaged pieces account for it.
func gapOfPieces(missing int64, err error) gap {
	if err == nil {
		err = fmt.Errorf("a piece, or the list of superseded rows in it, is missing: %w", block.ErrDamaged)
	}
	if missing <= 0 { // rows whose superseded mark was lost count twice
		missing = -1
	}
	return gap{id: search.NoBlock, rows: missing, span: allTime, end: math.MaxInt64, err: err}
}

// gapSet contains the gaps of an answer by block.
type gapSet struct {
	mu   sync.Mutex
	gaps map[int64]gap
}

// add adds the gaps that can hold flows which start in sp and were active in clip.
func (s *gapSet) add(gaps []gap, sp, clip span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range gaps {
		if !sp.intersect(g.span).empty() && g.end >= clip.lo {
			if s.gaps == nil {
				s.gaps = map[int64]gap{}
			}
			s.gaps[g.id] = g
		}
	}
}

// addTable adds a small table, if it is damaged. It returns other errors.
func (s *gapSet) addTable(t *table, err error) error {
	if !isDamage(err) {
		return err
	}
	s.add([]gap{{id: t.gap, table: t.text, span: allTime, end: math.MaxInt64, err: err}}, allTime, allTime)
	return nil
}

// clear removes all gaps.
func (s *gapSet) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = nil
}

// incomplete returns the error for an answer with gaps, or nil if there are none.
func (s *gapSet) incomplete(names *dictionary) error {
	if len(s.gaps) == 0 {
		return nil
	}
	e := &search.IncompleteError{}
	for _, id := range slices.Sorted(maps.Keys(s.gaps)) {
		g := s.gaps[id]
		if e.Err == nil {
			e.Err = g.err
		}
		if g.table != "" {
			e.Gaps = append(e.Gaps, search.Gap{Table: g.table})
			continue
		}
		out := search.Gap{Block: id, Flows: g.rows, Unsure: g.nodes == nil && g.rows >= 0 && g.id != search.NoBlock}
		if g.span != allTime {
			out.From, out.To = block.TimeOf(g.lo), block.TimeOf(g.hi)
		}
		for _, n := range g.nodes {
			out.Nodes = append(out.Nodes, names.name(n.Node))
		}
		e.Gaps = append(e.Gaps, out)
	}
	return e
}

// orphans returns a gap for each block that has parts but no readable row in the table blocks. Without it,
// a row lost through damage inside SQLite's tables would look like a block that retention removed. ids
// are the numbers of the other blocks, ascending; numbers below from are not checked.
func (c connection) orphans(ids []int64, from int64) (gaps []gap, err error) {
	const pastAll = 1 << 52 // PartsPerBlock times that is an int64
	next := from
	for _, id := range append(ids, pastAll) {
		for next < id {
			var n, part int64
			if err := c.ints("SELECT count(*), min(id) FROM (SELECT id FROM parts WHERE id >= ? AND id < ? LIMIT 1)",
				[]any{next * block.PartsPerBlock, id * block.PartsPerBlock}, &n, &part); err != nil {
				return nil, err
			}
			if n == 0 {
				break
			}
			next = part/block.PartsPerBlock + 1
			gaps = append(gaps, gap{id: next - 1, rows: -1, span: allTime, end: math.MaxInt64,
				err: fmt.Errorf("block %d: its row in the table blocks is missing: %w", next-1, block.ErrDamaged)})
		}
		next = max(next, id+1)
	}
	return gaps, nil
}
