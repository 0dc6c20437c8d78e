package db

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"weir/db/block"
	"weir/flow"
)

// inserter writes records with prepared statements of the driver. It caches what it knows of the file:
// names, state, and which flows are in the table hot.
type inserter struct {
	now          func() time.Time
	names        *dictionary
	state        state
	maxRows      int // of a block
	flows        *tracker
	waitingSince time.Time     // when the oldest ended flow came into the table hot; zero: there is none
	tuples       []block.Tuple // reused for the ended flows of a transaction
	record       []byte
	outdated     map[point]flow.CoverageCounts // flows that the last write ended with what was stored of them
	packers      [2]block.Packer               // of blocks that are packed concurrently
	lastNames    [4]knownName                  // of nameIDs

	put, get, remove, name, seen, block, part, update driver.Stmt
}

func newInserter(c connection, now func() time.Time, blockRows int) (in *inserter, err error) {
	in = &inserter{now: now, maxRows: blockRows}
	if in.names, err = readNames(c); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	if in.state, err = c.state(); err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	if in.flows, err = newTracker(c); err != nil {
		return nil, err
	}
	if len(in.flows.ended) > 0 {
		in.waitingSince = now()
	}
	for _, s := range []struct {
		stmt *driver.Stmt
		sql  string
	}{
		{&in.put, "INSERT INTO hot (id, start_ns, node_id, record) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET" +
			" start_ns = excluded.start_ns, node_id = excluded.node_id, record = excluded.record"},
		{&in.get, selectHot + " WHERE id = ?"},
		{&in.remove, "DELETE FROM hot WHERE id = ?"},
		{&in.name, "INSERT INTO names (name) VALUES (?)"},
		{&in.seen, "INSERT INTO reporters (node_id, last_ns) VALUES (?, ?)" +
			" ON CONFLICT (node_id) DO UPDATE SET last_ns = max(last_ns, excluded.last_ns)"},
		{&in.block, "INSERT INTO blocks (id, stored_ns, format, rows, start_min_ns, start_max_ns, id_min, id_max, header) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&in.part, "INSERT INTO parts (id, data) VALUES (?, ?)"},
		{&in.update, "UPDATE state SET commits = ?, last_id = ?, next_block = ?"},
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
	for _, s := range []driver.Stmt{in.put, in.get, in.remove, in.name, in.seen, in.block, in.part, in.update} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// write writes recs, whose ids ascend, and ends the flows of ends with what is stored of them. Open
// flows go into the table hot; so do ended ones until there are minRows of them, enough for a block.
func (in *inserter) write(c connection, recs []*flow.Record, ends []flow.Ending, minRows int) error {
	latest := make(map[int64]int64, 1)
	ended, err := in.writeOpen(c, recs, latest)
	if err == nil {
		ended, err = in.endOpen(c, ends, ended)
	}
	if err != nil {
		return fmt.Errorf("write flows: %w", err)
	}
	if len(in.flows.ended)+len(ended) >= minRows {
		err = in.pack(c, ended)
	} else {
		err = in.leaveInHot(c, ended)
	}
	if err != nil {
		return fmt.Errorf("write ended flows: %w", err)
	}
	for node, last := range latest {
		if err := in.exec(c, in.seen, node, last); err != nil {
			return fmt.Errorf("write when a node was seen: %w", err)
		}
	}
	in.state.commits++
	return in.saveState(c)
}

func (in *inserter) saveState(c connection) error {
	if err := in.exec(c, in.update, in.state.commits, in.state.lastID, in.state.nextBlock); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// writeOpen writes the open flows of recs and returns the ended ones. It leaves out flows that had
// ended before: they are never changed, whatever a caller does.
func (in *inserter) writeOpen(c connection, recs []*flow.Record, latest map[int64]int64) ([]*block.Tuple, error) {
	if cap(in.tuples) < len(recs) {
		in.tuples = make([]block.Tuple, len(recs))
	}
	tuples := in.tuples[:len(recs)]
	ended := make([]*block.Tuple, 0, len(recs))
	for i, r := range recs {
		if had, err := in.flows.hasEnded(c, r.ID, in.state.lastID); err != nil {
			return nil, err
		} else if had {
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
		if err := in.putHot(c, &tuples[i]); err != nil {
			return nil, err
		}
		in.flows.open[r.ID] = struct{}{}
	}
	if n := len(recs); n > 0 {
		in.state.lastID = max(in.state.lastID, recs[n-1].ID)
	}
	return ended, nil
}

// endOpen appends to ended the flows of ends that are open in the table hot, ended as ends says.
func (in *inserter) endOpen(c connection, ends []flow.Ending, ended []*block.Tuple) ([]*block.Tuple, error) {
	in.outdated = nil
	if len(ends) > 0 {
		in.outdated = map[point]flow.CoverageCounts{}
	}
	for _, e := range ends {
		if _, open := in.flows.open[e.ID]; !open {
			continue
		}
		t, err := in.fetch(c, e.ID)
		if err != nil {
			return nil, fmt.Errorf("end open flow %d: %w", e.ID, err)
		}
		t.Nums[block.ColEndReason] = int64(e.Reason)
		ended = append(ended, t)
		at := point{in.names.name(t.Nums[block.ColNode]), in.names.name(t.Nums[block.ColInterface])}
		n := in.outdated[at]
		n.Outdated++
		in.outdated[at] = n
	}
	return ended, nil
}

// putHot writes a record into the table hot.
func (in *inserter) putHot(c connection, t *block.Tuple) error {
	in.record = block.AppendRecord(in.record[:0], t)
	return in.exec(c, in.put, t.Nums[block.ColID], t.Nums[block.ColStart], t.Nums[block.ColNode], in.record)
}

// leaveInHot writes ended flows into the table hot, to wait for more.
func (in *inserter) leaveInHot(c connection, ended []*block.Tuple) error {
	for _, t := range ended {
		if err := in.putHot(c, t); err != nil {
			return err
		}
		id := t.Nums[block.ColID]
		delete(in.flows.open, id)
		in.flows.ended[id] = struct{}{}
	}
	if in.waitingSince.IsZero() && len(ended) > 0 {
		in.waitingSince = in.now()
	}
	return nil
}

// pack packs ended flows, and some of those that wait in the table hot: a crash can leave a million of
// these.
func (in *inserter) pack(c connection, ended []*block.Tuple) error {
	waiting := make([]int64, 0, len(in.flows.ended))
	for id := range in.flows.ended {
		waiting = append(waiting, id)
	}
	slices.Sort(waiting)
	for _, id := range waiting[:min(len(waiting), 2*in.maxRows)] {
		t, err := in.fetch(c, id)
		if err != nil {
			return err
		}
		ended = append(ended, t)
	}
	for _, t := range ended {
		id := t.Nums[block.ColID]
		_, open := in.flows.open[id]
		_, waits := in.flows.ended[id]
		if !open && !waits {
			continue
		}
		if err := in.exec(c, in.remove, id); err != nil {
			return err
		}
		delete(in.flows.open, id)
		delete(in.flows.ended, id)
	}
	if len(in.flows.ended) == 0 {
		in.waitingSince = time.Time{}
	}
	return in.writeBlocks(c, ended, block.Nanos(in.now()))
}

// fetch reads a record from the table hot.
func (in *inserter) fetch(c connection, id int64) (t *block.Tuple, err error) {
	q, ok := in.get.(driver.StmtQueryContext)
	if !ok {
		return nil, fmt.Errorf("statement %T: no support of contexts", in.get)
	}
	rows, err := q.QueryContext(c.ctx, named([]any{id}))
	if err != nil {
		return nil, err
	}
	row := make([]driver.Value, 3)
	if err = rows.Next(row); err == nil {
		start, _ := row[1].(int64)
		record, _ := row[2].([]byte)
		t = new(block.Tuple)
		err = t.Parse(id, start, record)
	}
	return t, errors.Join(err, rows.Close())
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
		in.packAll(some)
		for i := range some {
			if err := in.writeBlock(c, &in.packers[i], stored); err != nil {
				return err
			}
		}
	}
	in.flows.markPacked(ended)
	return nil
}

// packAll packs blocks concurrently, at most as many as there are packers.
func (in *inserter) packAll(blocks [][]*block.Tuple) {
	var others sync.WaitGroup
	for i, tuples := range blocks[1:] {
		others.Go(func() { in.packers[i+1].Pack(tuples) })
	}
	in.packers[0].Pack(blocks[0])
	others.Wait()
}

func (in *inserter) writeBlock(c connection, p *block.Packer, stored int64) error {
	id := in.state.nextBlock
	in.state.nextBlock++
	b := p.Header()
	start, ids := b.Zone(block.ColStart), b.Zone(block.ColID)
	err := in.exec(c, in.block, id, stored, int64(b.Format), int64(b.Rows), start.Min, start.Max, ids.Min, ids.Max, block.AppendHeader(nil, b))
	if err != nil {
		return err
	}
	return p.Each(func(number int, data []byte) error {
		return in.exec(c, in.part, id*block.PartsPerBlock+int64(number), data)
	})
}

func (in *inserter) exec(c connection, s driver.Stmt, args ...any) error {
	stmt, ok := s.(driver.StmtExecContext)
	if !ok {
		return fmt.Errorf("statement %T: no support of contexts", s)
	}
	_, err := stmt.ExecContext(c.ctx, named(args))
	return err
}

func (in *inserter) nameIDs(c connection, r *flow.Record) (ids block.NameIDs, err error) {
	for i, n := range [...]struct {
		id   *int64
		name string
	}{{&ids.Node, r.Node}, {&ids.Interface, r.Interface}, {&ids.Src, r.Src.Node}, {&ids.Dst, r.Dst.Node}} {
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
	if err := in.exec(c, in.name, name); err != nil {
		return 0, fmt.Errorf("add name %q: %w", name, err)
	}
	var id int64
	if err := c.ints("SELECT id FROM names WHERE name = ?", []any{name}, &id); err != nil {
		return 0, fmt.Errorf("add name %q: %w", name, err)
	}
	in.names.add(id, name)
	return id, nil
}
