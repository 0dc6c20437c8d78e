package db

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// coverageColumns are the columns of the table coverage, in the order of its values and of the checksum.
const coverageColumns = "session_ns, node, interface, from_ns, to_ns, capturing, filter, packets, octets, kernel_drops, cut_short," +
	" created, ended, evicted, unstored, outdated, outages, away_ns"

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

// coverageSum returns the checksum of a row: the CRC-32C of its integers, 8 bytes each, little-endian,
// and of its texts, each after its length as such an integer.
func coverageSum(values []driver.Value) int64 {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		case string:
			b = binary.LittleEndian.AppendUint64(b, uint64(len(v)))
			b = append(b, v...)
		}
	}
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
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
	if coverageSum(values) != sum {
		err = fmt.Errorf("coverage of %s at %s from %s on: %w", s.Interface, s.Node, s.From.Format(time.RFC3339Nano), block.ErrDamaged)
	}
	return s, err
}

// eachCoverage calls fn with the spans that a condition selects, in the order of their beginnings, and
// with an error for each that is damaged.
func (c connection) eachCoverage(where string, args []any, fn func(flow.Coverage, error) error) error {
	return c.each("SELECT "+coverageColumns+", sum FROM coverage "+where+" ORDER BY from_ns, node, interface", args, func(row []driver.Value) error {
		return fn(parseCoverage(row))
	})
}

// Coverage returns the spans of time in which observation points captured into the store, as far as
// they overlap a range, in the order of their beginnings. Damaged ones are left out, as if nothing had
// been captured then; Check reports them.
func (r *Reader) Coverage(ctx context.Context, span search.Range) ([]flow.Coverage, error) {
	var all []flow.Coverage
	sp := spanOf(span, r.now())
	err := withConnection(ctx, r.readers, func(c connection) error {
		return c.eachCoverage("WHERE to_ns >= ? AND from_ns <= ?", []any{sp.lo, sp.hi}, keepIntact(&all))
	})
	if err != nil {
		return nil, fmt.Errorf("read what was captured when: %w", withDamageHint(r.path, err))
	}
	return all, nil
}

// keepIntact returns a function that appends spans to all, except damaged ones.
func keepIntact(all *[]flow.Coverage) func(flow.Coverage, error) error {
	return func(s flow.Coverage, err error) error {
		if err == nil {
			*all = append(*all, s)
		}
		return nil
	}
}

// LastSession returns the spans of the process that captures into the store, or did last. Summed up
// they are what it has counted up to their latest To.
func (r *Reader) LastSession(ctx context.Context) ([]flow.Coverage, error) {
	var all []flow.Coverage
	err := withConnection(ctx, r.readers, func(c connection) error {
		return c.eachCoverage("WHERE session_ns = (SELECT max(session_ns) FROM coverage)", nil, keepIntact(&all))
	})
	if err != nil {
		return nil, fmt.Errorf("read what is captured: %w", withDamageHint(r.path, err))
	}
	return all, nil
}

// writeCoverage writes spans. grown says that some of them may be new, and make the table too long.
func (c connection) writeCoverage(spans []flow.Coverage, grown bool) error {
	for i := range spans {
		if err := c.putCoverage(&spans[i]); err != nil {
			return fmt.Errorf("write what was captured when: %w", err)
		}
	}
	if !grown {
		return nil
	}
	var rows int64
	if err := c.ints("SELECT count(*) FROM coverage", nil, &rows); err != nil {
		return err
	}
	if excess := rows - maxCoverageRows - coverageSlack; excess > 0 { // no writer has left so many: to join them could take hours
		const oldest = "SELECT session_ns, node, interface, from_ns FROM coverage ORDER BY to_ns LIMIT ?"
		if err := c.exec("DELETE FROM coverage WHERE (session_ns, node, interface, from_ns) IN ("+oldest+")", excess); err != nil {
			return fmt.Errorf("remove spans of coverage: %w", err)
		}
		rows -= excess
	}
	for ; rows > maxCoverageRows; rows-- {
		if err := c.shortenCoverage(); err != nil {
			return fmt.Errorf("join spans of coverage: %w", err)
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
	return c.exec("INSERT OR REPLACE INTO coverage ("+coverageColumns+", sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", append(args, coverageSum(values))...)
}

// shortenCoverage makes one row of the two oldest of the observation point and session with most rows.
// If none has two that have ended, it removes the oldest row.
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
