package db

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// nameMark is the extended attribute of a store file that holds the name under which it is written, or
// was last. It matters while the log of that name is not empty. The locks of a writer that is killed are
// gone, but its log stays, with flows that the file does not have yet: read under another name the store
// lacks them, and written under another name it is destroyed as soon as SQLite applies the log. Where a
// file system has no such attributes, only the locks protect the file.
const nameMark = "user.weir.name"

// markName notes that the file is written under the name path.
func markName(f *os.File, path string) {
	_ = unix.Fsetxattr(int(f.Fd()), nameMark, []byte(path), 0) // without it all works but checkMark
}

// checkMark fails if the log of a name other than path has transactions that are not in the file f yet.
func checkMark(f *os.File, path string) error {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Fgetxattr(int(f.Fd()), nameMark, buf)
	if err != nil {
		return nil //nolint:nilerr // there is no mark
	}
	other := string(buf[:n])
	if placed, err := isAt(f, other); err != nil || !placed || !hasLog(other) {
		return nil //nolint:nilerr // a copy of the file, or it has got another name, or the log is gone
	}
	mine, err := nameByte(path)
	if err != nil {
		return err
	}
	if theirs, err := nameByte(other); err != nil || mine == theirs {
		return nil //nolint:nilerr // two paths to one folder
	}
	return fmt.Errorf("it was last written as %q, whose log has flows that are not in the file yet: use that name, or run weir db compact --db %q to finish what a killed writer left", other, other)
}
