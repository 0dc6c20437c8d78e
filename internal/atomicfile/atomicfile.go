// Package atomicfile writes files that appear complete or not at all, even after
// a crash or power loss.
//
// [Create] and [Replace] start a [File]: a temporary file in the directory of its
// destination. Write appends to it, Commit moves it to its final name, and Abort
// removes it. If the destination exists, Create fails and Replace replaces it.
// [WriteFile] replaces a small file in one call.
//
// Files are readable and writable by their owner only (mode 0600). An error
// leaves neither a temporary file nor a partial one behind; a killed process
// leaves at most a temporary file named .weir-*.tmp.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// pattern names temporary files. It does not include the name of the destination,
// which may already have the maximum length.
const pattern = ".weir-*.tmp"

// File is an uncommitted file. It is not safe for concurrent use. Commit or Abort
// must be called; a deferred Abort after Commit does nothing.
type File struct {
	target  string // final path
	replace bool
	tmp     *os.File // nil after Commit or Abort

	link   func(oldname, newname string) error // os.Link, except in tests
	rename func(oldname, newname string) error // os.Rename, except in tests
}

// Create starts a file that must not exist. If path exists, even as a dangling
// symbolic link, the error wraps fs.ErrExist.
func Create(path string) (*File, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return start(path, false)
}

// Replace starts a file that replaces the regular file at path, if there is
// one. A symbolic link is followed and stays; a dangling link is replaced
// itself. Anything else at path is an error: a rename over /dev/null would
// leave a regular file there for every other program. A link that can't be followed is an error too, because the file
// behind it may exist.
func Replace(path string) (*File, error) {
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return start(path, true)
	case err != nil:
		return nil, err
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "replace", Path: path, Err: errNotRegular}
	}
	return start(target, true)
}

// errNotRegular is the error for a directory, device, FIFO or socket that would be replaced.
var errNotRegular = errors.New("not a regular file")

func start(target string, replace bool) (*File, error) {
	tmp, err := os.CreateTemp(filepath.Dir(target), pattern) // mode 0600
	if err != nil {
		return nil, err
	}
	return &File{target: target, replace: replace, tmp: tmp, link: os.Link, rename: os.Rename}, nil
}

// WriteFile replaces the file at path by data like [Replace]. It creates missing
// directories, accessible to their owner only (mode 0700).
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := Replace(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}

// Write implements io.Writer. After Commit or Abort it returns fs.ErrClosed.
func (f *File) Write(p []byte) (int, error) {
	if f.tmp == nil {
		return 0, fs.ErrClosed
	}
	return f.tmp.Write(p)
}

// Commit syncs the file and moves it to its final name. On failure it removes the
// new file and leaves an existing one unchanged. If the name of a file from
// [Create] was taken in the meantime, the error wraps fs.ErrExist. A second
// Commit returns fs.ErrClosed.
func (f *File) Commit() error {
	if f.tmp == nil {
		return fs.ErrClosed
	}
	tmp := f.tmp
	f.tmp = nil
	err := errors.Join(tmp.Sync(), tmp.Close())
	if err == nil {
		err = f.publish(tmp.Name())
	}
	if err != nil {
		return errors.Join(err, remove(tmp.Name()))
	}
	syncDir(filepath.Dir(f.target))
	return nil
}

// publish moves the temporary file to its final name. Rename replaces an existing
// file; link fails.
func (f *File) publish(tmp string) error {
	if f.replace {
		return f.rename(tmp, f.target)
	}
	err := f.link(tmp, f.target)
	switch {
	case err == nil:
		_ = os.Remove(tmp) // best effort: a second link to a complete file is harmless
		return nil
	case errors.Is(err, fs.ErrExist):
		return err
	}
	return f.claim(tmp)
}

// claim is publish for file systems without hard links (FAT, some network
// shares): it creates an empty file exclusively and replaces it by rename. A
// process killed between the two leaves the empty file.
func (f *File) claim(tmp string) error {
	claim, err := os.OpenFile(f.target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = claim.Close()
	if err == nil {
		err = f.rename(tmp, f.target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.target))
	}
	return nil
}

// syncDir makes the new name survive a power loss. Not every file system supports
// fsync on a directory, and the content is already synced, so it ignores errors.
func syncDir(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// Abort removes the temporary file. After Commit or Abort it does nothing.
func (f *File) Abort() {
	if f.tmp == nil {
		return
	}
	_ = f.tmp.Close()
	_ = os.Remove(f.tmp.Name()) // best effort: Abort returns no error
	f.tmp = nil
}

// remove removes a temporary file if it still exists.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
