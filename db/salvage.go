package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net/netip"
	"os"
	"slices"

	"weir/db/block"
	"weir/db/sqlitefile"
)

// Salvaged is the result of Salvage.
type Salvaged struct {
	Blocks   int   // blocks from which flows were copied
	Flows    int64 // flows that were copied
	Unknown  int64 // of these, flows without the columns that blocks store once
	Open     int64 // of these, flows that were not in a block yet; open flows become ended
	Lost     int64 // flows of found blocks that could not be read
	NoHeader int   // blocks found as parts only: how many flows they had is unknown
	NoParts  int   // blocks found as a header only; their flows are in Lost
	Names    int   // names of nodes and interfaces that are lost: they are replaced by unknown-NUMBER
}

// Salvage copies what it can read of the damaged store at from into a new store at to, which must not
// exist. It reads the pages of the file without SQLite, so it needs neither SQLite's header nor its
// trees, and applies the write-ahead log. from is not changed; no process may be writing to it. report is
// called with each problem of the file and each block that loses flows. If Salvage fails, the new store is
// removed.
func Salvage(ctx context.Context, from, to string, o WriterOptions, report func(string)) (done Salvaged, err error) {
	if _, err := os.Lstat(to); err == nil {
		return done, fmt.Errorf("salvage into %q: %w; name a new file", to, fs.ErrExist)
	}
	if isLog, err := hasLogMagic(from); err != nil || isLog {
		if isLog {
			err = errors.New("it is the log of a store: name the store itself")
		}
		return done, fmt.Errorf("salvage %q: %w", from, bareError(err))
	}
	_, logErr := checkLog(from)
	if errors.Is(logErr, errOtherLog) {
		report(logErr.Error() + "; it is not used")
	}
	f, err := sqlitefile.Open(from, !errors.Is(logErr, errOtherLog))
	if err != nil {
		return done, fmt.Errorf("salvage %q: %w", from, bareError(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, p := range f.Problems {
		report(p)
	}
	s := newSalvage(f, report)
	if err := f.Rows(ctx, s.take); err != nil {
		return done, fmt.Errorf("salvage %q: %w", from, err)
	}
	s.readPieces()
	if len(s.rows) == 0 && len(s.parts) == 0 && len(s.open) == 0 {
		return done, fmt.Errorf("salvage %q: no part of a flow store found in it", from)
	}
	o.MaxAge, o.MaxBytes = -1, -1
	w, err := Open(ctx, to, o)
	if err != nil {
		return done, err
	}
	err = s.write(ctx, w)
	if err = errors.Join(err, w.Close()); err != nil {
		return done, fmt.Errorf("salvage into %q: %w", to, errors.Join(err, removeStore(to)))
	}
	return s.done, nil
}

// removeStore removes a store that nothing has open, with its log, shared memory and lock.
func removeStore(path string) (err error) {
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if e := os.Remove(path + suffix); !isMissing(e) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// salvage is the state of Salvage, which first locates all rows and then writes block by block.
type salvage struct {
	file   *sqlitefile.File
	report func(string)
	rows   []blockRow
	parts  []partPlace
	names  map[int64]string
	open   []*block.Tuple // flows that are not in a block

	pieces     map[int64][]byte
	superseded map[int64][][]byte // by piece, the bitmaps that may be its superseded rows
	nodes      map[string][]netip.Prefix
	groups     map[string][]string
	sums       map[string]int64 // of the tables of declarations, by name
	ids        map[int64]int64  // ids of names in the new store
	seen       map[int64]*idSet // ids of the flows that were written
	latest     map[int64]int64  // the latest packet of each node in the new store
	unmatched  []*block.Header  // blocks whose parts have other numbers, or are lost
	unread     []*blockRow      // rows of blocks whose checksum is wrong
	done       Salvaged
}

// partPlace locates a part of a block.
type partPlace struct {
	id int64
	at sqlitefile.Place
}

func newSalvage(f *sqlitefile.File, report func(string)) *salvage {
	return &salvage{file: f, report: report, names: map[int64]string{0: ""}, nodes: map[string][]netip.Prefix{}, groups: map[string][]string{}, sums: map[string]int64{},
		pieces: map[int64][]byte{}, superseded: map[int64][][]byte{}, ids: map[int64]int64{}, seen: map[int64]*idSet{}, latest: map[int64]int64{}}
}

// take recognises the rows of a store by their shape. Blocks and parts have checksums, which are
// checked when they are read.
func (s *salvage) take(row sqlitefile.Row) error {
	v := row.Values
	if row.Indexed {
		s.takeDeclaration(v)
		return nil
	}
	switch {
	case shaped(v, "0b"):
		data, _ := v[1].([]byte)
		if _, err := block.ReadPiece(row.ID, data); err == nil {
			s.pieces[row.ID] = slices.Clone(data)
			break
		}
		if len(data) <= block.MaxSuperseded {
			s.superseded[row.ID] = append(s.superseded[row.ID], slices.Clone(data))
		}
		if len(data) >= 4 && row.ID >= 0 && row.ID < math.MaxInt64 {
			s.parts = append(s.parts, partPlace{row.ID, row.Place})
		}
	case shaped(v, "0iiiiiib"), shaped(v, "0iiiiiibi"):
		s.rows = append(s.rows, salvagedBlockRow(row))
	case shaped(v, "0t"), shaped(v, "0ti"):
		name, _ := v[1].(string)
		if sum, ok := v[len(v)-1].(int64); ok && sum != nameSum(row.ID, name) {
			break
		}
		if _, known := s.names[row.ID]; !known {
			s.names[row.ID] = name
		}
	case shaped(v, "t"):
		name, _ := v[0].(string)
		if _, known := s.nodes[name]; !known {
			s.nodes[name] = nil
		}
	default:
		s.open = append(s.open, openFlows(row)...)
	}
	return nil
}

// takeDeclaration takes a row of node_prefixes, node_groups or sums, which are stored as indexes.
func (s *salvage) takeDeclaration(v []any) {
	if shaped(v, "tii") {
		name, _ := v[0].(string)
		s.sums[name], _ = v[2].(int64)
	}
	if !shaped(v, "tt") {
		return
	}
	name, _ := v[0].(string)
	member, _ := v[1].(string)
	if prefix, err := netip.ParsePrefix(member); err == nil {
		s.nodes[name] = append(s.nodes[name], prefix)
	} else {
		s.groups[name] = append(s.groups[name], member)
	}
}

// shaped reports whether values have these types: 0 NULL, i integer, b blob, t text.
func shaped(values []any, types string) bool {
	if len(values) != len(types) {
		return false
	}
	for i, v := range values {
		ok := false
		switch types[i] {
		case '0':
			ok = v == nil
		case 'i':
			_, ok = v.(int64)
		case 'b':
			_, ok = v.([]byte)
		case 't':
			_, ok = v.(string)
		}
		if !ok {
			return false
		}
	}
	return true
}

// salvagedBlockRow is a row of blocks in the order of its columns in the file. The last, format, is
// missing from rows of schema 2, where it is 0.
func salvagedBlockRow(row sqlitefile.Row) (r blockRow) {
	v := row.Values
	for i, n := range []*int64{&r.stored, &r.rows, &r.startMin, &r.startMax, &r.idMin, &r.idMax} {
		*n, _ = v[1+i].(int64)
	}
	r.id = row.ID
	header, _ := v[7].([]byte)
	r.header = slices.Clone(header)
	if len(v) > 8 {
		r.format, _ = v[8].(int64)
	}
	return r
}

// readPieces adds the flows of pieces to open, each in its latest state.
func (s *salvage) readPieces() {
	rows := block.NewPieceRows(block.MaxPieceRows)
	known := map[int64]bool{}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(s.pieces))) {
		p, err := block.ReadPiece(id, s.pieces[id])
		if err != nil || p.HasUnknownColumns() {
			continue
		}
		superseded, _ := p.Superseded(nil)
		for _, data := range s.superseded[id] {
			if found, err := p.Superseded(data); err == nil {
				superseded = found
			}
		}
		rows.Clear()
		if rows.Add(&p, p.Session, superseded) != nil {
			continue
		}
		for _, t := range rows.Tuples {
			if id := t.Nums[block.ColID]; !known[id] {
				known[id] = true
				s.open = append(s.open, cloneOf(t))
			}
		}
	}
}

// openFlows returns the flow of a row of the table hot of earlier schemas, whose columns are id, start_ns,
// node_id and record. The row has no checksum, so the record counts only if it agrees with the other
// columns.
func openFlows(row sqlitefile.Row) []*block.Tuple {
	if !shaped(row.Values, "0iib") {
		return nil
	}
	start, _ := row.Values[1].(int64)
	nodeID, _ := row.Values[2].(int64)
	record, _ := row.Values[3].([]byte)
	t := new(block.Tuple)
	if row.ID <= 0 || t.ParseRecord(row.ID, start, record) != nil || t.Nums[block.ColNode] != nodeID || t.HasUnknownColumns() {
		return nil
	}
	return []*block.Tuple{t}
}
