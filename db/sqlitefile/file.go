package sqlitefile

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// defaultPageSize is SQLite's default, for files whose header is damaged.
const defaultPageSize = 4096

// File is a SQLite file and its write-ahead log, open for reading. Its methods may not be called
// concurrently.
type File struct {
	main, log *os.File // log is nil if there is none
	pageSize  int
	pages     uint32           // in the file and its log
	frames    map[uint32]int64 // where the log has a newer version of a page
	later     map[uint32]int64 // the same, including frames that SQLite can't see
	free      map[uint32]bool  // pages of the free list; nil: it is damaged

	Problems []string // problems of the file as a whole
}

// Open opens the file at path, and its log path-wal if withLog is set and there is one. It doesn't change
// them. No process may write to them while the File is open.
func Open(path string, withLog bool) (f *File, err error) {
	f = &File{frames: map[uint32]int64{}, later: map[uint32]int64{}}
	if f.main, err = openRegular(path); err != nil {
		return nil, err
	}
	info, err := f.main.Stat()
	if err == nil {
		err = f.readHeader(info.Size())
	}
	if err == nil && withLog {
		err = f.readLog(path + "-wal")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	f.readFreeList()
	return f, nil
}

func openRegular(path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q: not a regular file", path)
	}
	return os.Open(path)
}

// Close closes the files.
func (f *File) Close() error {
	err := f.main.Close()
	if f.log != nil {
		err = errors.Join(err, f.log.Close())
	}
	return err
}

func (f *File) problem(format string, a ...any) {
	f.Problems = append(f.Problems, fmt.Sprintf(format, a...))
}

func (f *File) readHeader(size int64) error {
	head := make([]byte, 100)
	if n, err := f.main.ReadAt(head, 0); n < len(head) && !errors.Is(err, io.EOF) {
		return err
	}
	if string(head[:16]) != "SQLite format 3\x00" {
		f.problem("the file has no SQLite header")
	}
	f.pageSize = int(binary.BigEndian.Uint16(head[16:]))
	if f.pageSize == 1 {
		f.pageSize = 1 << 16
	}
	if !validPageSize(f.pageSize) {
		f.problem("invalid page size %d: %d is assumed", f.pageSize, defaultPageSize)
		f.pageSize = defaultPageSize
	}
	f.pages = uint32(size / int64(f.pageSize))
	if says := binary.BigEndian.Uint32(head[28:]); says > f.pages {
		f.problem("it has %d pages, but its header says %d", f.pages, says)
	}
	return nil
}

func (f *File) readLog(path string) error {
	l, err := ReadLog(path)
	if errors.Is(err, ErrLog) {
		f.problem("%q is %v: it is not used", path, err)
		return nil
	}
	if l == nil || err != nil {
		return err
	}
	if l.PageSize != f.pageSize {
		f.problem("%q has pages of another size: it is not used", path)
		return nil
	}
	if f.log, err = os.Open(path); err != nil {
		return err
	}
	for _, frame := range l.Frames {
		f.frames[frame.Page] = frame.offset
		f.pages = max(f.pages, frame.Page)
	}
	if l.LostCommits == 0 {
		return nil
	}
	f.problem("%d transactions in %q follow a damaged one: what can be read of them is used", l.LostCommits, path)
	for _, frame := range l.Lost {
		f.later[frame.Page] = frame.offset
	}
	return nil
}

// page reads a page; if later is set, its version with frames that SQLite can't see.
func (f *File) page(number uint32, later bool) ([]byte, error) {
	data := make([]byte, f.pageSize)
	from, at := io.ReaderAt(f.main), int64(number-1)*int64(f.pageSize)
	if offset, ok := f.frames[number]; ok {
		from, at = f.log, offset
	}
	if offset, ok := f.later[number]; ok && later {
		from, at = f.log, offset
	}
	if number == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	_, err := from.ReadAt(data, at)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return data, err
}

// readFreeList reads which pages are free: they hold rows that were deleted.
func (f *File) readFreeList() {
	free := map[uint32]bool{}
	first, err := f.page(1, false)
	if err != nil {
		return
	}
	count := binary.BigEndian.Uint32(first[36:])
	for trunk := binary.BigEndian.Uint32(first[32:]); trunk != 0; {
		page, err := f.page(trunk, false)
		if err != nil || free[trunk] || trunk > f.pages {
			f.badFreeList()
			return
		}
		free[trunk] = true
		n := binary.BigEndian.Uint32(page[4:])
		if n > uint32(f.pageSize/4-2) {
			f.badFreeList()
			return
		}
		for i := range n {
			free[binary.BigEndian.Uint32(page[8+4*i:])] = true
		}
		trunk = binary.BigEndian.Uint32(page)
	}
	if uint32(len(free)) != count {
		f.badFreeList()
		return
	}
	f.free = free
}

func (f *File) badFreeList() {
	f.problem("the list of free pages is damaged: removed flows may reappear")
}

// Place is where a row is: it can be read again with [File.Row].
type Place struct {
	page  uint32
	cell  uint16
	later bool
}

// Row is a row of a table, or of one without row ids.
type Row struct {
	Place
	Indexed bool  // of an index, or of a table without row ids
	ID      int64 // row id; valid iff not Indexed
	Values  []any // by column: nil, int64, float64, string or []byte
}

// Rows calls fn with every row of the leaf pages, except free pages. Rows that can't be read are skipped.
// It stops at an error of fn or of the disk.
func (f *File) Rows(ctx context.Context, fn func(Row) error) error {
	for number := uint32(1); number <= f.pages; number++ {
		if f.free[number] {
			continue
		}
		if err := f.rowsOf(ctx, number, false, fn); err != nil {
			return err
		}
	}
	for number := range f.later {
		if err := f.rowsOf(ctx, number, true, fn); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) rowsOf(ctx context.Context, number uint32, later bool, fn func(Row) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	page, err := f.page(number, later)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	if err != nil {
		return err
	}
	for cell := range cellCount(page, number) {
		row, ok := f.row(page, Place{number, uint16(cell), later})
		if !ok {
			continue
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return nil
}

// Row reads a row again.
func (f *File) Row(at Place) (Row, error) {
	page, err := f.page(at.page, at.later)
	if err != nil {
		return Row{}, err
	}
	row, ok := f.row(page, at)
	if !ok {
		return Row{}, io.ErrUnexpectedEOF
	}
	return row, nil
}
