package saved

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// replace writes a file anew: the old one or the new one is there at any time,
// also after a loss of power.
func replace(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil { // keep a link to a file that lives elsewhere
		path, dir = target, filepath.Dir(target)
	}
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
