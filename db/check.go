package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weir/db/block"
)

// Check reads the whole store and calls report with each problem: what is damaged, which flows that
// costs, and what Repair can do. It returns how many flows searches can give, and an error if it could
// not finish.
func (r *Reader) Check(ctx context.Context, report func(problem string)) (flows int64, err error) {
	r.scheduler.beginSearch()
	defer r.scheduler.endSearch()
	err = withConnection(ctx, r.readers, func(c connection) error {
		sn := &snapshot{connection: c}
		return sn.transact(func() (err error) {
			flows, err = sn.check(report)
			return err
		})
	})
	if err != nil {
		return flows, fmt.Errorf("check the flow store: %w", withDamageHint(r.path, err))
	}
	return flows, nil
}

func (sn *snapshot) check(report func(problem string)) (flows int64, err error) {
	err = sn.each("PRAGMA integrity_check", nil, func(row []driver.Value) error {
		if row[0] != "ok" {
			report(fmt.Sprint(row[0]))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	rows, orphans, err := readBlockRows(sn.connection, 0)
	if err != nil && !isDamage(err) {
		return 0, err
	}
	for i := range rows {
		if err := sn.ctx.Err(); err != nil {
			return flows, err
		}
		readable, err := sn.checkBlock(&rows[i], report)
		if err != nil {
			return flows, err
		}
		flows += readable
	}
	for _, g := range orphans {
		report(g.err.Error() + "; weir db repair --drop-damaged removes what is left of it")
	}
	inPieces, err := sn.checkPieces(report)
	if err != nil {
		return flows, err
	}
	return flows + inPieces, sn.checkTables(func(t *table, err error) error {
		report(fmt.Sprintf("%s: %v; %s", t.text, err, dropHint))
		return nil
	})
}

// checkPieces returns how many flows the pieces have that are in order.
func (sn *snapshot) checkPieces(report func(problem string)) (flows int64, err error) {
	rows := block.NewPieceRows(block.MaxPieceRows)
	err = sn.readPieces("", nil, func(id int64, p *block.Piece, superseded block.Bitmap, err error) error {
		rows.Clear()
		if err == nil {
			err = rows.Add(p, sn.state.session, superseded)
		}
		if err != nil {
			report(fmt.Sprintf("piece %d: %v", id, err))
			return sn.ctx.Err()
		}
		flows += int64(rows.Rows())
		return sn.ctx.Err()
	})
	if err == nil && flows != sn.state.inPieces {
		report(fmt.Sprintf("flows that are not in a block: found %d, expected %d", flows, sn.state.inPieces))
	}
	return flows, err
}

// checkBlock reports the damage of a block and returns how many of its flows searches can give.
func (sn *snapshot) checkBlock(row *blockRow, report func(string)) (readable int64, err error) {
	b, err := row.parse()
	if err != nil {
		text := "its header is damaged, and no flow can be read"
		if row.plausible() {
			text = fmt.Sprintf("its header is damaged, and %s", countText(row.rows, row.startMin, row.startMax)+" can't be read (from numbers without a checksum)")
		}
		remedy := "weir db repair --drop-damaged removes it"
		if _, err := row.fix(); err == nil {
			remedy = "a single bit is flipped, weir db repair corrects it"
		}
		report(fmt.Sprintf("block %d: %s; %s", row.id, text, remedy))
		return 0, nil
	}
	if !row.agrees(b) {
		report(fmt.Sprintf("block %d: its row in the table blocks contradicts its header; weir db repair corrects it", row.id))
	}
	checked := sn.parts.open(b).Check(sn.names.has)
	if checked == nil {
		return int64(b.Rows), sn.checkPartCount(b, report)
	}
	if !isDamage(checked) && !errors.Is(checked, block.ErrInconsistent) {
		return 0, checked
	}
	got, err := sn.parts.recover(b)
	if len(got.Damage) == 0 {
		report(fmt.Sprintf("block %d (%s): %v", b.ID, sn.blockText(b), checked))
		return 0, nil
	}
	remedy := "weir db repair restores them all"
	switch {
	case err != nil:
		remedy = err.Error()
	case got.Lost == b.Rows:
		remedy = "none can be restored; weir db repair --drop-damaged removes the block"
	case got.Lost > 0:
		remedy = fmt.Sprintf("weir db repair --drop-damaged restores %d and removes %d", len(got.Flows), got.Lost)
	case got.Unknown > 0:
		remedy = fmt.Sprintf("weir db repair restores them, %d without %s", got.Unknown, rowsOnlyText)
	}
	state := "no flow can be read"
	if got.Readable {
		state, readable = "all flows can be read", int64(b.Rows)
	}
	report(fmt.Sprintf("block %d (%s): %s; %s; %s", b.ID, sn.blockText(b), listText(got.Damage), state, remedy))
	return readable, nil
}

// checkPartCount reports parts that belong to no column and no row of a block that is whole otherwise.
func (sn *snapshot) checkPartCount(b *block.Header, report func(string)) error {
	n, err := sn.partCount(b.ID)
	if want := int64(b.Parts()); err == nil && n != want && !b.HasUnknownColumns() {
		report(fmt.Sprintf("block %d (%s): %d parts, expected %d; all flows can be read; weir db repair rewrites it", b.ID, sn.blockText(b), n, want))
	}
	return err
}

// partCount returns how many parts a block has in the file.
func (c connection) partCount(id int64) (n int64, err error) {
	err = c.ints("SELECT count(*) FROM parts WHERE id >= ? AND id < ?", []any{id * block.PartsPerBlock, (id + 1) * block.PartsPerBlock}, &n)
	return n, err
}

// rowsOnlyText names the columns that blocks store once.
const rowsOnlyText = "IP ids, TTLs, round trips, direction, ICMP id, payload and TCP health"

// blockText describes the flows of a block.
func (sn *snapshot) blockText(b *block.Header) string {
	start := b.Zone(block.ColStart)
	var nodes []string
	for _, s := range b.Sums {
		nodes = append(nodes, sn.names.name(s.Node))
	}
	slices.Sort(nodes)
	return countText(int64(b.Rows), start.Min, start.Max) + " of " + listText(nodes)
}

// countText describes flows by their number and the times of the first and last start.
func countText(rows, first, last int64) string {
	const second = "2006-01-02 15:04:05"
	return fmt.Sprintf("%d flows from %s to %s", rows, block.TimeOf(first).Local().Format(second), block.TimeOf(last).Local().Format(second))
}

// listText lists the first of many words.
func listText(words []string) string {
	if len(words) > listed {
		return strings.Join(words[:listed], ", ") + fmt.Sprintf(" and %d more", len(words)-listed)
	}
	return strings.Join(words, ", ")
}
