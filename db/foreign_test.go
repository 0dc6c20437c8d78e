package db

import (
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/db/block"
	"weir/flow"
	"weir/internal/blocktest"
	"weir/internal/storetest"
	"weir/search"
)

// A later program has three more columns than this one: a number with a part, one without, and an
// address with a part.
const (
	laterNumber = int(block.NumColumns) + iota
	laterInRows
	laterAddress
	laterColumns
)

func laterHasPart(c int) bool {
	return c < int(block.ColSrcIPID) || c == laterNumber || c == laterAddress
}

// onFile calls fn with a connection to a store that is not open.
func onFile(t *testing.T, path string, fn func(connection) error) {
	t.Helper()
	pool, err := open(path, asWriter, 1)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(raw(t.Context(), conn, fn), conn.Close(), pool.Close()); err != nil {
		t.Fatal(err)
	}
}

// editFile calls fn in a write transaction on a store that is not open.
func editFile(t *testing.T, path string, fn func(connection) error) {
	t.Helper()
	onFile(t, path, func(c connection) (err error) {
		end, err := c.begin("BEGIN IMMEDIATE")
		if err != nil {
			return err
		}
		defer end(&err)
		return fn(c)
	})
}

// asNumbers converts records to the numbers of this program's columns and of the later ones, whose
// values no column of this program has.
func asNumbers(recs []flow.Record, nameIDs func(*flow.Record) (block.NameIDs, error)) (flows []blocktest.Flow, err error) {
	for i := range recs {
		names, err := nameIDs(&recs[i])
		if err != nil {
			return nil, err
		}
		var tuple block.Tuple
		tuple.Split(&recs[i], names)
		id := recs[i].ID
		f := blocktest.Flow{Nums: append(tuple.Nums[:], 1<<40+id, -id, 0), Addrs: map[int]netip.Addr{
			int(block.ColSrc): tuple.Addrs[0], int(block.ColDst): tuple.Addrs[1], int(block.ColErrorFrom): tuple.Addrs[2],
			laterAddress: netip.AddrFrom4([4]byte{203, 0, 113, byte(id)}),
		}}
		flows = append(flows, f)
	}
	return flows, nil
}

// keyOf returns the key of the block with a number that writeBlock has written.
func keyOf(id int64) blocktest.Key {
	return blocktest.Key{ID: id, Stored: epoch.UnixNano(), Format: int64(block.Keyed)}
}

// writeBlock writes recs as a block with the given number of columns, and returns its number.
func writeBlock(t *testing.T, path string, recs []flow.Record, columns int) (id int64) {
	t.Helper()
	editFile(t, path, func(c connection) error {
		in, err := newInserter(c, time.Now, block.MaxRows)
		if err != nil {
			return err
		}
		flows, err := asNumbers(recs, func(r *flow.Record) (block.NameIDs, error) { return in.nameIDs(c, r) })
		if err != nil {
			return errors.Join(err, in.close())
		}
		in.state.lastID = max(in.state.lastID, recs[len(recs)-1].ID)
		id = in.state.nextBlock
		in.state.nextBlock++
		header, parts := blocktest.Block(keyOf(id), flows, columns, laterHasPart)
		first, last := &recs[0], &recs[len(recs)-1]
		err = in.exec(c, in.block, id, epoch.UnixNano(), int64(block.Keyed), int64(len(recs)),
			block.Nanos(first.Start), block.Nanos(last.Start), first.ID, last.ID, header)
		for number, data := range parts {
			partErr := in.exec(c, in.part, id*block.PartsPerBlock+int64(number), data)
			err = errors.Join(err, partErr)
		}
		return errors.Join(err, in.saveState(c), in.close())
	})
	return id
}

