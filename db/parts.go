package db

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"weir/db/block"
)

// partReader is the source of a block.Reader: it reads the parts of one block after another on one
// connection. What it returns is valid until it opens the next block, which reuses the memory.
type partReader struct {
	conn          connection
	snapshotTaken time.Time  // when the transaction began
	snapshotEpoch int64      // of the scheduler at that time; -1: unknown
	refreshes     int        // how often the snapshot was replaced
	one           *blobQuery // a part; nil: not prepared yet
	several       *blobQuery // a range of parts, with their ids; nil: not prepared yet
	reader        block.Reader
	arena         arena
}

func newPartReader(c connection) *partReader {
	return &partReader{conn: c, snapshotTaken: time.Now(), snapshotEpoch: -1}
}

// prepared returns a query that is prepared when it is first used: most searches need one of the two.
func (r *partReader) prepared(q **blobQuery, query string, n int) (_ *blobQuery, err error) {
	if *q == nil {
		*q, err = r.conn.prepareBlobQuery(query, n)
	}
	return *q, err
}

// refreshSnapshot replaces the snapshot when the writer asks for it, or when it is so old that the
// writer of another process may. Blocks are immutable, so the caller sees no difference; but SQLite
// can't restart a WAL that a reader uses, and it would grow. A refresh costs milliseconds, because
// SQLite maps the file again.
func (r *partReader) refreshSnapshot(s *scheduler) error {
	epoch := s.snapshotEpoch.Load()
	if r.snapshotEpoch < 0 {
		r.snapshotEpoch = epoch // the snapshot may be a little older; then its age counts
	}
	if r.snapshotEpoch == epoch && time.Since(r.snapshotTaken) < maxSnapshotAge {
		return nil
	}
	r.snapshotEpoch = epoch
	return r.newSnapshot()
}

func (r *partReader) newSnapshot() error {
	r.snapshotTaken = time.Now()
	r.refreshes++
	if err := r.conn.exec("COMMIT"); err != nil {
		return err
	}
	return r.conn.exec("BEGIN")
}

// open returns a reader of a block.
func (r *partReader) open(b *block.Header) *block.Reader {
	r.arena.reset()
	r.reader.Reset(b, r)
	return &r.reader
}

// Part implements block.Source.
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

// Parts implements block.Source.
func (r *partReader) Parts(from, to int, fn func([]byte) error) error {
	return r.stored(from, to, func(number int, part []byte) error {
		data, err := r.reader.CheckPart(number, part)
		if err != nil {
			return err
		}
		return fn(data)
	})
}

// stored is Parts with the checksums, which it does not check. SQLite looks for the first id of a range
// and trusts that what follows is in order: on a damaged page it may be parts of another block.
func (r *partReader) stored(from, to int, fn func(number int, part []byte) error) error {
	of := r.reader.ID * block.PartsPerBlock
	first, last := of+int64(from), of+int64(to)
	if first == last {
		q, err := r.prepared(&r.one, "SELECT weir_read_blob(?, data) FROM parts WHERE id = ?", 1)
		if err != nil {
			return err
		}
		return damagedIfCorrupt(q.each(func(part []byte, _ ...driver.Value) error { return fn(from, part) }, first))
	}
	q, err := r.prepared(&r.several, "SELECT weir_read_blob(?, data, id) FROM parts WHERE id BETWEEN ? AND ?", 2)
	if err != nil {
		return err
	}
	least := first
	return damagedIfCorrupt(q.each(func(part []byte, more ...driver.Value) error {
		id, _ := more[0].(int64)
		if id < least || id > last {
			return block.ErrDamaged
		}
		least = id + 1
		return fn(int(id-of), part)
	}, first, last))
}

// damagedIfCorrupt turns SQLite's error for a damaged page into block.ErrDamaged.
func damagedIfCorrupt(err error) error {
	if code(err) == sqlite3.SQLITE_CORRUPT {
		return fmt.Errorf("%w: %w", block.ErrDamaged, err)
	}
	return err
}

// recover reads what it can of a block.
func (r *partReader) recover(b *block.Header) (block.Recovered, error) {
	r.open(b)
	return block.Recover(b, func(number int) (data []byte, err error) {
		err = r.stored(number, number, func(_ int, part []byte) error {
			data = bytes.Clone(part)
			return nil
		})
		if err == nil && data == nil {
			err = block.ErrVanished
		}
		return data, err
	})
}

// wasRemoved reports whether a block is missing from a new snapshot: then retention or a compaction removed
// it, and its missing parts are not damage. Block numbers are never reused.
func (r *partReader) wasRemoved(id int64) (bool, error) {
	if err := r.newSnapshot(); err != nil {
		return false, err
	}
	var n int64
	err := r.conn.ints("SELECT count(*) FROM blocks WHERE id = ?", []any{id}, &n)
	return n == 0, err
}

// Memory implements block.Source.
func (r *partReader) Memory(n int) []byte { return r.arena.take(n) }

func (r *partReader) close() (err error) {
	for _, q := range []*blobQuery{r.one, r.several} {
		if q != nil {
			err = errors.Join(err, q.close())
		}
	}
	return err
}

// arena is memory that is handed out piece by piece and reclaimed as a whole.
type arena struct {
	free []byte // the rest of all
	all  []byte
}

func (a *arena) reset() { a.free = a.all }

// take returns n bytes with arbitrary content.
func (a *arena) take(n int) []byte {
	if n > len(a.free) {
		a.all = make([]byte, max(2*len(a.all), n, 1<<16)) // earlier pieces stay valid
		a.free = a.all
	}
	out := a.free[:n:n]
	a.free = a.free[n:]
	return out
}
