package csvexport

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// File is an export in the making: a temporary file beside its destination,
// readable by its owner only. Commit gives it its name, Abort removes it; one
// of the two must be called, and a deferred Abort after Commit does nothing.
type File struct {
	path string
	tmp  *os.File // nil after Commit or Abort
	link func(oldname, newname string) error
}

// Create starts an export to path. It fails if something is there already.
func Create(path string) (*File, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, existsError(path)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".weir-export-*.tmp") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("create export %q: %w", path, err)
	}
	return &File{path: path, tmp: tmp, link: os.Link}, nil
}

func existsError(path string) error {
	return fmt.Errorf("create export %q: %w; choose another name, an export never replaces a file", path, fs.ErrExist)
}

// Path returns where the export will be.
func (f *File) Path() string { return f.path }

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) {
	if f.tmp == nil {
		return 0, fmt.Errorf("write export %q: %w", f.path, fs.ErrClosed)
	}
	return f.tmp.Write(p)
}

// Commit makes the export appear under its name, complete and on disk. If
// something else took the name meanwhile, that is left as it is, the export is
// removed and the error wraps fs.ErrExist.
func (f *File) Commit() error {
	if f.tmp == nil {
		return fmt.Errorf("commit export %q: %w", f.path, fs.ErrClosed)
	}
	defer f.Abort()
	if err := f.tmp.Sync(); err != nil {
		return fmt.Errorf("commit export %q: %w", f.path, err)
	}
	if err := f.publish(); err != nil {
		return err
	}
	syncDir(filepath.Dir(f.path))
	return nil
}

// publish gives the temporary file its name. A link never replaces a file.
// Where the file system has no links (FAT, some network shares), the name is
// claimed by an empty file, which the rename then replaces.
func (f *File) publish() error {
	name := f.tmp.Name()
	err := f.link(name, f.path)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return existsError(f.path)
	}
	claim, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return existsError(f.path)
	case err != nil:
		return fmt.Errorf("commit export %q: %w", f.path, err)
	}
	err = errors.Join(claim.Close(), f.tmp.Close())
	if err == nil {
		err = os.Rename(name, f.path)
	}
	if err != nil {
		return fmt.Errorf("commit export %q: %w", f.path, errors.Join(err, os.Remove(f.path)))
	}
	return nil
}

// syncDir makes the new name survive a power cut. Not every file system can do
// that for a directory, and the data itself is safe, so it is no error.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
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
	_ = os.Remove(f.tmp.Name()) // gone already if it was renamed
	f.tmp = nil
}

// FileName returns a name for an export made at t, in t's time zone, of these
// nodes (none: all): "weir-20261123-141207-edge-1.csv". It consists of ASCII
// letters, digits, '-', '_' and '.', and is no longer than 160 bytes.
func FileName(t time.Time, nodes []string, ext string) string {
	parts := []string{"weir", t.Format("20060102-150405")}
	switch {
	case len(nodes) > maxNamed:
		parts = append(parts, strconv.Itoa(len(nodes))+"-nodes")
	default:
		for _, node := range nodes {
			if name := safeName(node); name != "" {
				parts = append(parts, name)
			}
		}
	}
	if ext = safeName(ext); ext == "" {
		ext = fallbackExt
	}
	return strings.Join(parts, "-") + "." + ext
}

// safeName keeps letters, digits, '_' and '.', puts one '-' for each run of
// other characters, and takes dashes and dots from both ends.
func safeName(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '.':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == maxNodeLen {
			break
		}
	}
	return strings.Trim(b.String(), "-.")
}

// FreeName returns path if nothing is there, else path with -2, -3, … before
// its extension, the first that is free. Someone else may take the name before
// it is used; Commit says so then.
func FreeName(path string) (string, error) {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(path, ext)
	for i, name := 2, path; i < maxFreeTry; i++ {
		_, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", fmt.Errorf("find a free name for export %q: %w", path, err)
		}
		name = stem + "-" + strconv.Itoa(i) + ext
	}
	return "", existsError(path)
}
