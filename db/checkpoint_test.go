package db

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/flow"
	"weir/internal/storetest"
)

// TestAStoreOpensAfterACrashInACheckpoint lays out the files that a kill in the middle of a checkpoint
// leaves: the first page is already in the file, and refers to pages that are only in the WAL.
func TestAStoreOpensAfterACrashInACheckpoint(t *testing.T) {
	s := openTemp(t)
	run(t, s)
	var recs []flow.Record
	for i := range 3000 {
		recs = append(recs, numbered(int64(i), 1)...)
	}
	store(t, s, recs...)
	path := filepath.Join(t.TempDir(), "died.db")
	log := readFile(t, s.path+"-wal")
	writeFile(t, path, withFirstPageOf(t, readFile(t, s.path), log))
	writeFile(t, path+"-wal", log)

	if _, err := readSQLiteHeader(t.Context(), path); err == nil {
		t.Fatal("the file is readable without its WAL: this test shows nothing")
	}
	reader, err := OpenReader(t.Context(), path, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(storetest.All(t, reader)); got != len(recs) {
		t.Errorf("a reader finds %d flows, want %d", got, len(recs))
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if got := len(storetest.All(t, openAt(t, path))); got != len(recs) {
		t.Errorf("the writer finds %d flows, want %d", got, len(recs))
	}
}

// withFirstPageOf copies the latest page 1 of a WAL into the file
// (https://www.sqlite.org/fileformat.html, section 4.1).
func withFirstPageOf(t *testing.T, file, log []byte) []byte {
	t.Helper()
	const logHeader, frameHeader = 32, 24
	size := int(binary.BigEndian.Uint32(log[8:]))
	found := false
	for at := logHeader; at+frameHeader+size <= len(log); at += frameHeader + size {
		if binary.BigEndian.Uint32(log[at:]) == 1 {
			found = true
			copy(file, log[at+frameHeader:at+frameHeader+size])
		}
	}
	if !found {
		t.Fatal("the WAL has no first page")
	}
	return file
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCreatingAStoreLeavesOtherFilesAlone(t *testing.T) {
	for _, ending := range []string{"-wal", "-journal", ".new"} {
		path := filepath.Join(t.TempDir(), "flows")
		writeFile(t, path+ending, []byte("a shopping list"))
		s, err := Open(t.Context(), path, WriterOptions{})
		if refused := err != nil; refused != (ending != ".new") {
			t.Errorf("a file %s in the way: %v", ending, err)
		}
		if s != nil {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		if got := string(readFile(t, path+ending)); got != "a shopping list" {
			t.Errorf("the file %s is now %q", ending, got)
		}
	}
}

func TestWritingFailsWhenTheFileIsGone(t *testing.T) {
	for what, take := range map[string]func(path string) error{
		"removed":  os.Remove,
		"replaced": func(path string) error { return os.Rename(path+".other", path) },
	} {
		s := openTemp(t)
		writeFile(t, s.path+".other", []byte("another file"))
		stop := run(t, s)
		store(t, s, numbered(0, 1)...)
		stop()
		if err := take(s.path); err != nil {
			t.Fatal(err)
		}
		attempt := int64(0)
		if err := s.commit(s.coalesce([][]flow.Record{numbered(1, 1)}), nil, &attempt); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("writing to a store that was %s: %v", what, err)
		}
	}
}
