package saved

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// maxFile is the maximum file size in bytes: about a hundred searches of 64 KiB,
// the maximum that the grammar accepts.
const maxFile = 8 << 20

// readLines returns the lines of a file; nil if the file does not exist.
func readLines(path string) ([][]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", path)
	case err == nil && info.Size() > maxFile:
		return nil, fmt.Errorf("%s has %d bytes: expected at most %d; remove or rename the file", path, info.Size(), maxFile)
	case err != nil:
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")), nil
}
