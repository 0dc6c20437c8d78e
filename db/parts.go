package db

import (
	"database/sql/driver"
	"time"

	"weir/db/block"
)

// partReader reads the parts of one block after the other over one connection, for a block.Reader. What it
// returns of a block is valid until it opens the next one, because the memory is used again.
type partReader struct {
	conn   connection
	since  time.Time // when its snapshot was taken
	epoch  int64     // of shares, at that time; -1: not known
	query  *lent
	block  int64 // whose parts it reads
	reader block.Reader
	arena  arena
}

func newPartReader(c connection) (*partReader, error) {
	query, err := c.prepareLent("SELECT weir_take(?, data) FROM parts WHERE id BETWEEN ? AND ?", 2)
	return &partReader{conn: c, since: time.Now(), epoch: -1, query: query}, err
}

// renew gives the snapshot up for a new one when the writer wishes it, or when it is so old that the one of
// another process may. Blocks never change, so it makes no difference to who reads them; but the log can't begin anew while
// somebody reads what it was, and grows. It costs milliseconds: SQLite maps the file anew.
func (r *partReader) renew(t *shares) error {
	epoch := t.epoch.Load()
	if r.epoch < 0 {
		r.epoch = epoch // the snapshot may be a little older; then its age counts
	}
	if r.epoch == epoch && time.Since(r.since) < snapshotAge {
		return nil
	}
	r.epoch, r.since = epoch, time.Now()
	if err := r.conn.exec("COMMIT"); err != nil {
		return err
	}
	return r.conn.exec("BEGIN")
}

// open begins to read a block.
func (r *partReader) open(b *block.Header) *block.Reader {
	r.arena.reset()
	r.block = b.ID
	r.reader.Reset(b, r)
	return &r.reader
}

// Part returns a part of the open block, without its checksum.
func (r *partReader) Part(number int) (data []byte, err error) {
	err = r.Parts(number, number, func(part []byte) error {
		data = r.Memory(len(part))
		copy(data, part)
		return nil
	})
	if err == nil && data == nil {
		err = block.ErrVanished
	}
	return data, err
}

// Parts calls fn with the parts of the open block from one number to another, which are valid until it returns.
func (r *partReader) Parts(from, to int, fn func([]byte) error) error {
	return r.query.each(func(part []byte, _ ...driver.Value) error {
		data, err := block.CheckSum(part)
		if err != nil {
			return err
		}
		return fn(data)
	}, r.block*block.PartsPerBlock+int64(from), r.block*block.PartsPerBlock+int64(to))
}

// Memory returns n bytes that serve until the next block is opened.
func (r *partReader) Memory(n int) []byte { return r.arena.take(n) }

func (r *partReader) close() error { return r.query.close() }

// arena is memory that is given away piece by piece and taken back as a whole.
type arena struct {
	free []byte // of all
	all  []byte
}

func (a *arena) reset() { a.free = a.all }

// take returns n bytes, with anything in them.
func (a *arena) take(n int) []byte {
	if n > len(a.free) {
		a.all = make([]byte, max(2*len(a.all), n, 1<<16)) // what was given away stays with its owner
		a.free = a.all
	}
	out := a.free[:n:n]
	a.free = a.free[n:]
	return out
}
