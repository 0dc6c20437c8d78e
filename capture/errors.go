package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// TruncatedError reports that a file ends inside a frame: its writer crashed, the
// disk was full, or it is still being written. All frames before were returned.
type TruncatedError struct {
	Path   string
	Frame  uint64 // number of the truncated frame, from 1; 0 if the file header is truncated
	Offset int64  // start of that frame in the uncompressed file, in octets
}

func (e *TruncatedError) Error() string {
	if e.Frame == 0 {
		return fmt.Sprintf("capture file %q ends inside its header", e.Path)
	}
	return fmt.Sprintf("capture file %q ends inside frame %d, which starts at byte %d: what is before it was read", e.Path, e.Frame, e.Offset)
}

// Unwrap makes a TruncatedError an io.ErrUnexpectedEOF.
func (e *TruncatedError) Unwrap() error { return io.ErrUnexpectedEOF }

// PartialError reports that a source could not be read to its end: a file is damaged, truncated or
// can't be read. All frames before were returned.
type PartialError struct{ err error }

func (e *PartialError) Error() string { return e.err.Error() }

// Unwrap returns the reason.
func (e *PartialError) Unwrap() error { return e.err }

// errClosed is the error of Next on a closed source. It wraps os.ErrClosed.
func errClosed(name string) error {
	return fmt.Errorf("read %q: %w", name, os.ErrClosed)
}

// openError explains why a file could not be opened.
func openError(path string, err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		err = pe.Err // the message has the path already
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("open capture file %q: %w: this user needs read permission", path, err)
	}
	return fmt.Errorf("open capture file %q: %w", path, err)
}
