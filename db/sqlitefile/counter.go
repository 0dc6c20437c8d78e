package sqlitefile

import (
	"encoding/binary"
	"errors"
)

// Counter holds the values of the first column of a one-row table, in a file and in its log. If the column
// only grows, they show whether file and log belong together.
type Counter struct {
	Known    bool  // the table was found in both; otherwise the other fields are 0
	InFile   int64 // the value in the file itself
	Earliest int64 // the first value in the log
	Latest   int64 // the last one
}

// ReadCounter reads the values that the first column of a table has in the file at path and in its
// log l.
func ReadCounter(path, table string, l *Log) (c Counter, err error) {
	f := &File{frames: map[uint32]int64{}}
	if f.main, err = openRegular(path); err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.main.Stat()
	if err != nil {
		return c, err
	}
	if err := f.readHeader(info.Size()); err != nil || len(f.Problems) > 0 || l.PageSize != f.pageSize {
		return c, err
	}
	root := f.rootOf(table)
	if root == 0 {
		return c, nil
	}
	inFile, ok := f.firstValue(root)
	if f.log, err = openRegular(path + "-wal"); err != nil || !ok {
		return Counter{}, err
	}
	found := false
	for _, frame := range l.Frames {
		f.frames[frame.Page] = frame.offset
		if frame.Page != root {
			continue
		}
		v, ok := f.firstValue(root)
		if !ok {
			return Counter{}, nil
		}
		if !found {
			c.Earliest = v
		}
		c.Latest, found = v, true
	}
	if !found || f.rootOf(table) != root { // VACUUM moved it
		return Counter{}, nil
	}
	c.Known, c.InFile = true, inFile
	return c, nil
}

// firstValue returns the first column of the only row of the table at a root page.
func (f *File) firstValue(root uint32) (int64, bool) {
	page, err := f.page(root, false)
	if err != nil || page[pageHead(root)] != tableLeaf || cellCount(page, root) != 1 {
		return 0, false
	}
	row, ok := f.row(page, Place{page: root})
	if !ok || len(row.Values) == 0 {
		return 0, false
	}
	v, ok := row.Values[0].(int64)
	return v, ok
}

// rootOf returns the root page of a table, or 0 if it is not found.
func (f *File) rootOf(table string) (root uint32) {
	leaves := []uint32{1}
	first, err := f.page(1, false)
	if err != nil {
		return 0
	}
	const innerTable, header = 5, 12
	if first[100] == innerTable {
		leaves = []uint32{binary.BigEndian.Uint32(first[108:])}
		for i := range min(int(binary.BigEndian.Uint16(first[103:])), (len(first)-100-header)/2) {
			cell := int(binary.BigEndian.Uint16(first[100+header+2*i:]))
			if cell+4 <= len(first) {
				leaves = append(leaves, binary.BigEndian.Uint32(first[cell:]))
			}
		}
	}
	for _, leaf := range leaves {
		page, err := f.page(leaf, false)
		if err != nil {
			continue
		}
		for cell := range cellCount(page, leaf) {
			row, ok := f.row(page, Place{page: leaf, cell: uint16(cell)})
			if !ok || len(row.Values) != 5 || row.Values[0] != "table" || row.Values[1] != table {
				continue
			}
			if number, ok := row.Values[3].(int64); ok && number > 0 && number <= int64(f.pages) {
				return uint32(number)
			}
		}
	}
	return 0
}
