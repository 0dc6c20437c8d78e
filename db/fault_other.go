//go:build !linux

package db

import "os"

// noInodes is false: what is full can't be told from what has no inodes.
func noInodes(string) bool { return false }

// nearlyFull is false: it is not known.
func nearlyFull(string) bool { return false }

// lockAsSQLite locks nothing: whether a file system has locks is not known.
func lockAsSQLite(*os.File) error { return nil }

// readFault finds nothing: a store that can't be read can't be told from a damaged one.
func readFault(string) error { return nil }