// blockBytes returns the header of a block followed by its parts, each after its number.
func blockBytes(t *testing.T, s *Reader, id int64) (all []byte) {
	t.Helper()
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		all = nil
		note := func(row []driver.Value) error {
			number, _ := row[0].(int64)
			data, _ := row[1].([]byte)
			all = append(append(all, byte(number), byte(number>>8), byte(number>>16)), data...)
			return nil
		}
		return errors.Join(sn.each("SELECT id, header FROM blocks WHERE id = ?", []any{id}, note),
			sn.each("SELECT id, data FROM parts WHERE id BETWEEN ? AND ? ORDER BY id", []any{id * block.PartsPerBlock, (id+1)*block.PartsPerBlock - 1}, note))
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// emptyStore creates a store without flows and returns its path.
func emptyStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir.db")
	s, err := Open(t.Context(), path, WriterOptions{Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.DeclareGroups(t, inventoryOf(t, path))
	return path
}

// someRecords returns n ended records of storetest.Record, in the order of their start, with ids from
// first on.
func someRecords(rng *rand.Rand, first int64, n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		recs[i] = storetest.Record(rng, 1)
		if recs[i].Open() {
			recs[i].EndReason = flow.EndOfFlow
		}
	}
	slices.SortFunc(recs, func(a, b flow.Record) int { return a.Start.Compare(b.Start) })
	for i := range recs {
		recs[i].ID = first + int64(i)
	}
	return recs
}

// compareAll compares all flows of a store and random queries with recs, and checks the store.
func compareAll(t *testing.T, s *Reader, recs []flow.Record) {
	t.Helper()
	if got := storetest.All(t, s); !slices.Equal(got, storetest.Matching(recs, search.Query{Order: search.Oldest})) {
		t.Errorf("%d flows, not the %d that were stored", len(got), len(recs))
	}
	storetest.Compare(t, s, rand.New(rand.NewPCG(5, 6)), 48, recs)
	if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != int64(len(recs)) {
		t.Errorf("check: %d flows, %v, want %d", n, err, len(recs))
	}
}

// without returns records as they read without the columns from one on.
func without(recs []flow.Record, from block.Column) []flow.Record {
	out := slices.Clone(recs)
	for i := range out {
		var tuple block.Tuple
		tuple.Split(&recs[i], block.NameIDs{Node: 1, Interface: 2, Src: 3, Dst: 4})
		for c := from; c < block.NumColumns; c++ {
			tuple.Nums[c] = 0
		}
		for i, c := range []block.Column{block.ColSrc, block.ColDst, block.ColErrorFrom} {
			if c >= from {
				tuple.Addrs[i] = netip.Addr{}
			}
		}
		known, names := tuple.NameIDs(), block.RecordNames{}
		for _, n := range []struct {
			id   int64
			to   *string
			name string
		}{{known.Node, &names.Node, recs[i].Node}, {known.Interface, &names.Interface, recs[i].Interface},
			{known.Src, &names.Src, recs[i].Src.Node}, {known.Dst, &names.Dst, recs[i].Dst.Node}} {
			if n.id != 0 {
				*n.to = n.name
			}
		}
		tuple.Join(&out[i], names)
	}
	return out
}

// writePiece writes recs as piece 1 with the given number of columns, of an earlier session.
func writePiece(t *testing.T, path string, recs []flow.Record, columns int) {
	t.Helper()
	editFile(t, path, func(c connection) error {
		in, err := newInserter(c, time.Now, block.MaxRows)
		if err != nil {
			return err
		}
		flows, err := asNumbers(recs, func(r *flow.Record) (block.NameIDs, error) { return in.nameIDs(c, r) })
		if err == nil {
			err = in.exec(c, in.putPiece, int64(1), blocktest.Piece(1, in.state.session, flows, columns))
		}
		in.state.lastID = max(in.state.lastID, recs[len(recs)-1].ID)
		in.flows.lost = int64(len(recs)) // that it does not know of
		return errors.Join(err, in.saveState(c), in.close())
	})
}

// writeHot writes recs into the table hot of a store of an earlier schema, in the encoding of encode.
func writeHot(t *testing.T, path string, recs []flow.Record, encode func(blocktest.Flow) []byte) {
	t.Helper()
	editFile(t, path, func(c connection) error {
		nameID := func(name string) (id int64, err error) {
			err = errors.Join(c.exec("INSERT OR IGNORE INTO names (name) VALUES (?)", name), c.ints("SELECT id FROM names WHERE name = ?", []any{name}, &id))
			return id, err
		}
		flows, err := asNumbers(recs, func(r *flow.Record) (ids block.NameIDs, err error) {
			var errs [4]error
			ids.Node, errs[0] = nameID(r.Node)
			ids.Interface, errs[1] = nameID(r.Interface)
			ids.Src, errs[2] = nameID(r.Src.Node)
			ids.Dst, errs[3] = nameID(r.Dst.Node)
			return ids, errors.Join(errs[:]...)
		})
		for _, f := range flows {
			putErr := c.exec("INSERT INTO hot (id, start_ns, node_id, record) VALUES (?, ?, ?, ?)", f.Nums[block.ColID], f.Nums[block.ColStart], f.Nums[block.ColNode], encode(f))
			err = errors.Join(err, putErr)
		}
		return errors.Join(err, c.exec("UPDATE state SET last_id = max(last_id, ?)", recs[len(recs)-1].ID))
	})
}

// flowsInPieces returns the flows in pieces, each encoded as one piece, by id.
func flowsInPieces(t *testing.T, s *Reader) map[int64]string {
	t.Helper()
	flows := map[int64]string{}
	err := s.read(t.Context(), nil, func(sn *snapshot) error {
		return sn.pieces(allTime.whole, func(b *block.PieceRows) error {
			for _, tuple := range b.Tuples {
				flows[tuple.Nums[block.ColID]] = string(block.AppendPiece(nil, 1, 1, []*block.Tuple{tuple}))
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return flows
}
