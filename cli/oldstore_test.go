package cli

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnOldStoreNamesTheCommandThatBringsItUpToDate opens a store of the first schema, of 300 flows.
func TestAnOldStoreNamesTheCommandThatBringsItUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	if err := unzip("../db/testdata/schema1.db.gz", path); err != nil {
		t.Fatal(err)
	}
	const command = "weir db compact"
	if code, _, stderr := runWeir(t, "query", "--db", path, "--count"); code != 1 || !strings.Contains(stderr, command) {
		t.Errorf("query: exit %d, %q, want the command", code, stderr)
	}
	if code, _, stderr := runWeir(t, append(strings.Fields(command)[1:], "--db", path)...); code != 0 || !strings.Contains(stderr, "300 of 300 flows") {
		t.Errorf("%s: exit %d, %q, want how far it is", command, code, stderr)
	}
	if code, stdout, stderr := runWeir(t, "query", "--db", path, "--count"); code != 0 || stdout != "300\n" {
		t.Errorf("query: exit %d, %q, %q, want all flows", code, stdout, stderr)
	}
}

func unzip(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(z)
	return errors.Join(err, os.WriteFile(to, content, 0o600))
}
