package db

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// table is one of the small tables whose rows, or their number, are in the table sums.
type table struct {
	name    string
	text    string // for people
	columns string // all, the key first; empty: the rows have checksums of their own
	gap     int64  // its number among the gaps of an answer, below those of blocks
}

var (
	nodesTable     = &table{"nodes", "the declared nodes", "name", -5}
	prefixesTable  = &table{"node_prefixes", "the prefixes of nodes", "node, prefix", -4}
	groupsTable    = &table{"node_groups", "the groups of nodes", "name, member", -3}
	reportersTable = &table{"reporters", "the last-seen times of nodes", "", -2}
	coverageTable  = &table{"coverage", "the capture coverage", "", -1}

	declarations = []*table{nodesTable, prefixesTable, groupsTable}
	smallTables  = append(declarations[:3:3], reportersTable, coverageTable)
)

// dropHint says what to do about damaged declarations.
const dropHint = "weir db repair --drop-damaged keeps what can be read"

// damaged returns the error for a table that doesn't have the rows that were written.
func (t *table) damaged() error { return fmt.Errorf("the table %s: %w", t.name, block.ErrDamaged) }

// valuesSum returns the checksum of values: the CRC-32C of integers, 8 bytes each, little-endian, and of
// texts, each after its length as such an integer.
func valuesSum(values ...driver.Value) int64 {
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
	return int64(crc32.Checksum(b, castagnoli))
}

// declared returns the rows of a table of declarations in the order of their keys, if they are what was
// declared.
func (c connection) declared(t *table) ([][]string, error) {
	// One query: it is part of every snapshot.
	rows, n, sum, err := c.readDeclared("SELECT s.rows, s.sum, t.* FROM sums AS s LEFT JOIN (SELECT " + t.columns + " FROM " + t.name + ") AS t WHERE s.name = '" + t.name + "' ORDER BY " + t.columns)
	if err == nil && (n != int64(len(rows)) || sum != declaredSum(rows)) {
		err = t.damaged()
	}
	if err != nil {
		return nil, damagedIfCorrupt(err)
	}
	return rows, nil
}

// declaredAsIs is declared without the check.
func (c connection) declaredAsIs(t *table) ([][]string, error) {
	rows, _, _, err := c.readDeclared("SELECT NULL, NULL, " + t.columns + " FROM " + t.name + " ORDER BY " + t.columns)
	return rows, err
}

// readDeclared returns the rows of a query, and the number and the checksum that they should have.
func (c connection) readDeclared(query string) (rows [][]string, n, sum int64, err error) {
	n = -1
	err = c.each(query, nil, func(row []driver.Value) error {
		if v, ok := row[0].(int64); ok {
			n = v
		}
		sum, _ = row[1].(int64)
		if row[2] == nil { // there is none
			return nil
		}
		texts := make([]string, len(row)-2)
		for i, v := range row[2:] {
			texts[i], _ = v.(string)
		}
		rows = append(rows, texts)
		return nil
	})
	return rows, n, sum, err
}

// declaredSum returns the checksum of the rows of a table of declarations.
func declaredSum(rows [][]string) int64 {
	var all []driver.Value
	for _, texts := range rows {
		for _, text := range texts {
			all = append(all, text)
		}
	}
	return valuesSum(all...)
}

// sumDeclarations stores the checksums of the tables of declarations as they are.
func (c connection) sumDeclarations() error {
	for _, t := range declarations {
		rows, err := c.declaredAsIs(t)
		if err != nil {
			return err
		}
		if err := c.exec("INSERT OR REPLACE INTO sums (name, rows, sum) VALUES (?, ?, ?)", t.name, int64(len(rows)), declaredSum(rows)); err != nil {
			return err
		}
	}
	return nil
}

// wantDeclarations fails if declarations are damaged: new checksums would hide it.
func (c connection) wantDeclarations() error {
	return c.checkTables(func(t *table, err error) error {
		if t.columns == "" {
			return nil
		}
		return fmt.Errorf("%s: damaged: weir nodes lists what is sound, %s: %w", t.text, dropHint, err)
	})
}

// addTableSums fills in the checksums of schema 9.
func (c connection) addTableSums() error {
	err := c.sumDeclarations()
	last := map[int64]int64{}
	if err == nil {
		err = c.each("SELECT node_id, last_ns FROM reporters", nil, func(row []driver.Value) error {
			id, _ := row[0].(int64)
			last[id], _ = row[1].(int64)
			return nil
		})
	}
	for id, ns := range last {
		err = errors.Join(err, c.exec("UPDATE reporters SET sum = ? WHERE node_id = ?", valuesSum(id, ns), id))
	}
	return err
}

// count checks that a table has as many rows as were written.
func (c connection) count(t *table, rows int64) error {
	want := int64(-1)
	if err := c.ints("SELECT rows FROM sums WHERE name = ?", []any{t.name}, &want); err != nil || want == rows {
		return damagedIfCorrupt(err)
	}
	return t.damaged()
}

// reporters calls fn with the nodes that reported flows and when each was last seen, as far as that is
// sound; the error is that of the rest.
func (c connection) reporters(fn func(id, last int64)) error {
	rows, wrong := int64(0), error(nil)
	err := c.each("SELECT node_id, last_ns, sum FROM reporters", nil, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		last, _ := row[1].(int64)
		rows++
		if row[2] != valuesSum(id, last) {
			wrong = reportersTable.damaged()
			return nil
		}
		fn(id, last)
		return nil
	})
	if err != nil || wrong != nil {
		return damagedIfCorrupt(errors.Join(err, wrong))
	}
	return c.count(reportersTable, rows)
}

// checkTables calls fn with each of the small tables that is damaged.
func (c connection) checkTables(fn func(*table, error) error) error {
	for _, t := range smallTables {
		var err error
		switch t {
		case reportersTable:
			err = c.reporters(func(_, _ int64) {})
		case coverageTable:
			err = c.soundCoverage(func(flow.Coverage) {})
		default:
			_, err = c.declared(t)
		}
		if isDamage(err) {
			err = fn(t, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// incompleteTable returns the error for an answer that lacks rows of a small table; other errors than
// damage as they are.
func incompleteTable(t *table, err error) error {
	if !isDamage(err) {
		return err
	}
	return &search.IncompleteError{Gaps: []search.Gap{{Table: t.text}}, Err: err}
}
