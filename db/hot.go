package db

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// The table hot holds open flows, and ended ones until there are enough for a block.

// readHot calls fn with the rows of a query for (id, start_ns, record).
func (c connection) readHot(query string, args []any, fn func(*block.Tuple) error) error {
	return c.each(query, args, func(row []driver.Value) error {
		t := new(block.Tuple)
		if err := parseHot(t, row); err != nil {
			return err
		}
		return fn(t)
	})
}

// parseHot parses a row of (id, start_ns, record).
func parseHot(t *block.Tuple, row []driver.Value) error {
	id, _ := row[0].(int64)
	start, _ := row[1].(int64)
	record, _ := row[2].([]byte)
	if err := t.Parse(id, start, record); err != nil {
		return fmt.Errorf("flow %d: %w", id, err)
	}
	return nil
}

const selectHot = "SELECT id, start_ns, record FROM hot"

// hot calls fn with batches of the flows of the table hot that start in sp, valid until fn returns.
func (sn *snapshot) hot(sp span, fn func(*block.HotRows) error) (err error) {
	query, args := "SELECT weir_read_blob(?, record, id, start_ns) FROM hot NOT INDEXED", []int64(nil)
	if sp != allTime {
		query, args = query+" WHERE start_ns BETWEEN ? AND ?", []int64{sp.lo, sp.hi}
	}
	rows, err := sn.prepareBlobQuery(query, len(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.close()) }()
	b := block.NewHotRows(hotBatchRows)
	err = rows.each(func(record []byte, more ...driver.Value) error {
		id, _ := more[0].(int64)
		start, _ := more[1].(int64)
		if err := b.Add(id, start, record); err != nil {
			return fmt.Errorf("flow %d: %w", id, err)
		}
		if !b.Full() {
			return nil
		}
		err := errors.Join(sn.ctx.Err(), fn(b))
		b.Clear()
		return err
	}, args...)
	if err == nil && b.Rows() > 0 {
		err = fn(b)
	}
	return err
}

// hotHits returns the first hits of the table hot, in order, limit at most.
func (sn *snapshot) hotHits(sel selection, sp span, limit int) (hits []hit, err error) {
	if sel.nodesOnly {
		where, args := hotRange(sel, sp)
		dir := map[search.Order]string{search.Newest: " DESC", search.Oldest: " ASC"}[sel.order]
		args = append(args, int64(limit))
		return hits, sn.readHot(selectHot+" INDEXED BY hot_start WHERE "+where+" ORDER BY start_ns"+dir+", id"+dir+" LIMIT ?", args, func(t *block.Tuple) error {
			hits = append(hits, sn.hotHit(t))
			return nil
		})
	}
	err = sn.hot(sp, func(b *block.HotRows) error {
		rows, err := sel.matchingRows(b, sp)
		rows.Each(func(i int) { hits = append(hits, sn.hotHit(b.Tuples[i])) })
		return err
	})
	return sel.sort(hits, limit), err
}

func (sn *snapshot) hotHit(t *block.Tuple) hit {
	h := hit{start: t.Nums[block.ColStart], id: t.Nums[block.ColID], record: new(flow.Record)}
	sn.names.join(t, h.record)
	return h
}

// hotRange returns the condition that a flow of the table hot starts in sp and belongs to the
// selection's nodes.
func hotRange(sel selection, sp span) (where string, args []any) {
	where, args = "start_ns BETWEEN ? AND ?", []any{sp.lo, sp.hi}
	if sel.nodes != nil {
		list, err := json.Marshal(sel.nodes)
		if err != nil { // never for integers
			list = []byte("[]")
		}
		where, args = where+" AND node_id IN (SELECT value FROM json_each(?))", append(args, string(list))
	}
	return where, args
}
