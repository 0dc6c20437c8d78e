package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// access is the way in which a connection opens the file.
type access uint8

const (
	asWriter    access = iota // the write connection
	asReader                  // reads while a writer may run
	asImmutable               // reads a file that nothing changes; takes no locks and creates no files
	asCreator                 // fills a new file that no other process knows yet
)

// dsn is the data source name of a file. It holds the settings, in a fixed order, because a PRAGMA
// executed on a pool reaches one connection only. The driver applies busy_timeout first, then the
// _pragma list by name, then foreign_keys, journal_mode, synchronous and query_only.
//
// synchronous=NORMAL with a write-ahead log syncs at checkpoints, not at commits. The death of the
// process loses no commit. A loss of power may lose the commits since the last checkpoint, but leaves
// the file consistent (https://www.sqlite.org/pragma.html#pragma_synchronous).
func dsn(path string, as access) string {
	params := []string{"_busy_timeout=" + strconv.FormatInt(busyTimeout.Milliseconds(), 10), "_dqs=0", "_error_rc=1"}
	pragma := func(name string, value int64) {
		params = append(params, "_pragma="+name+"("+strconv.FormatInt(value, 10)+")")
	}
	switch as {
	case asWriter:
		pragma("cache_size", -writerCacheKiB)
		pragma("journal_size_limit", walSizeLimit)
		pragma("temp_store", 2) // memory
		pragma("wal_autocheckpoint", autoCheckpointPages)
		params = append(params, "mode=rw", "_txlock=immediate", "_foreign_keys=1", "_journal_mode=WAL", "_synchronous=NORMAL")
	case asReader, asImmutable:
		pragma("cache_size", -readerCacheKiB)
		pragma("mmap_size", readerMmap)
		pragma("temp_store", 2)
		params = append(params, "mode=ro", "_query_only=1")
		if as == asImmutable {
			params = append(params, "immutable=1")
		}
	case asCreator:
		// A crash leaves a draft that no program opens.
		params = append(params, "mode=rw", "_txlock=immediate", "_foreign_keys=1", "_journal_mode=OFF", "_synchronous=OFF")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(params, "&")
}

// connection is a connection of the driver, without the conversion of every value by database/sql. ctx
// interrupts the first step of a statement only; loops over rows and blocks check it themselves.
type connection struct {
	ctx context.Context
	driverConn
}

// driverConn is what weir needs of the driver's connections.
type driverConn interface {
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
}

// raw calls fn with the driver's connection of c.
func raw(ctx context.Context, c *sql.Conn, fn func(connection) error) error {
	return c.Raw(func(dc any) error {
		conn, ok := dc.(driverConn)
		if !ok {
			return fmt.Errorf("driver %T: no support of contexts", dc)
		}
		return fn(connection{ctx, conn})
	})
}

func (c connection) exec(query string, args ...any) error {
	_, err := c.ExecContext(c.ctx, query, named(args))
	return err
}

// each calls fn with every row of a query. The slice is reused.
func (c connection) each(query string, args []any, fn func(row []driver.Value) error) (err error) {
	rows, err := c.QueryContext(c.ctx, query, named(args))
	if err != nil {
		return err
	}
	defer func() {
		// Close repeats the error of the last step, if it had one.
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

// ints reads the single row of a query that returns integers. NULL reads as 0.
func (c connection) ints(query string, args []any, dest ...*int64) error {
	return c.each(query, args, func(row []driver.Value) error {
		for i := range dest {
			*dest[i], _ = row[i].(int64)
		}
		return nil
	})
}

// begin starts a transaction with the given statement and returns the function that ends it: with a
// commit if *err is nil, else with a rollback. If the commit fails, *err is its error.
func (c connection) begin(statement string) (end func(err *error), _ error) {
	if err := c.exec(statement); err != nil {
		return nil, err
	}
	return func(err *error) {
		c := connection{context.WithoutCancel(c.ctx), c.driverConn}
		if *err == nil {
			*err = c.exec("COMMIT")
		}
		if *err != nil {
			// SQLite rolls back by itself after some errors. ROLLBACK then fails, and the first error
			// is the one to report.
			_ = c.exec("ROLLBACK")
		}
	}, nil
}

func named(args []any) []driver.NamedValue {
	values := make([]driver.NamedValue, len(args))
	for i, a := range args {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return values
}
