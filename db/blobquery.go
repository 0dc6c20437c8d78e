package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"modernc.org/sqlite"
)

// Blobs are read in place, in SQLite's memory, through the SQL function weir_read_blob(key, blob, …),
// which calls back. As result columns the driver would copy each into a slice, which was half of the
// time of a search and most of its garbage.

// blobFunc is called with a blob that is valid until it returns, and with further columns.
type blobFunc func(blob []byte, more ...driver.Value) error

// callbackRegistry has the callback of each blobQuery. SQL functions are registered with the driver,
// not with a connection, so there is one registry for the process.
type callbackRegistry struct {
	mu        sync.RWMutex
	callbacks map[int64]blobFunc
	lastKey   int64
}

func (d *callbackRegistry) add(t blobFunc) (key int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastKey++
	d.callbacks[d.lastKey] = t
	return d.lastKey
}

func (d *callbackRegistry) remove(key int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.callbacks, key)
}

// call is weir_read_blob: the key of a callback, a blob, and further columns for the callback.
func (d *callbackRegistry) call(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	key, _ := args[0].(int64)
	d.mu.RLock()
	t := d.callbacks[key]
	d.mu.RUnlock()
	if t == nil {
		return nil, errors.New("weir_read_blob can only be called by weir")
	}
	blob, _ := args[1].([]byte)
	return nil, t(blob, args[2:]...)
}

// blobDriver is the driver with weir_read_blob and its registry.
type blobDriver struct {
	sqlite.Driver
	registry callbackRegistry
}

var sharedDriver = sync.OnceValues(func() (*blobDriver, error) {
	l := &blobDriver{registry: callbackRegistry{callbacks: map[int64]blobFunc{}}}
	err := l.RegisterFunction("weir_read_blob", &sqlite.FunctionImpl{NArgs: -1, Scalar: l.registry.call, VolatileArgs: true})
	return l, err
})

// connector opens connections to one file.
type connector struct {
	driver *blobDriver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }

// open returns a pool of at most n connections.
func open(path string, as access, n int) (*sql.DB, error) {
	l, err := sharedDriver()
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector{l, dsn(path, as)})
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return pool, nil
}

// blobQuery is a prepared query whose only column is weir_read_blob(?1, …).
type blobQuery struct {
	stmt      driver.StmtExecContext
	closeStmt func() error
	registry  *callbackRegistry
	key       int64
	args      []driver.NamedValue
	fn        blobFunc
	err       error // of fn
}

// prepareBlobQuery prepares a query with n parameters besides the key.
func (c connection) prepareBlobQuery(query string, n int) (*blobQuery, error) {
	l, err := sharedDriver()
	if err != nil {
		return nil, err
	}
	stmt, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	run, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("driver %T: no support of contexts", l), stmt.Close())
	}
	q := &blobQuery{stmt: run, closeStmt: stmt.Close, registry: &l.registry, args: named(make([]any, n+1))}
	q.key = l.registry.add(func(blob []byte, more ...driver.Value) error {
		q.err = q.fn(blob, more...)
		return q.err
	})
	q.args[0].Value = q.key
	return q, nil
}

// each calls fn with every row of the query, in its order. It stops at an error of fn and returns it.
// It has no context, because the driver starts a goroutine for every statement that has one.
func (q *blobQuery) each(fn blobFunc, args ...int64) error {
	q.fn, q.err = fn, nil
	for i, a := range args {
		q.args[i+1].Value = a
	}
	_, err := q.stmt.ExecContext(context.Background(), q.args)
	q.fn = nil
	if q.err != nil {
		return q.err // SQLite knows its text only
	}
	return err
}

func (q *blobQuery) close() error {
	q.registry.remove(q.key)
	return q.closeStmt()
}
