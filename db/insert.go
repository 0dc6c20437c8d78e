package db

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"weir/db/block"
	"weir/flow"
)

// inserter writes records with prepared statements of the driver. It caches what it knows of the file:
// names, state, and which flows are in pieces.
type inserter struct {
	now          func() time.Time
	names        *dictionary
	state        state
	maxRows      int // of a block
	flows        *tracker
	waitingSince time.Time                     // when the oldest ended flow came into a piece; zero: there is none
	tuples       []block.Tuple                 // reused for the flows of a transaction
	pending      []*block.Tuple                // flows to be written into pieces
	piece        []byte                        // reused
	rows         *block.PieceRows              // reused by readPiece
	outdated     map[point]flow.CoverageCounts // flows that the last write left without their last record
	tooLate      uint64                        // those of them that it had been told the last record of
	packers      [2]block.Packer               // of blocks that are packed concurrently
	lastNames    [5]knownName                  // of nameIDs
	lastSeen     map[int64]int64               // the table reporters, as far as it is sound; nil: not read yet

	putPiece, dropPiece, putSuperseded, dropSuperseded, name, seen, block, part driver.Stmt
}

func newInserter(c connection, now func() time.Time, blockRows int) (in *inserter, err error) {
	in = &inserter{now: now, maxRows: blockRows}
	if in.state, err = c.state(); err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	if in.names, err = readNames(c, in.state); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	if in.flows, err = newTracker(c, in.state); err != nil {
		return nil, err
	}
	if len(in.flows.ended) > 0 {
		in.waitingSince = now()
	}
	for _, s := range []struct {
		stmt *driver.Stmt
		sql  string
	}{
		{&in.putPiece, "INSERT INTO pieces (id, data) VALUES (?, ?)"},
		{&in.dropPiece, "DELETE FROM pieces WHERE id = ?"},
		{&in.putSuperseded, "INSERT INTO superseded (piece, rows) VALUES (?, ?) ON CONFLICT (piece) DO UPDATE SET rows = excluded.rows"},
		{&in.dropSuperseded, "DELETE FROM superseded WHERE piece = ?"},
		{&in.name, "INSERT INTO names (id, name, sum) VALUES (?, ?, ?)"},
		{&in.block, "INSERT INTO blocks (id, stored_ns, format, rows, start_min_ns, start_max_ns, id_min, id_max, header) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&in.part, "INSERT INTO parts (id, data) VALUES (?, ?)"},
	} {
		stmt, err := c.PrepareContext(c.ctx, s.sql)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", s.sql, err), in.close())
		}
		*s.stmt = stmt
	}
	return in, nil
}

