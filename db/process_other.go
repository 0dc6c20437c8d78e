//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package db

// processLives reports whether a process lives. Nothing writes stores on this system (ErrNoLock).
func processLives(int) bool { return false }
