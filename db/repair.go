package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"weir/db/block"
)

// Repaired is the result of Repair.
type Repaired struct {
	Blocks    int   // damaged blocks that were rebuilt
	Flows     int64 // flows in them now
	Unknown   int64 // of these, flows without the columns that blocks store once
	Dropped   int   // damaged blocks that were removed, because nothing could be rebuilt
	Lost      int64 // flows that are lost; estimated for blocks with a damaged header
	Left      int   // damaged blocks that were not changed
	Tables    int   // problems in other tables, which Repair does not fix
	LeftFlows int64 // flows in the blocks of Left that can't be read, as far as known

	LeftTables int // damaged small tables, such as that of declared nodes, that were not changed
	KeptTables int // damaged small tables whose readable rows were kept
}

// Repair rebuilds damaged blocks: rows from columns, columns from rows, and data with a single flipped
// bit. Flows keep their ids. A block that can't be rebuilt without losing flows is not changed, unless drop
// is set: then the flows that can be read are kept and the others removed, and likewise the rows of small
// tables, which have no second copy. Each block is one transaction. report is called with a description of
// each change.
//
// A file in which SQLite's own structures are damaged is not changed: writing to it could destroy more.
func (w *Writer) Repair(ctx context.Context, drop bool, report func(string)) (done Repaired, err error) {
	err = raw(ctx, w.conn, func(c connection) error {
		return c.wantSoundTables(func(problem string) {
			done.Tables++
			report(problem)
		})
	})
	var rows []blockRow
	var orphans []gap
	readRows := func(c connection) (err error) {
		rows, orphans, err = readBlockRows(c, 0)
		return err
	}
	if err == nil {
		err = raw(ctx, w.conn, readRows)
	}
	for i := 0; err == nil && i < len(rows); i++ {
		err = w.transact(ctx, func(c connection) error { return w.repairBlock(c, &rows[i], drop, &done, report) })
	}
	if err == nil && len(orphans) > 0 { // some may have belonged to a row with a wrong number
		err = raw(ctx, w.conn, readRows)
	}
	for i := 0; err == nil && i < len(orphans); i++ {
		id := orphans[i].id
		if !drop {
			done.Left++
			report(fmt.Sprintf("block %d: its row in the table blocks is missing: not changed", id))
			continue
		}
		err = w.transact(ctx, func(c connection) error { return errors.Join(c.removeBlock(id), c.recordRemoval()) })
		done.Dropped++
		report(fmt.Sprintf("block %d: its row in the table blocks is missing: its parts are removed, with an unknown number of flows", id))
	}
	if err == nil {
		err = w.transact(ctx, func(c connection) error { return w.repairPieces(c, drop, &done, report) })
	}
	if err == nil {
		err = w.transact(ctx, func(c connection) error { return w.repairTables(c, drop, &done, report) })
	}
	if err == nil {
		err = w.checkpoint(ctx)
	}
	if err != nil {
		return done, fmt.Errorf("repair the flow store: %w", withDamageHint(w.path, err))
	}
	return done, nil
}

