package capture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// fileReader reads the frames of one file format.
type fileReader interface {
	// next fills f. It returns io.EOF at the end, errShort if the input ends
	// inside a record, and otherwise an error that describes a damaged record.
	next(f *Frame) error

	// more fills fs with the frames that are complete in the window. It stops at
	// any unusual record and leaves that to next.
	more(fs []Frame) (n int)

	// drops returns the number of frames that the file, as far as it was read, says
	// were lost when it was captured.
	drops() uint64
}

// fileSource is a capture file.
type fileSource struct {
	path   string
	input  io.ReadCloser // of the file
	unpack io.ReadCloser // of the uncompressed octets; nil: the file is not compressed
	once   bool          // it can't be opened again
	win    *window
	reader fileReader
	table  *interfaces
	cooked map[cookedInterface]uint16 // index in table
	err    error                      // why it ended

	frames, octets uint64 // owned by the reading goroutine
	empty          uint64 // frames without any captured octet
	published      struct{ frames, octets, drops atomic.Uint64 }
	closed         atomic.Bool
}

// OpenFile opens the capture file at path: pcap or pcapng, of either byte
// order, or snoop, uncompressed or compressed with gzip, zstd, lz4 or xz. The first octets
// determine the format; the name does not matter. path may be a named pipe, or Stdin.
//
// Next returns a *TruncatedError if the file ends inside a frame, and a descriptive
// error if it is damaged; the frames before are valid. Stats may lag by a few frames
// until the file has ended.
func OpenFile(path string) (Source, error) { return openFile(path) }

