// Package disktest has directories for tests: their names, and file systems of a
// limited size.
package disktest

import (
	"os"
	"testing"
)

// Names returns the names in a directory in order; nil if it is empty.
func Names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
