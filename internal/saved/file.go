package saved

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// maxFile is the most that is read of a file: a hundred searches of the longest
// text that the grammar takes, 64 KiB.
const maxFile = 8 << 20

// readLines returns the lines of a file, none if there is no file.
func readLines(path string) ([][]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", path)
	case err == nil && info.Size() > maxFile:
		return nil, fmt.Errorf("%s has %d bytes, more than searches take: move it away", path, info.Size())
	case err != nil:
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")), nil
}
