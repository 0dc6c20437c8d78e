package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"weir/flow"
)

// inserter writes records over the driver's own prepared statements. It holds
// what it knows of the file: the names and the highest id.
type inserter struct {
	names  *dictionary
	lastID int64 // highest id in flows

	many, one, update, name, seen driver.Stmt
	rows, args, updateArgs        []driver.NamedValue
}

// newInserter prepares the statements.
//
// A new id goes in by many or one. An id that is in the table already is an
// open flow being updated: update leaves the columns alone that indexes hold,
// which spares their entries being written again, and misses if the start has
// changed or the row isn't there; then one does it all. Both refuse to touch a
// flow that has ended.
func newInserter(c connection) (*inserter, error) {
	names, err := readNames(c)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	in := &inserter{
		names: names,
		rows:  parameters(rowsPerInsert * len(flowColumns)), args: parameters(len(flowColumns)), updateArgs: parameters(len(flowColumns)),
	}
	if err := c.ints("SELECT max(id) FROM flows", nil, &in.lastID); err != nil {
		return nil, fmt.Errorf("read the highest id: %w", err)
	}
	for _, s := range []struct {
		stmt *driver.Stmt
		sql  string
	}{
		{&in.many, insertSQL(rowsPerInsert)},
		{&in.one, insertSQL(1) + " ON CONFLICT (id) DO UPDATE SET " + assignments(flowColumns[1:], "excluded.%s") + " WHERE end_reason = 0"},
		{&in.update, "UPDATE flows SET " + assignments(flowColumns[keyColumns:], "?") +
			" WHERE id = ? AND start_ns = ? AND node_id = ? AND end_reason = 0"},
		{&in.name, "INSERT INTO names (name) VALUES (?)"},
		{&in.seen, "INSERT INTO reporters (node_id, last_ns) VALUES (?, ?)" +
			" ON CONFLICT (node_id) DO UPDATE SET last_ns = max(last_ns, excluded.last_ns)"},
	} {
		stmt, err := c.PrepareContext(c.ctx, s.sql)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", s.sql, err), in.close())
		}
		*s.stmt = stmt
	}
	return in, nil
}

func insertSQL(rows int) string {
	row := "(?" + strings.Repeat(",?", len(flowColumns)-1) + ")"
	return "INSERT INTO flows (" + strings.Join(flowColumns[:], ",") + ") VALUES " + row + strings.Repeat(","+row, rows-1)
}

// assignments are those of a SET clause; format makes the value of a column's name.
func assignments(columns []string, format string) string {
	set := make([]string, len(columns))
	for i, name := range columns {
		set[i] = name + " = " + strings.ReplaceAll(format, "%s", name)
	}
	return strings.Join(set, ", ")
}

func parameters(n int) []driver.NamedValue { return named(make([]any, n)) }

func (in *inserter) close() error {
	var errs []error
	for _, s := range []driver.Stmt{in.many, in.one, in.update, in.name, in.seen} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// write writes recs, whose ids ascend.
func (in *inserter) write(c connection, recs []flow.Record) error {
	latest := make(map[int64]int64, 1)
	for len(recs) > 0 {
		n := 1
		if recs[0].ID > in.lastID && len(recs) >= rowsPerInsert {
			n = rowsPerInsert
		}
		if err := in.group(c, recs[:n], latest); err != nil {
			return fmt.Errorf("write flows: %w", err)
		}
		recs = recs[n:]
	}
	for node, last := range latest {
		if _, err := in.exec(c, in.seen, named([]any{node, last})); err != nil {
			return fmt.Errorf("write what node was seen: %w", err)
		}
	}
	return nil
}

// group writes rowsPerInsert new records or any one.
func (in *inserter) group(c connection, recs []flow.Record, latest map[int64]int64) error {
	width := len(flowColumns)
	args := in.args
	if len(recs) > 1 {
		args = in.rows
	}
	for i := range recs {
		names, err := in.nameIDs(c, &recs[i])
		if err != nil {
			return err
		}
		last := nanos(recs[i].Last)
		if had, ok := latest[names.node]; !ok || last > had {
			latest[names.node] = last
		}
		bindFlow(args[i*width:], &recs[i], names)
	}
	highest := recs[len(recs)-1].ID
	switch {
	case len(recs) > 1:
		if _, err := in.exec(c, in.many, args); err != nil {
			return err
		}
	case highest > in.lastID:
		if _, err := in.exec(c, in.one, args); err != nil {
			return err
		}
	default:
		return in.change(c, args)
	}
	in.lastID = highest
	return nil
}

// change updates a row that is there already, or brings it in.
func (in *inserter) change(c connection, args []driver.NamedValue) error {
	n := len(args) - keyColumns
	for i := range args {
		in.updateArgs[(i+n)%len(args)].Value = args[i].Value // the key columns last
	}
	changed, err := in.exec(c, in.update, in.updateArgs)
	if err == nil && changed == 0 {
		_, err = in.exec(c, in.one, args)
	}
	return err
}

func (in *inserter) exec(c connection, s driver.Stmt, args []driver.NamedValue) (changed int64, err error) {
	stmt, ok := s.(driver.StmtExecContext)
	if !ok {
		return 0, fmt.Errorf("the driver %q has no contexts", driverName)
	}
	res, err := stmt.ExecContext(c.ctx, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (in *inserter) nameIDs(c connection, r *flow.Record) (ids nameIDs, err error) {
	for _, n := range []struct {
		id   *int64
		name string
	}{{&ids.node, r.Node}, {&ids.iface, r.Interface}, {&ids.src, r.Src.Node}, {&ids.dst, r.Dst.Node}} {
		if *n.id, err = in.nameID(c, n.name); err != nil {
			return ids, err
		}
	}
	return ids, nil
}

// nameID returns the id of a name and enters a new one.
func (in *inserter) nameID(c connection, name string) (int64, error) {
	if id, ok := in.names.ids[name]; ok {
		return id, nil
	}
	if _, err := in.exec(c, in.name, named([]any{name})); err != nil {
		return 0, fmt.Errorf("enter the name %q: %w", name, err)
	}
	var id int64
	if err := c.ints("SELECT id FROM names WHERE name = ?", []any{name}, &id); err != nil {
		return 0, fmt.Errorf("enter the name %q: %w", name, err)
	}
	in.names.add(id, name)
	return id, nil
}
