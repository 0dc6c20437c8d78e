package db

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"weir/flow"
	"weir/node"
)

// repairTables keeps the rows of damaged small tables that may be right, or leaves the tables unchanged
// if drop is not set: no other copy says whether they are what was written.
func (w *Writer) repairTables(c connection, drop bool, done *Repaired, report func(string)) error {
	kept := map[string]bool{}
	return c.checkTables(func(t *table, damage error) error {
		if !drop {
			done.LeftTables++
			report(fmt.Sprintf("%s: %v: left unchanged", t.text, damage))
			return nil
		}
		done.KeptTables++
		var rows []string
		var err error
		switch t {
		case reportersTable:
			err = c.keepSoundReporters()
			if w.ins != nil {
				w.ins.lastSeen = nil
			}
		case coverageTable:
			err = c.keepSoundCoverage()
		default:
			rows, err = c.keepDeclarations()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t.text, err)
		}
		report(fmt.Sprintf("%s: %v: what can be read is kept", t.text, damage))
		for _, row := range rows {
			if !kept[row] {
				report("kept: " + row)
			}
			kept[row] = true
		}
		return nil
	})
}

// keepSoundReporters removes damaged rows: their nodes count as never seen until they report again.
func (c connection) keepSoundReporters() error {
	sound := map[int64]int64{}
	if err := c.reporters(func(id, last int64) { sound[id] = last }); err != nil && !isDamage(err) {
		return err
	}
	err := c.exec("DELETE FROM reporters") // all: those on a damaged page may not be found by their id
	for id, last := range sound {
		err = errors.Join(err, c.exec("INSERT INTO reporters (node_id, last_ns, sum) VALUES (?, ?, ?)", id, last, valuesSum(id, last)))
	}
	return errors.Join(err, c.recount(reportersTable))
}

// keepSoundCoverage removes damaged spans.
func (c connection) keepSoundCoverage() error {
	var sound []flow.Coverage
	if err := c.soundCoverage(func(s flow.Coverage) { sound = append(sound, s) }); err != nil && !isDamage(err) {
		return err
	}
	err := c.exec("DELETE FROM coverage")
	for i := range sound {
		err = errors.Join(err, c.putCoverage(&sound[i]))
	}
	return errors.Join(err, c.recount(coverageTable))
}

func (c connection) recount(t *table) error {
	return c.exec("INSERT OR REPLACE INTO sums (name, rows, sum) SELECT ?, count(*), 0 FROM "+t.name, t.name)
}

// keepDeclarations keeps those declarations that are valid, and returns them.
func (c connection) keepDeclarations() (kept []string, err error) {
	var rows [3][][]string // of nodes, prefixes and groups
	for i, t := range declarations {
		if rows[i], err = c.declaredAsIs(t); err != nil {
			return nil, err
		}
	}
	for _, t := range slices.Backward(declarations) {
		err = errors.Join(err, c.exec("DELETE FROM "+t.name))
	}
	insert := func(text, sql string, args ...any) {
		if err == nil {
			err = c.exec(sql, args...)
			kept = append(kept, text)
		}
	}
	for _, row := range rows[0] {
		if node.ValidName(row[0]) == nil {
			insert("node "+row[0], "INSERT OR IGNORE INTO nodes (name) VALUES (?)", row[0])
		}
	}
	for _, row := range rows[1] {
		prefix, wrong := netip.ParsePrefix(row[1])
		if node.ValidName(row[0]) != nil || wrong != nil {
			continue
		}
		if text := "node " + row[0]; !slices.ContainsFunc(kept, func(had string) bool { return strings.EqualFold(had, text) }) {
			insert(text, "INSERT OR IGNORE INTO nodes (name) VALUES (?)", row[0])
		}
		insert("node "+row[0]+" owns "+prefix.String(), "INSERT OR IGNORE INTO node_prefixes (node, prefix) VALUES (?, ?)", row[0], prefix.Masked().String())
	}
	for _, row := range rows[2] {
		if node.ValidName(row[0]) == nil && node.ValidName(row[1]) == nil {
			insert("group "+row[0]+" has "+row[1], "INSERT OR IGNORE INTO node_groups (name, member) VALUES (?, ?)", row[0], row[1])
		}
	}
	return kept, errors.Join(err, c.sumDeclarations())
}