func openFile(path string) (*fileSource, error) {
	if isStdin(path) {
		return newFileSource(stdinName, io.NopCloser(os.Stdin), new(interfaces), true)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		err = openError(path, err)
	case info.IsDir():
		err = fmt.Errorf("open capture file %q: it is a directory: name the files in it", path)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return newFileSource(path, file, new(interfaces), !info.Mode().IsRegular())
}

// newFileSource reads a capture from file, which the source closes, also if it fails. table has the
// interfaces known so far. prompt says that the writer may pause, and frames must not wait for it.
func newFileSource(path string, file io.ReadCloser, table *interfaces, prompt bool) (*fileSource, error) {
	s := &fileSource{path: path, input: file, table: table, once: prompt}
	if err := s.start(prompt); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// start prepares to read the first frame.
func (s *fileSource) start(prompt bool) error {
	buffered := bufio.NewReaderSize(s.input, fileBufferBytes)
	src := io.Reader(buffered)
	ahead := 0
	head, _ := buffered.Peek(4)
	if c := compressionOf(head); c != nil {
		if ahead = readAheadBytes; prompt {
			ahead = 1
		}
		unpack, err := c.open(buffered, prompt)
		if err != nil {
			return s.readError(err)
		}
		s.unpack, src = unpack, unpack
	}
	s.win = newWindow(src, ahead)
	return s.recognize()
}

// IsCapture reports whether path is a regular file that starts like a capture file
// or a compressed file. It returns false for a file that can't be read.
func IsCapture(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(file, head); err != nil {
		return false
	}
	_, _, classic := isPcap(head)
	return classic || (order{}).u32(head) == blockSection || string(head) == snoopMagic[:4] || compressionOf(head) != nil
}

// recognize selects the reader by the first octets, and reads the file header.
func (s *fileSource) recognize() error {
	head := s.win.peek(4)
	if head == nil {
		if err := s.win.err; !isEOF(err) {
			return s.readError(err)
		}
		if head = s.win.rest(); len(head) == 0 && s.unpack != nil && !errors.Is(s.win.err, io.EOF) {
			return &TruncatedError{Path: s.path}
		} else if len(head) == 0 {
			return fmt.Errorf("not a capture file: %q is empty", s.path)
		}
		return s.notCaptureError(head)
	}

	var err error
	byteOrder, magic, classic := isPcap(head)
	switch {
	case classic:
		s.reader, err = newPcapReader(s.win, byteOrder, magic)
	case (order{}).u32(head) == blockSection:
		s.reader, err = newNgReader(s.win, s.table)
	case string(head) == snoopMagic[:4]:
		s.reader, err = newSnoopReader(s.win)
	default:
		return s.notCaptureError(s.win.rest())
	}
	if _, ng := s.reader.(*ngReader); err == nil && !ng {
		_, err = s.table.indexOf(interfaceID{}) // the only one
	}
	switch {
	case errors.Is(err, errShort) && isEOF(s.win.err):
		return &TruncatedError{Path: s.path}
	case errors.Is(err, errShort):
		return s.readError(s.win.err)
	case err != nil:
		return fmt.Errorf("capture file %q has a bad header: %w", s.path, err)
	}
	return nil
}

// notCaptureError returns the error for a file that starts with head.
func (s *fileSource) notCaptureError(head []byte) error {
	for _, p := range unsupportedCompressions {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return fmt.Errorf("capture file %q is compressed with %s: decompress it first (%s), or use gzip, zstd, lz4 or xz", s.path, p.name, p.tool)
		}
	}
	return fmt.Errorf("not a capture file: %q: expected pcap, pcapng or snoop", s.path) // its content may be a secret
}

func (s *fileSource) Next(f *Frame) error {
	if s.closed.Load() {
		return errClosed(s.path)
	}
	if s.err != nil {
		return s.err
	}
	if s.empty >= maxEmpty && s.empty == s.frames {
		return s.fail(io.EOF)
	}
	if err := s.reader.next(f); err != nil {
		return s.fail(err)
	}
	if f.Link == linkSLL2 {
		s.setCooked(f)
	}
	s.frames++
	s.octets += uint64(f.WireLen)
	if len(f.Data) == 0 {
		s.empty++
	}
	if s.frames%publishEvery == 0 {
		s.publish()
	}
	return nil
}

func (s *fileSource) More(fs []Frame) int {
	n := s.more(fs)
	s.count(fs[:n])
	return n
}

// more is More without counting.
func (s *fileSource) more(fs []Frame) int {
	if s.closed.Load() || s.err != nil {
		return 0
	}
	n := s.reader.more(fs)
	for i := range fs[:n] {
		if f := &fs[i]; f.Link == linkSLL2 {
			s.setCooked(f)
		}
	}
	return n
}

// count counts frames that are returned to the caller.
func (s *fileSource) count(fs []Frame) {
	if len(fs) == 0 {
		return
	}
	for i := range fs {
		s.octets += uint64(fs[i].WireLen)
		if len(fs[i].Data) == 0 {
			s.empty++
		}
	}
	s.frames += uint64(len(fs))
	s.publish()
}

// fail ends the source and returns the reason, err with its context.
func (s *fileSource) fail(err error) error {
	s.publish()
	switch {
	case s.closed.Load():
		err = errClosed(s.path)
	case errors.Is(err, io.EOF) && s.frames > 0 && s.empty == s.frames: // zeroes, which compress a thousandfold
		err = fmt.Errorf("capture file %q has %d empty records, no packet", s.path, s.empty)
	case errors.Is(err, io.EOF):
	case errors.Is(err, errShort) && isEOF(s.win.err):
		err = &PartialError{&TruncatedError{Path: s.path, Frame: s.frames + 1, Offset: s.win.mark}}
	case errors.Is(err, errShort):
		err = &PartialError{s.readError(s.win.err)}
	default:
		err = &PartialError{fmt.Errorf("capture file %q is damaged after frame %d, at byte %d: %w", s.path, s.frames, s.win.mark, err)}
	}
	s.err = err
	return err
}

// readError explains an error of the disk or of decompression.
func (s *fileSource) readError(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		err = pe.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &TruncatedError{Path: s.path}
	}
	return fmt.Errorf("read capture file %q after frame %d: %w", s.path, s.frames, err)
}

// isEOF reports whether err is the end of a file, even in the middle of a compressed
// stream.
func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func (s *fileSource) publish() {
	s.published.frames.Store(s.frames)
	s.published.octets.Store(s.octets)
	s.published.drops.Store(s.reader.drops())
}

func (s *fileSource) Live() bool   { return false }
func (s *fileSource) Name() string { return s.path }

func (s *fileSource) InterfaceName(i uint16) string { return s.table.id(i).label() }

func (s *fileSource) Stats() Stats {
	return Stats{Frames: s.published.frames.Load(), Octets: s.published.octets.Load(), KernelDrops: s.published.drops.Load()}
}

func (s *fileSource) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	if s.win != nil {
		s.win.close()
	}
	if s.unpack != nil {
		s.unpack.Close()
	}
	return s.input.Close() // unblocks a read from a pipe
}
