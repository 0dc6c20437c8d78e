//go:build !linux

package db

// fileLock is empty: only Linux has open file description locks. On other systems only PATH.lock keeps a
// second writer out, and only under the same name.
type fileLock struct{}

func lockFile(string, bool) (*fileLock, error) { return nil, nil } //nolint:nilnil // nothing to hold

func checkName(string) error { return nil }

func (*fileLock) isAt(string) (bool, error) { return true, nil }

func (*fileLock) release() error { return nil }
