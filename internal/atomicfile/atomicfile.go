// Package atomicfile writes files that appear under their name complete or not
// at all, also after a crash or a loss of power.
//
// [Create] and [Replace] start a [File]: a temporary file in the folder of its
// destination. Write fills it, Commit gives it its name, Abort removes it. They
// differ in what happens to a file that has the name already: Create leaves it
// alone and fails, Replace puts the new one in its place. [WriteFile] replaces
// a small file in one call.
//
// Files are readable and writable by their owner only (mode 0600). Whatever
// fails, neither a temporary file nor a part of the new one is left behind; a
// process that is killed leaves a temporary file, named .weir-*.tmp, and no
// more.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// pattern names temporary files. It does not contain the destination's name,
// which may be as long as the file system allows.
const pattern = ".weir-*.tmp"

// File is a file in the making. It is not safe for concurrent use. Commit or
// Abort must be called; a deferred Abort after Commit does nothing.
type File struct {
	target  string // what Commit names it
	replace bool
	tmp     *os.File // nil after Commit or Abort

	link   func(oldname, newname string) error // os.Link, except in tests
	rename func(oldname, newname string) error // os.Rename, except in tests
}

// Create starts a file that must not exist yet. If something has the name
// already, a symbolic link to nowhere included, the error wraps fs.ErrExist.
func Create(path string) (*File, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return start(path, false)
}

// Replace starts a file that replaces the regular file at path, if there is
// one. A symbolic link is followed and stays; a dangling link is replaced
// itself. Anything else at path is an error: a
// rename over /dev/null would leave a regular file there for every other
// program. A link that can't be followed is an error too, because the file
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

// WriteFile replaces the file at path by data, as [Replace] does. Folders that
// are missing are made, accessible to their owner only (mode 0700).
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

// Commit makes the file appear under its name, complete and on disk. If it
// fails, the file is removed and what had the name before is as it was. Where
// something took the name of a file of [Create] meanwhile, the error wraps
// fs.ErrExist. A second Commit returns fs.ErrClosed.
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
	syncFolder(filepath.Dir(f.target))
	return nil
}

// publish gives the temporary file its name. A rename replaces, a link does not.
func (f *File) publish(tmp string) error {
	if f.replace {
		return f.rename(tmp, f.target)
	}
	err := f.link(tmp, f.target)
	switch {
	case err == nil:
		_ = os.Remove(tmp) // best effort: it is a second name of a complete file
		return nil
	case errors.Is(err, fs.ErrExist):
		return err
	}
	return f.claim(tmp)
}

// claim is publish for file systems without links (FAT, some network shares):
// an empty file takes the name, if that is free, and the rename replaces it. A
// process that is killed between the two leaves the empty file.
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

// syncFolder makes the new name survive a loss of power. Not every file system
// can do that for a folder, and the content is safe, so failure is not an error.
func syncFolder(path string) {
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
	_ = os.Remove(f.tmp.Name()) // best effort: there is no result to report it with
	f.tmp = nil
}

// remove removes a temporary file, unless it is gone already.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
