package sqlitefile

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Sizes in a write-ahead log, in bytes.
const (
	logHeader   = 32
	frameHeader = 24
)

// Log is the content of a write-ahead log.
type Log struct {
	PageSize int
	Salts    [8]byte // of its header; each frame repeats them
	Frames   []Frame // the committed frames that SQLite reads, in order
	Commits  int     // number of transactions in Frames

	// Lost are the frames of this log after the first bad one, where SQLite stops. In an intact log
	// these are only the frames of a transaction that was not committed.
	Lost        []Frame
	LostCommits int // number of commits among them, the bad frame included
}

// Frame is a page in a log.
type Frame struct {
	Page   uint32 // number of the page
	Commit uint32 // pages of the file after the transaction that this frame ends; 0: it ends none
	offset int64  // of the page in the log
}

// ErrLog means that a file is not a write-ahead log, or its header is damaged.
var ErrLog = errors.New("not a write-ahead log, or its header is damaged")

// ReadLog reads the log at path; nil if there is none or it has no frame. It reads the log as SQLite's
// recovery does, up to the first bad frame, and only the headers of the frames after it.
func ReadLog(path string) (*Log, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // documented
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() <= logHeader || !info.Mode().IsRegular() {
		return nil, err
	}
	return readLog(f, info.Size())
}

func readLog(f io.ReaderAt, size int64) (*Log, error) {
	head := make([]byte, logHeader)
	if _, err := f.ReadAt(head, 0); err != nil {
		if errors.Is(err, io.EOF) {
			err = ErrLog
		}
		return nil, err
	}
	magic := binary.BigEndian.Uint32(head)
	order := binary.ByteOrder(binary.LittleEndian)
	if magic&1 == 1 {
		order = binary.BigEndian
	}
	l := &Log{PageSize: int(binary.BigEndian.Uint32(head[8:])), Salts: [8]byte(head[16:24])}
	sum := checksum{order: order}
	sum.add(head[:24])
	if magic&^1 != 0x377f0682 || !sum.equals(head[24:]) || !validPageSize(l.PageSize) {
		return nil, ErrLog
	}
	frame := make([]byte, frameHeader+l.PageSize)
	var open []Frame // of a transaction whose commit frame has not been read yet
	at := int64(logHeader)
	for ; at+int64(len(frame)) <= size; at += int64(len(frame)) {
		if _, err := f.ReadAt(frame, at); err != nil {
			return nil, err
		}
		sum.add(frame[:8])
		sum.add(frame[frameHeader:])
		if [8]byte(frame[8:16]) != l.Salts || binary.BigEndian.Uint32(frame) == 0 || !sum.equals(frame[16:24]) {
			break
		}
		open = append(open, frameOf(frame, at))
		if open[len(open)-1].Commit != 0 {
			l.Frames, open = append(l.Frames, open...), nil
			l.Commits++
		}
	}
	l.Lost = open // no commit follows unless there is a bad frame between
	for ; at+int64(len(frame)) <= size; at += int64(len(frame)) {
		if _, err := f.ReadAt(frame[:frameHeader], at); err != nil {
			return nil, err
		}
		if [8]byte(frame[8:16]) != l.Salts || binary.BigEndian.Uint32(frame) == 0 {
			continue
		}
		lost := frameOf(frame, at)
		l.Lost = append(l.Lost, lost)
		if lost.Commit != 0 {
			l.LostCommits++
		}
	}
	return l, nil
}

func frameOf(head []byte, at int64) Frame {
	return Frame{Page: binary.BigEndian.Uint32(head), Commit: binary.BigEndian.Uint32(head[4:]), offset: at + frameHeader}
}

// checksum computes the checksum of logs: section 4.2 of the format.
type checksum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (c *checksum) add(data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		c.s0 += c.order.Uint32(data) + c.s1
		c.s1 += c.order.Uint32(data[4:]) + c.s0
	}
}

func (c *checksum) equals(stored []byte) bool {
	return binary.BigEndian.Uint32(stored) == c.s0 && binary.BigEndian.Uint32(stored[4:]) == c.s1
}

func validPageSize(n int) bool { return n >= 512 && n <= 1<<16 && n&(n-1) == 0 }
