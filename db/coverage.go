package db

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// coverageColumns are the columns of the table coverage, in the order of its values and of the checksum.
const coverageColumns = "session_ns, node, interface, from_ns, to_ns, capturing, filter, packets, octets, kernel_drops, cut_short," +
	" created, ended, evicted, unstored, outdated, outages, away_ns"

// upsertCoverage replaces a row with the same key. REPLACE would count it as a new one (schema 9).
var upsertCoverage = " ON CONFLICT DO UPDATE SET (" + coverageColumns + ", sum) = (excluded." + strings.ReplaceAll(coverageColumns, ", ", ", excluded.") + ", excluded.sum)"

// coverageValues returns the row of a span without its checksum.
func coverageValues(s *flow.Coverage) []driver.Value {
	capturing := int64(0)
	if s.Capturing {
		capturing = 1
	}
	values := []driver.Value{block.Nanos(s.Session), s.Node, s.Interface, block.Nanos(s.From), block.Nanos(s.To), capturing, s.Filter}
	for _, n := range []uint64{s.Packets, s.Octets, s.KernelDrops, s.CutShort, s.Created, s.Ended, s.Evicted, s.Unstored, s.Outdated, s.Outages} {
		values = append(values, int64(min(n, math.MaxInt64)))
	}
	return append(values, int64(s.Away))
}

// parseCoverage parses a row of coverageColumns and the checksum.
func parseCoverage(row []driver.Value) (s flow.Coverage, err error) {
	sum, _ := row[len(row)-1].(int64)
	values := row[:len(row)-1]
	text := func(i int) string { t, _ := values[i].(string); return t }
	number := func(i int) int64 { n, _ := values[i].(int64); return n }
	s = flow.Coverage{Session: block.TimeOf(number(0)), Node: text(1), Interface: text(2), From: block.TimeOf(number(3)), To: block.TimeOf(number(4)), Capturing: number(5) != 0, Filter: text(6)}
	for i, n := range []*uint64{&s.Packets, &s.Octets, &s.KernelDrops, &s.CutShort, &s.Created, &s.Ended, &s.Evicted, &s.Unstored, &s.Outdated, &s.Outages} {
		*n = uint64(number(7 + i))
	}
	s.Away = time.Duration(number(17))
	if valuesSum(values...) != sum {
		err = fmt.Errorf("coverage of %s at %s from %s on: %w", s.Interface, s.Node, s.From.Format(time.RFC3339Nano), block.ErrDamaged)
	}
	return s, err
}

// eachCoverage calls fn with the spans that a condition selects, ordered by start, and with an error for
// each damaged span.
func (c connection) eachCoverage(where string, args []any, fn func(flow.Coverage, error) error) error {
	return c.each("SELECT "+coverageColumns+", sum FROM coverage "+where+" ORDER BY from_ns, node, interface", args, func(row []driver.Value) error {
		return fn(parseCoverage(row))
	})
}

// Coverage returns the spans of time during which observation points captured into the store and which
// overlap a range, ordered by start. If some are damaged or lost, the error is a
// *search.IncompleteError, and they are left out.
func (r *Reader) Coverage(ctx context.Context, span search.Range) ([]flow.Coverage, error) {
	sp := spanOf(span, r.now())
	all, err := r.allCoverage(ctx)
	if !search.Answered(err) {
		return nil, fmt.Errorf("read capture coverage: %w", withDamageHint(r.path, err))
	}
	return slices.DeleteFunc(all, func(s flow.Coverage) bool { return block.Nanos(s.To) < sp.lo || block.Nanos(s.From) > sp.hi }), err
}

// LastSession returns the spans of the process that captures into the store, or did last. Summed up
// they are what it has counted up to their latest To. The error is that of Coverage.
func (r *Reader) LastSession(ctx context.Context) ([]flow.Coverage, error) {
	all, err := r.allCoverage(ctx)
	if !search.Answered(err) {
		return nil, fmt.Errorf("read the capture coverage of the last session: %w", withDamageHint(r.path, err))
	}
	var last time.Time
	for i := range all {
		if all[i].Session.After(last) {
			last = all[i].Session
		}
	}
	return slices.DeleteFunc(all, func(s flow.Coverage) bool { return !s.Session.Equal(last) }), err
}

