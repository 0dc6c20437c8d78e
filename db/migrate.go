package db

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema. Files are only ever added: existing stores refer to their
// numbers.
type migration struct {
	version int64
	name    string // of its file
	sql     string
}

// Schema versions whose migration is more than SQL.
const (
	checksummedVersion = 6 // adds checksums
	packedVersion      = 7 // needs the flows of the tables flows and hot to be in blocks and pieces
	summedVersion      = 9 // adds the checksums of small tables
)

// migrations reads the numbered files of a directory: 0001_flows.sql is version 1.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []migration
	for i, name := range names { // Glob sorts
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil || version != int64(i+1) {
			return nil, fmt.Errorf("migration %q: expected the number %04d", name, i+1)
		}
		sql, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{version, path.Base(name), string(sql)})
	}
	return steps, nil
}

// migrate updates the schema of a store, each step in one transaction with its record in the table
// migrations. report is called with the progress of a long step.
func migrate(c connection, steps []migration, now func() time.Time, report func(done, total int64)) error {
	var version int64
	if err := c.ints("PRAGMA user_version", nil, &version); err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	for _, step := range steps {
		if step.version <= version {
			continue
		}
		err := error(nil)
		if step.version == packedVersion {
			err = convert(c, now, report)
		}
		if err == nil {
			err = apply(c, step, now)
		}
		if err != nil {
			return fmt.Errorf("migrate to schema version %d (%s): %w", step.version, step.name, err)
		}
	}
	return nil
}

func apply(c connection, step migration, now func() time.Time) (err error) {
	end, err := c.begin("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	defer end(&err)
	if step.version == 1 {
		if err := c.exec("PRAGMA application_id = " + strconv.Itoa(applicationID)); err != nil {
			return err
		}
		if err := c.exec("CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ns INTEGER NOT NULL) STRICT"); err != nil {
			return err
		}
	}
	if err := c.exec(step.sql); err != nil {
		return err
	}
	if add := map[int64]func() error{checksummedVersion: c.addSums, summedVersion: c.addTableSums}[step.version]; add != nil {
		if err := add(); err != nil {
			return err
		}
	}
	if err := c.exec("INSERT INTO migrations (version, name, applied_ns) VALUES (?, ?, ?)", step.version, step.name, now().UnixNano()); err != nil {
		return err
	}
	return c.exec("PRAGMA user_version = " + strconv.FormatInt(step.version, 10))
}
