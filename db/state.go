package db

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"weir/db/block"
)

// state is the table of that name: numbers that change with every commit.
type state struct {
	commits   int64 // transactions that wrote flows
	lastID    int64 // the highest id of any flow, removed ones included
	nextBlock int64
	removals  int64 // transactions that removed blocks
	merges    int64 // of these, those that stored the flows in other blocks
	session   int64 // how often the store was opened for writing
	inPieces  int64 // flows in pieces
	names     int64 // rows of the table names
}

func (s *state) numbers() []*int64 {
	return []*int64{&s.commits, &s.lastID, &s.nextBlock, &s.removals, &s.merges, &s.session, &s.inPieces, &s.names}
}

// sum returns the checksum of the row.
func (s *state) sum() int64 {
	var values []driver.Value
	for _, n := range s.numbers() {
		values = append(values, *n)
	}
	return valuesSum(values...)
}

// errEssential is the damage of a table without which neither a search nor a check can read anything.
var errEssential = fmt.Errorf("%w, and no flow can be read without it: weir db salvage copies what can be read into a new store", block.ErrDamaged)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (c connection) state() (s state, err error) {
	sum := int64(-1)
	err = c.ints("SELECT commits, last_id, next_block, removals, merges, session, in_pieces, names, sum FROM state", nil, append(s.numbers(), &sum)...)
	if err == nil && sum != s.sum() {
		err = fmt.Errorf("the table state: %w", errEssential)
	}
	return s, err
}

// changeState stores the numbers of the file as fn changes them.
func (c connection) changeState(fn func(*state)) error {
	s, err := c.state()
	if err != nil {
		return err
	}
	fn(&s)
	return c.saveState(s)
}

func (c connection) saveState(s state) error {
	args := make([]any, 0, 9)
	for _, n := range s.numbers() {
		args = append(args, *n)
	}
	err := c.exec("UPDATE state SET commits = ?, last_id = ?, next_block = ?, removals = ?, merges = ?, session = ?, in_pieces = ?, names = ?, sum = ?", append(args, s.sum())...)
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// addSums adds the checksums of schema 6 to the tables names and state.
func (c connection) addSums() error {
	names := map[int64]string{}
	err := c.each("SELECT id, name FROM names", nil, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		names[id], _ = row[1].(string)
		return nil
	})
	for id, name := range names {
		if err == nil {
			err = c.exec("UPDATE names SET sum = ? WHERE id = ?", nameSum(id, name), id)
		}
	}
	if err != nil {
		return err
	}
	s := state{names: int64(len(names))}
	if err := c.ints("SELECT commits, last_id, next_block, removals, merges FROM state", nil, s.numbers()[:5]...); err != nil {
		return err
	}
	return c.saveState(s)
}

// nameSum returns the checksum of a row of the table names.
func nameSum(id int64, name string) int64 {
	return int64(crc32.Checksum(append(binary.LittleEndian.AppendUint64(nil, uint64(id)), name...), castagnoli))
}