func (in *inserter) close() error {
	var errs []error
	for _, s := range []driver.Stmt{in.putPiece, in.dropPiece, in.putSuperseded, in.dropSuperseded, in.name, in.seen, in.block, in.part} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// write writes recs, whose ids ascend, and ends the flows of ends with what is stored of them. Open
// flows go into pieces; so do ended ones until there are minRows of them, enough for a block.
func (in *inserter) write(c connection, recs []*flow.Record, ends []flow.Ending, minRows int) error {
	clear(in.outdated)
	in.tooLate = 0
	latest := make(map[int64]int64, 1)
	ended, err := in.split(c, recs, latest)
	if err == nil {
		ended, err = in.endOpen(c, ends, ended)
	}
	if err != nil {
		return fmt.Errorf("write flows: %w", err)
	}
	if len(in.flows.ended)+len(ended) >= minRows {
		err = in.pack(c, ended)
	} else {
		in.wait(ended)
	}
	if err == nil {
		err = in.storePending(c)
	}
	if err != nil {
		return fmt.Errorf("write flows: %w", err)
	}
	if err := in.storeLastSeen(c, latest); err != nil {
		return err
	}
	in.state.commits++
	return in.saveState(c)
}

// storeLastSeen stores the time of each node's latest packet. A damaged row of a node is replaced;
// others are left for readers to report.
func (in *inserter) storeLastSeen(c connection, latest map[int64]int64) (err error) {
	if in.seen == nil { // not earlier: a migration comes from schemas with other columns
		in.seen, err = c.PrepareContext(c.ctx, "INSERT INTO reporters (node_id, last_ns, sum) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last_ns = excluded.last_ns, sum = excluded.sum")
		if err != nil {
			return fmt.Errorf("prepare the table reporters: %w", err)
		}
	}
	if in.lastSeen == nil {
		in.lastSeen = map[int64]int64{}
		if err := c.reporters(func(id, last int64) { in.lastSeen[id] = last }); err != nil && !isDamage(err) {
			return fmt.Errorf("read last-seen times: %w", err)
		}
	}
	for node, last := range latest {
		if had, ok := in.lastSeen[node]; ok && last <= had {
			continue
		}
		if err := in.exec(c, in.seen, node, last, valuesSum(node, last)); err != nil {
			return fmt.Errorf("write a last-seen time: %w", err)
		}
		in.lastSeen[node] = last
	}
	return nil
}

// storePending writes in.pending into pieces.
func (in *inserter) storePending(c connection) error {
	err := in.writePieces(c)
	if err == nil {
		err = in.tidyPieces(c)
	}
	return err
}

// saveState stores the numbers that the inserter changes.
func (in *inserter) saveState(c connection) error {
	return c.changeState(func(s *state) {
		s.commits, s.lastID, s.nextBlock = in.state.commits, in.state.lastID, in.state.nextBlock
		s.inPieces, s.names = in.flows.count(), int64(len(in.names.byID))
	})
}

// split appends the open flows of recs to in.pending and returns the ended ones. It leaves out flows that
// had ended before, but for late packets of one that waits for a block; those of a flow in a block are
// counted in in.outdated.
func (in *inserter) split(c connection, recs []*flow.Record, latest map[int64]int64) ([]*block.Tuple, error) {
	if cap(in.tuples) < len(recs) {
		in.tuples = make([]block.Tuple, len(recs))
	}
	tuples := in.tuples[:len(recs)]
	ended := make([]*block.Tuple, 0, len(recs))
	for i, r := range recs {
		if had, err := in.flows.hasEnded(c, r.ID, in.state.lastID); err != nil {
			return nil, err
		} else if had && !in.flows.mayReplace(r) {
			if !r.Open() {
				in.countOutdated(point{r.Node, r.Interface})
				in.tooLate++
			}
			continue
		}
		names, err := in.nameIDs(c, r)
		if err != nil {
			return nil, err
		}
		if last, ok := latest[names.Node]; !ok || last < block.Nanos(r.Last) {
			latest[names.Node] = block.Nanos(r.Last)
		}
		tuples[i].Split(r, names)
		if !r.Open() {
			ended = append(ended, &tuples[i])
			continue
		}
		in.pending = append(in.pending, &tuples[i])
	}
	if n := len(recs); n > 0 {
		in.state.lastID = max(in.state.lastID, recs[n-1].ID)
	}
	return ended, nil
}

func (in *inserter) countOutdated(at point) {
	if in.outdated == nil {
		in.outdated = map[point]flow.CoverageCounts{}
	}
	n := in.outdated[at]
	n.Outdated++
	in.outdated[at] = n
}

// endOpen ends the open flows named in ends and appends them to ended.
func (in *inserter) endOpen(c connection, ends []flow.Ending, ended []*block.Tuple) ([]*block.Tuple, error) {
	if len(ends) == 0 {
		return ended, nil
	}
	reasons := map[int64]flow.EndReason{} // by flow
	pieces := map[int64]bool{}            // that hold them
	for _, e := range ends {
		reasons[e.ID] = e.Reason
	}
	end := func(t *block.Tuple) bool {
		why, ok := reasons[t.Nums[block.ColID]]
		if !ok {
			return false
		}
		delete(reasons, t.Nums[block.ColID])
		t.Nums[block.ColEndReason] = int64(why)
		ended = append(ended, t)
		in.countOutdated(point{in.names.name(t.Nums[block.ColNode]), in.names.name(t.Nums[block.ColInterface])})
		return true
	}
	in.pending = slices.DeleteFunc(in.pending, end)
	for id := range reasons {
		if at, open := in.flows.open[id]; open {
			pieces[at.piece] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(pieces)) {
		tuples, err := in.readPiece(c, id)
		if err != nil {
			return nil, fmt.Errorf("end open flows: %w", err)
		}
		for _, t := range tuples {
			id := t.Nums[block.ColID]
			if _, wanted := reasons[id]; !wanted {
				continue
			}
			if _, open := in.flows.open[id]; open {
				end(cloneOf(t))
			}
		}
	}
	return ended, nil
}

// wait leaves ended flows in pieces, until there are more.
func (in *inserter) wait(ended []*block.Tuple) {
	in.pending = append(in.pending, ended...)
	if in.waitingSince.IsZero() && len(ended) > 0 {
		in.waitingSince = in.now()
	}
}

// pack packs ended flows, and some of those that wait in pieces.
func (in *inserter) pack(c connection, ended []*block.Tuple) error {
	for _, t := range ended {
		in.flows.supersede(t.Nums[block.ColID])
	}
	waiting, err := in.takeWaiting(c, 2*in.maxRows)
	if err != nil {
		return err
	}
	if len(in.flows.ended) == 0 {
		in.waitingSince = time.Time{}
	}
	return in.writeBlocks(c, append(ended, waiting...), block.Nanos(in.now()))
}

// writeBlocks packs ended flows into blocks, the earliest first. Flows that start in the future get
// blocks of their own, so that the range of time of the others stays narrow.
func (in *inserter) writeBlocks(c connection, ended []*block.Tuple, stored int64) error {
	slices.SortFunc(ended, block.ByStart)
	horizon := block.Nanos(in.now().Add(futureSlack))
	past, _ := slices.BinarySearchFunc(ended, horizon, func(t *block.Tuple, at int64) int { return cmp.Compare(t.Nums[block.ColStart], at) })
	var blocks [][]*block.Tuple
	for _, part := range [][]*block.Tuple{ended[:past], ended[past:]} {
		n := (len(part) + in.maxRows - 1) / in.maxRows
		for i := range n { // of almost equal size
			blocks = append(blocks, part[i*len(part)/n:(i+1)*len(part)/n])
		}
	}
	for some := range slices.Chunk(blocks, len(in.packers)) {
		in.packAll(some, stored)
		for i := range some {
			if err := in.writeBlock(c, &in.packers[i]); err != nil {
				return err
			}
		}
	}
	in.flows.markPacked(ended)
	return nil
}

// packAll packs blocks concurrently, at most as many as there are packers, with the next numbers.
func (in *inserter) packAll(blocks [][]*block.Tuple, stored int64) {
	id := in.state.nextBlock
	in.state.nextBlock += int64(len(blocks))
	var others sync.WaitGroup
	for i, tuples := range blocks[1:] {
		others.Go(func() { in.packers[i+1].Pack(id+int64(i+1), stored, tuples) })
	}
	in.packers[0].Pack(id, stored, blocks[0])
	others.Wait()
}

func (in *inserter) writeBlock(c connection, p *block.Packer) error {
	b := p.Header()
	start, ids := b.Zone(block.ColStart), b.Zone(block.ColID)
	err := in.exec(c, in.block, b.ID, b.Stored, int64(b.Format), int64(b.Rows), start.Min, start.Max, ids.Min, ids.Max, block.AppendHeader(nil, b))
	if err != nil {
		return err
	}
	return p.Each(func(number int, data []byte) error {
		return in.exec(c, in.part, b.ID*block.PartsPerBlock+int64(number), data)
	})
}

func (in *inserter) exec(c connection, s driver.Stmt, args ...any) error {
	_, err := in.execRows(c, s, args...)
	return err
}

// execRows is exec and returns the number of rows that were changed.
func (in *inserter) execRows(c connection, s driver.Stmt, args ...any) (int64, error) {
	stmt, ok := s.(driver.StmtExecContext)
	if !ok {
		return 0, fmt.Errorf("statement %T: no support of contexts", s)
	}
	res, err := stmt.ExecContext(c.ctx, named(args))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (in *inserter) nameIDs(c connection, r *flow.Record) (ids block.NameIDs, err error) {
	for i, n := range [...]struct {
		id   *int64
		name string
	}{{&ids.Node, r.Node}, {&ids.Interface, r.Interface}, {&ids.ReplyInterface, r.ReplyInterface}, {&ids.Src, r.Src.Node}, {&ids.Dst, r.Dst.Node}} {
		last := &in.lastNames[i]
		if last.name != n.name || !last.known {
			if last.id, err = in.nameID(c, n.name); err != nil {
				return ids, err
			}
			last.name, last.known = n.name, true
		}
		*n.id = last.id
	}
	return ids, nil
}

// knownName caches a look-up: consecutive records often have the same names.
type knownName struct {
	name  string
	id    int64
	known bool
}

// nameID returns the id of a name, which it adds to the table if it is new.
func (in *inserter) nameID(c connection, name string) (int64, error) {
	if id, ok := in.names.ids[name]; ok {
		return id, nil
	}
	id := in.names.lastID + 1
	if err := in.exec(c, in.name, id, name, nameSum(id, name)); err != nil {
		return 0, fmt.Errorf("add name %q: %w", name, err)
	}
	in.names.add(id, name)
	return id, nil
}
