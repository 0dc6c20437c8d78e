package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// TruncatedError says that a file ends inside a frame, as it does after a full
// disk or a crash of who wrote it, or while it is still being written. All
// frames before were handed out.
type TruncatedError struct {
	Path   string
	Frame  uint64 // number of the frame that is cut, from 1; 0 in the file's header
	Offset int64  // where it starts, in octets, uncompressed
}

func (e *TruncatedError) Error() string {
	if e.Frame == 0 {
		return fmt.Sprintf("capture file %q ends inside its header", e.Path)
	}
	return fmt.Sprintf("capture file %q ends inside frame %d, which starts at byte %d: what is before it was read", e.Path, e.Frame, e.Offset)
}

// Unwrap makes a TruncatedError an io.ErrUnexpectedEOF.
func (e *TruncatedError) Unwrap() error { return io.ErrUnexpectedEOF }

// errClosed is what Next of a closed source returns. It is an os.ErrClosed.
func errClosed(name string) error {
	return fmt.Errorf("read %q: %w", name, os.ErrClosed)
}

// openError says in one sentence why a file could not be opened.
func openError(path string, err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		err = pe.Err // the path is in the sentence already
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("open capture file %q: %w: it has to be readable for this user", path, err)
	}
	return fmt.Errorf("open capture file %q: %w", path, err)
}
