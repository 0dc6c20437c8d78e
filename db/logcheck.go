package db

import (
	"errors"
	"fmt"
	"os"

	"weir/db/sqlitefile"
)

// checkLog checks the write-ahead log that a dead writer left at path-wal, before SQLite reads it. warning
// says how many transactions SQLite will not see: it stops at the first damaged one, and the next
// transaction overwrites those after it. The error is errOtherLog if the log belongs to another state of
// the file; SQLite would damage the file with it.
//
// A log that is being written can briefly look damaged, so a problem must be found twice.
func checkLog(path string) (warning string, err error) {
	for range 2 {
		if warning, err = checkLogOnce(path); warning == "" && err == nil {
			return "", nil
		}
	}
	return warning, err
}

// errOtherLog means that the log does not belong to the file.
var errOtherLog = errors.New("its log belongs to another state of the file")

func checkLogOnce(path string) (warning string, err error) {
	l, err := sqlitefile.ReadLog(path + "-wal")
	if errors.Is(err, sqlitefile.ErrLog) {
		return fmt.Sprintf("the log %q is damaged from its beginning: its content is lost", path+"-wal"), nil
	}
	if l == nil || err != nil {
		return "", err
	}
	if l.Commits > 0 {
		c, err := sqlitefile.ReadCounter(path, "state", l)
		if err != nil {
			return "", err
		}
		if c.Known && (c.InFile < c.Earliest-1 || c.InFile > c.Latest) {
			return "", fmt.Errorf("%w: the file has %d transactions of flows, the log %d to %d: move %q away, or restore the file that belongs to it",
				errOtherLog, c.InFile, c.Earliest, c.Latest, path+"-wal")
		}
	}
	if l.LostCommits > 0 {
		what := "transactions"
		if l.LostCommits == 1 {
			what = "transaction"
		}
		return fmt.Sprintf("the log %q is damaged: %d %s from there on can't be read; until the store is written to, weir db salvage can copy what is left of them", path+"-wal", l.LostCommits, what), nil
	}
	return "", nil
}

// writerLives reports whether the lock of a store names a running process, which may be writing the log.
func writerLives(path string) bool {
	text, err := os.ReadFile(path + ".lock")
	if err != nil {
		return false
	}
	pid := holderOf(text)
	return pid > 0 && processLives(pid)
}