// repairPieces restores lost marks of superseded rows. It removes damaged pieces if drop is set: they have
// no second copy.
func (w *Writer) repairPieces(c connection, drop bool, done *Repaired, report func(string)) error {
	in, err := w.inserter(c)
	if err != nil {
		return err
	}
	var damaged []int64
	err = c.each("SELECT id FROM pieces UNION SELECT piece FROM superseded", nil, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		if in.flows.pieces[id] == nil {
			damaged = append(damaged, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if in.flows.doubled > 0 {
		report(fmt.Sprintf("open flows: earlier states of %d are removed", in.flows.doubled))
		in.flows.doubled = 0
	}
	switch lost := in.flows.lost; {
	case lost == 0 && len(damaged) == 0:
	case !drop:
		done.Left, done.LeftFlows = done.Left+1, done.LeftFlows+lost
		report(fmt.Sprintf("open flows: not changed, %d can't be read", lost))
	default:
		for _, id := range damaged {
			if err := errors.Join(in.exec(c, in.dropPiece, id), in.exec(c, in.dropSuperseded, id)); err != nil {
				return err
			}
		}
		in.flows.lost = 0
		done.Dropped, done.Lost = done.Dropped+1, done.Lost+lost
		report(fmt.Sprintf("open flows: %d that can't be read are removed", lost))
	}
	return errors.Join(in.tidyPieces(c), in.saveState(c))
}

// errTables is the reason to salvage a file rather than to repair it.
var errTables = errors.New("SQLite's structures in it are damaged, so it was not changed: weir db salvage copies what can be read into a new store")

// wantSoundTables fails if SQLite finds its own structures damaged, and reports other problems it finds.
func (c connection) wantSoundTables(report func(string)) error {
	return c.each("PRAGMA quick_check", nil, func(row []driver.Value) error {
		text, _ := row[0].(string)
		if text == "ok" {
			return nil
		}
		for _, part := range []string{"Tree ", "Page ", "page ", "reelist"} {
			if strings.Contains(text, part) {
				return fmt.Errorf("%w (%s)", errTables, strings.ReplaceAll(text, "\n", "; "))
			}
		}
		report(text)
		return nil
	})
}

// repairBlock repairs a block if it is damaged.
func (w *Writer) repairBlock(c connection, row *blockRow, drop bool, done *Repaired, report func(string)) (err error) {
	in, err := w.inserter(c)
	if err != nil {
		return err
	}
	b, err := row.parse()
	damage := []string{}
	if err != nil {
		damage = append(damage, "header damaged")
		if b, err = c.fixRow(row); isDamage(err) {
			return c.dropBlock(row, "header damaged", drop, done, report)
		} else if err != nil {
			return err
		}
	} else if !row.agrees(b) {
		damage = append(damage, "row in the table blocks wrong")
	}
	r := newPartReader(c)
	got, err := r.recover(b)
	if err == nil && len(got.Damage) == 0 && !b.HasUnknownColumns() {
		var n int64
		if n, err = c.partCount(b.ID); n > int64(b.Parts()) {
			damage = append(damage, "more parts than columns and rows")
		}
	}
	err = errors.Join(err, r.close())
	damage = append(damage, got.Damage...)
	switch {
	case len(damage) == 0:
		return err
	case err != nil && code(err) != 0:
		return err
	case err != nil || b.HasUnknownColumns():
		done.Left, done.LeftFlows = done.Left+1, done.LeftFlows+int64(b.Rows)
		report(fmt.Sprintf("block %d: %s: not changed, because it has columns of a newer weir", b.ID, listText(damage)))
		return nil
	case len(got.Flows) == 0 || got.Lost > 0 && !drop:
		return c.dropBlock(row, listText(damage), drop, done, report)
	}
	if err := errors.Join(c.removeBlock(b.ID), c.exec("DELETE FROM blocks WHERE id = ?", row.id), in.writeBlocks(c, got.Flows, b.Stored), in.saveState(c), c.recordRemoval(), c.recordMerge()); err != nil {
		return err
	}
	done.Blocks, done.Flows, done.Unknown, done.Lost = done.Blocks+1, done.Flows+int64(len(got.Flows)), done.Unknown+int64(got.Unknown), done.Lost+int64(got.Lost)
	text := fmt.Sprintf("block %d: %s: %d of %d flows are restored", b.ID, listText(damage), len(got.Flows), b.Rows)
	if got.Unknown > 0 {
		text += fmt.Sprintf(", %d of them without %s", got.Unknown, rowsOnlyText)
	}
	report(text)
	return nil
}

// fixRow is row.fix, which may find another number for the block, unless there is a block with that.
func (c connection) fixRow(row *blockRow) (*block.Header, error) {
	b, err := row.fix()
	if err != nil || b.ID == row.id {
		return b, err
	}
	var n int64
	if err = c.ints("SELECT count(*) FROM blocks WHERE id = ?", []any{b.ID}, &n); err == nil && n > 0 {
		err = fmt.Errorf("block %d: %w", row.id, block.ErrDamaged)
	}
	return b, err
}

// dropBlock removes a block that can't be rebuilt without losing flows, if drop is set.
func (c connection) dropBlock(row *blockRow, why string, drop bool, done *Repaired, report func(string)) error {
	flows, about := "an unknown number of flows", int64(0)
	if row.plausible() {
		flows, about = countText(row.rows, row.startMin, row.startMax), row.rows
	}
	if !drop {
		done.Left, done.LeftFlows = done.Left+1, done.LeftFlows+about
		report(fmt.Sprintf("block %d: %s: not changed, with %s", row.id, why, flows))
		return nil
	}
	done.Dropped, done.Lost = done.Dropped+1, done.Lost+about
	report(fmt.Sprintf("block %d: %s: removed, with %s", row.id, why, flows))
	return errors.Join(c.removeBlock(row.id), c.recordRemoval())
}
