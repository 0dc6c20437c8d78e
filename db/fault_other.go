//go:build !linux

package db

import "os"

// noInodes returns false: running out of inodes can't be told from a full disk.
func noInodes(string) bool { return false }

// nearlyFull returns false: the free space is not known.
func nearlyFull(string) bool { return false }

// lockAsSQLite locks nothing: whether a file system has locks is not known.
func lockAsSQLite(*os.File) error { return nil }

// readFault returns nil: an unreadable store can't be told from a damaged one.
func readFault(string) error { return nil }
