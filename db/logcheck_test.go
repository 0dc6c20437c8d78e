package db

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/storetest"
)

// dyingStore returns copies of a store and its log as a writer that is killed leaves them: n
// transactions after a checkpoint, and m before it.
func dyingStore(t *testing.T, m, n int) (path string) {
	t.Helper()
	live := filepath.Join(t.TempDir(), "live.db")
	w := openAt(t, live)
	run(t, w)
	id := int64(0)
	write := func(n int) {
		for range n {
			store(t, w, numbered(id, 10)...)
			id += 10
		}
	}
	write(m)
	if err := w.checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(n)
	path = filepath.Join(t.TempDir(), "weir.db")
	for name, data := range files(t, live) {
		if err := os.WriteFile(path+name[len(live):], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// opened opens a store for writing and for reading and returns what both were warned of.
func opened(t *testing.T, path string) (warnings []string, err error) {
	t.Helper()
	warn := func(what string) { warnings = append(warnings, what) }
	r, err := OpenReader(t.Context(), path, ReaderOptions{Now: func() time.Time { return epoch }, Warn: warn})
	if err != nil {
		return warnings, err
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	w, err := Open(t.Context(), path, WriterOptions{Now: func() time.Time { return epoch }, Warn: warn})
	if err != nil {
		return warnings, err
	}
	return warnings, w.Close()
}

func TestALogOfADeadWriterIsReadWithoutAWord(t *testing.T) {
	for _, n := range []int{0, 1, 8} {
		path := dyingStore(t, 3, n)
		if warnings, err := opened(t, path); err != nil || len(warnings) > 0 {
			t.Errorf("%d transactions: %q, %v", n, warnings, err)
		}
		if got := storetest.All(t, readerOf(t, path)); len(got) != 30+10*n {
			t.Errorf("%d flows, want %d", len(got), 30+10*n)
		}
	}
}

func TestTransactionsBehindADamagedOneAreCounted(t *testing.T) {
	const frame = 24 + 4096
	path := dyingStore(t, 1, 8)
	whole, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		at   int // byte to change
		lost string
	}{
		"the first page":        {32 + 24 + 100, " 8 transactions "},
		"the salt of the first": {32 + 8, " 8 transactions "},
		"the header":            {20, "damaged from its beginning"},
		"the last page":         {(len(whole)-32)/frame*frame + 32 - 100, " 1 transaction "},
	} {
		log := append([]byte{}, whole...)
		log[c.at] ^= 0x10
		if err := os.WriteFile(path+"-wal", log, 0o600); err != nil {
			t.Fatal(err)
		}
		if warning, err := checkLog(path); err != nil || !strings.Contains(warning, c.lost) {
			t.Errorf("%s: %q, %v", name, warning, err)
		}
	}
	warnings, err := opened(t, path)
	if err != nil || len(warnings) == 0 {
		t.Errorf("%q, %v: want a warning", warnings, err)
	}
}

func TestAnUncommittedTransactionAtTheEndIsNotALoss(t *testing.T) {
	path := dyingStore(t, 1, 3)
	log, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	cut := len(log) - 1000 // in the last page: that of the commit
	if err := os.WriteFile(path+"-wal", log[:cut], 0o600); err != nil {
		t.Fatal(err)
	}
	if warning, err := checkLog(path); warning != "" || err != nil {
		t.Errorf("%q, %v", warning, err)
	}
}

func TestTheLogOfAnotherStateOfTheFileIsRefused(t *testing.T) {
	old, newer := dyingStore(t, 2, 0), dyingStore(t, 20, 5)
	for name, c := range map[string][2]string{"an older file": {old, newer}, "a newer file": {dyingStore(t, 60, 0), newer}} {
		log, err := os.ReadFile(c[1] + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c[0]+"-wal", log, 0o600); err != nil {
			t.Fatal(err)
		}
		before := files(t, c[0])
		if _, err := opened(t, c[0]); !errors.Is(err, errOtherLog) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(t.Context(), c[0], WriterOptions{}); !errors.Is(err, errOtherLog) {
			t.Errorf("%s: the writer: %v", name, err)
		}
		for file, data := range files(t, c[0]) {
			if string(data) != string(before[file]) {
				t.Errorf("%s: %s was changed", name, file)
			}
		}
		if err := os.Remove(c[0] + "-wal"); err != nil {
			t.Fatal(err)
		}
		if _, err := opened(t, c[0]); err != nil {
			t.Errorf("%s, without the log: %v", name, err)
		}
	}
}