func (r *Reader) allCoverage(ctx context.Context) (all []flow.Coverage, err error) {
	err = withConnection(ctx, r.readers, func(c connection) (err error) {
		end, err := c.begin("BEGIN")
		if err != nil {
			return err
		}
		defer end(&err)
		return incompleteTable(coverageTable, c.soundCoverage(func(s flow.Coverage) { all = append(all, s) }))
	})
	return all, err
}

// soundCoverage calls fn with the spans that are sound, ordered by start; the error is that of the rest.
func (c connection) soundCoverage(fn func(flow.Coverage)) error {
	rows, wrong := int64(0), error(nil)
	err := c.eachCoverage("", nil, func(s flow.Coverage, err error) error {
		rows++
		if err != nil {
			wrong = cmp.Or(wrong, err)
			return nil
		}
		fn(s)
		return nil
	})
	if err != nil || wrong != nil {
		return damagedIfCorrupt(errors.Join(err, wrong))
	}
	return c.count(coverageTable, rows)
}

// writeCoverage writes spans. grown means that some of them may be new, so the table may get too long.
func (c connection) writeCoverage(spans []flow.Coverage, grown bool) error {
	for i := range spans {
		if err := c.putCoverage(&spans[i]); err != nil {
			return fmt.Errorf("write capture coverage: %w", err)
		}
	}
	if !grown {
		return nil
	}
	var rows int64
	if err := c.ints("SELECT count(*) FROM coverage", nil, &rows); err != nil {
		return err
	}
	if excess := rows - maxCoverageRows; excess > coverageSlack { // no writer has left so many: to merge them could take hours
		const oldest = "SELECT session_ns, node, interface, from_ns FROM coverage ORDER BY to_ns LIMIT ?"
		if err := c.exec("DELETE FROM coverage WHERE (session_ns, node, interface, from_ns) IN ("+oldest+")", excess); err != nil {
			return fmt.Errorf("remove spans of coverage: %w", err)
		}
		rows -= excess
	}
	for ; rows > maxCoverageRows; rows-- {
		if err := c.shortenCoverage(); err != nil {
			return fmt.Errorf("merge spans of coverage: %w", err)
		}
	}
	return nil
}

func (c connection) putCoverage(s *flow.Coverage) error {
	values := coverageValues(s)
	args := make([]any, 0, len(values)+1)
	for _, v := range values {
		args = append(args, v)
	}
	return c.exec("INSERT INTO coverage ("+coverageColumns+", sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"+upsertCoverage, append(args, valuesSum(values...))...)
}

// shortenCoverage merges the two oldest rows of the observation point and session with the most rows. If
// none has two that have ended, it removes the oldest row.
func (c connection) shortenCoverage() error {
	var session int64
	var node, iface string
	var rows int64
	err := c.each("SELECT session_ns, node, interface, count(*) AS n FROM coverage GROUP BY 1, 2, 3 ORDER BY n DESC LIMIT 1", nil, func(row []driver.Value) error {
		session, _ = row[0].(int64)
		node, _ = row[1].(string)
		iface, _ = row[2].(string)
		rows, _ = row[3].(int64)
		return nil
	})
	if err != nil {
		return err
	}
	if rows < 3 { // the latest may still grow
		return c.exec("DELETE FROM coverage WHERE (session_ns, node, interface, from_ns) = (SELECT session_ns, node, interface, from_ns FROM coverage ORDER BY to_ns LIMIT 1)")
	}
	var oldest []flow.Coverage
	var damaged error
	err = c.eachCoverage("WHERE session_ns = ? AND node = ? AND interface = ? AND from_ns IN (SELECT from_ns FROM coverage WHERE session_ns = ? AND node = ? AND interface = ? ORDER BY from_ns LIMIT 2)",
		[]any{session, node, iface, session, node, iface}, func(s flow.Coverage, err error) error {
			oldest = append(oldest, s)
			damaged = errors.Join(damaged, err)
			return nil
		})
	if err != nil {
		return err
	}
	remove := oldest[1]
	if damaged != nil { // a sum over it would hide the damage
		remove = oldest[0]
	} else {
		oldest[0].Join(&oldest[1])
		if err := c.putCoverage(&oldest[0]); err != nil {
			return err
		}
	}
	return c.exec("DELETE FROM coverage WHERE session_ns = ? AND node = ? AND interface = ? AND from_ns = ?", session, node, iface, block.Nanos(remove.From))
}

// removeOldCoverage removes spans that ended before the oldest flow in a block.
func (c connection) removeOldCoverage() error {
	return c.exec("DELETE FROM coverage WHERE to_ns < (SELECT min(start_min_ns) FROM blocks)")
}
