package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// poller notices commits of other processes.
type poller struct {
	mu   sync.Mutex
	pool *sql.DB
	conn *sql.Conn // of its own: SQLite counts for each connection what others changed
	last int64
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

// changed reports whether the file changed since it was last called. When the
// file can't be asked nothing is known to have changed; the next query says why.
func (p *poller) changed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	version := p.last
	err := raw(context.Background(), p.conn, func(c connection) error {
		return c.ints("PRAGMA data_version", nil, &version)
	})
	if err != nil || version == p.last {
		return false
	}
	p.last = version
	return true
}

func (p *poller) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.conn.Close(), p.pool.Close())
}
