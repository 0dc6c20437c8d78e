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

// Blobs leave SQLite through a function of our own, weir_take(key, blob): it lends them out
// as they lie in SQLite's memory. As the column of a result the driver copies each
// into a slice of its own, which was half of what a search took and most of the garbage.

// taker gets blobs that are valid until it returns.
type taker func(blob []byte, more ...driver.Value) error

// desk knows where the blobs of each running query go. SQL functions belong to the driver, not to
// one of its connections, so there is one desk for the process.
type desk struct {
	mu     sync.RWMutex
	takers map[int64]taker
	last   int64
}

func (d *desk) add(t taker) (key int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last++
	d.takers[d.last] = t
	return d.last
}

func (d *desk) remove(key int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.takers, key)
}

// take is weir_take: a key of the desk, a blob, and what else the taker wants of the row.
func (d *desk) take(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	key, _ := args[0].(int64)
	d.mu.RLock()
	t := d.takers[key]
	d.mu.RUnlock()
	if t == nil {
		return nil, errors.New("weir_take works within weir only")
	}
	blob, _ := args[1].([]byte)
	return nil, t(blob, args[2:]...)
}

// lender is the driver with weir_take, and the desk behind it.
type lender struct {
	sqlite.Driver
	desk desk
}

var lending = sync.OnceValues(func() (*lender, error) {
	l := &lender{desk: desk{takers: map[int64]taker{}}}
	err := l.RegisterFunction("weir_take", &sqlite.FunctionImpl{NArgs: -1, Scalar: l.desk.take, VolatileArgs: true})
	return l, err
})

// connector opens connections to one file.
type connector struct {
	driver *lender
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }

// open returns a pool of at most n connections.
func open(path string, as access, n int) (*sql.DB, error) {
	l, err := lending()
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector{l, dsn(path, as)})
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return pool, nil
}

// lent is a prepared query whose only column is weir_take(?1, …).
type lent struct {
	stmt driver.StmtExecContext
	stop func() error
	desk *desk
	key  int64
	args []driver.NamedValue
	fn   taker
	err  error // of fn
}

// prepareLent prepares a query that has n parameters besides the key.
func (c connection) prepareLent(query string, n int) (*lent, error) {
	l, err := lending()
	if err != nil {
		return nil, err
	}
	stmt, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	run, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver %T has no contexts", l), stmt.Close())
	}
	q := &lent{stmt: run, stop: stmt.Close, desk: &l.desk, args: named(make([]any, n+1))}
	q.key = l.desk.add(func(blob []byte, more ...driver.Value) error {
		q.err = q.fn(blob, more...)
		return q.err
	})
	q.args[0].Value = q.key
	return q, nil
}

// each calls fn with every row of the query, in its order. It has no context: the driver starts a
// goroutine for each statement that has one. fn can end it with an error, which is returned.
func (q *lent) each(fn taker, args ...int64) error {
	q.fn, q.err = fn, nil
	for i, a := range args {
		q.args[i+1].Value = a
	}
	_, err := q.stmt.ExecContext(context.Background(), q.args)
	q.fn = nil
	if q.err != nil {
		return q.err // SQLite has only its text
	}
	return err
}

func (q *lent) close() error {
	q.desk.remove(q.key)
	return q.stop()
}
