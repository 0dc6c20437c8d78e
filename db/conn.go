package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// access is how a connection opens the file.
type access uint8

const (
	asWriter    access = iota // the one that writes
	asReader                  // reads while a writer may run
	asImmutable               // reads a file that nobody changes; takes no lock and makes no file
	asCreator                 // fills a new file that nobody else knows of
)

// dsn is the data source name for a file. Settings stand in it, in a fixed
// order, because a PRAGMA that is executed on a pool reaches one connection only.
// The driver applies busy_timeout first, then the _pragma list by name, then
// foreign_keys, journal_mode, synchronous and query_only.
//
// synchronous=NORMAL with a write-ahead log syncs at checkpoints, not at
// commits. The death of the process loses nothing that was committed. A loss of
// power may take the commits since the last checkpoint with it, never the
// consistency of the file (https://www.sqlite.org/pragma.html#pragma_synchronous).
func dsn(path string, as access) string {
	params := []string{"_busy_timeout=" + strconv.FormatInt(busyTimeout.Milliseconds(), 10), "_dqs=0", "_error_rc=1"}
	pragma := func(name string, value int64) {
		params = append(params, "_pragma="+name+"("+strconv.FormatInt(value, 10)+")")
	}
	switch as {
	case asWriter:
		pragma("cache_size", -writerCacheKiB)
		pragma("journal_size_limit", walLimit)
		pragma("temp_store", 2) // memory
		pragma("wal_autocheckpoint", checkpointPages)
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
		// Whoever dies meanwhile leaves a draft that nobody opens.
		params = append(params, "mode=rw", "_txlock=immediate", "_foreign_keys=1", "_journal_mode=OFF", "_synchronous=OFF")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(params, "&")
}

// connection is one connection of the driver, without database/sql's
// conversions of every value. ctx interrupts the first step of a statement only;
// loops over rows and blocks check it themselves.
type connection struct {
	ctx context.Context
	driverConn
}

// driverConn is what the driver's connections can do and weir needs.
type driverConn interface {
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
}

// raw calls fn with the connection behind c.
func raw(ctx context.Context, c *sql.Conn, fn func(connection) error) error {
	return c.Raw(func(dc any) error {
		conn, ok := dc.(driverConn)
		if !ok {
			return fmt.Errorf("the driver %T has no contexts", dc)
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
		// Closing repeats the error of the last step, if there was one.
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if err := rows.Next(row); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

// ints reads the one row of a query that returns integers. NULL reads as 0.
func (c connection) ints(query string, args []any, dest ...*int64) error {
	return c.each(query, args, func(row []driver.Value) error {
		for i := range dest {
			*dest[i], _ = row[i].(int64)
		}
		return nil
	})
}

// begin starts a transaction with the given words and returns what ends it:
// a commit if *err is nil, else a rollback. An end that fails becomes *err.
func (c connection) begin(words string) (end func(err *error), _ error) {
	if err := c.exec(words); err != nil {
		return nil, err
	}
	return func(err *error) {
		c := connection{context.WithoutCancel(c.ctx), c.driverConn}
		if *err == nil {
			*err = c.exec("COMMIT")
		}
		if *err != nil {
			// SQLite has rolled back by itself after some errors; then
			// this one fails, and the first error is the one to report.
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
