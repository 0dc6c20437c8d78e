package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// poller notices the commits of all other connections, those of the same process included.
type poller struct {
	mu   sync.Mutex
	pool *sql.DB
	conn *sql.Conn // its own: SQLite counts the changes of all others for each connection
	last int64     // the last data_version
	seen uint64    // number of changes
}

func newPoller(ctx context.Context, path string, as access) (*poller, error) {
	pool, err := open(path, as, 1)
	if err != nil {
		return nil, err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &poller{pool: pool, conn: conn}, nil
}

// version returns a number that changes when the file has changed. After an error it is unchanged; the
// next query reports the error.
func (p *poller) version() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	version := p.last
	err := raw(context.Background(), p.conn, func(c connection) error {
		return c.ints("PRAGMA data_version", nil, &version)
	})
	if err == nil && version != p.last {
		p.last = version
		p.seen++
	}
	return p.seen
}

func (p *poller) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.conn.Close(), p.pool.Close())
}
