package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/search"
)

func TestOpenMakesAPrivateFileInAPrivateFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b c?#%", "weir.db")
	s := openAt(t, path)
	run(t, s)
	store(t, s, flow.Record{ID: 1})
	for name, want := range map[string]fs.FileMode{
		filepath.Dir(path): fs.ModeDir | 0o700, path: 0o600, path + "-wal": 0o600, path + ".lock": 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
}

func TestSettingsReachEveryConnection(t *testing.T) {
	s := openTemp(t)
	ask := func(c connection, setting string) (n int64) {
		if err := c.ints("PRAGMA "+setting, nil, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	err := raw(t.Context(), s.conn, func(c connection) error {
		for setting, want := range map[string]int64{"foreign_keys": 1, "synchronous": 1, "busy_timeout": 5000, "wal_autocheckpoint": autoCheckpointPages, "application_id": applicationID} {
			if got := ask(c, setting); got != want {
				t.Errorf("writer: %s is %d, want %d", setting, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.read(t.Context(), nil, func(outer *snapshot) error {
		return s.read(t.Context(), nil, func(inner *snapshot) error { // two at once use two connections
			for _, c := range []*snapshot{outer, inner} {
				for setting, want := range map[string]int64{"query_only": 1, "mmap_size": readerMmap, "busy_timeout": 5000} {
					if got := ask(c.connection, setting); got != want {
						t.Errorf("reader: %s is %d, want %d", setting, got, want)
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// refusals returns files that are not stores, each with words of the expected error.
func refusals(t *testing.T, dir string) map[string]string {
	t.Helper()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return map[string]string{
		dir: "it is a directory",
		file("capture.pcap", append([]byte{0xd4, 0xc3, 0xb2, 0xa1}, make([]byte, 4096)...)):        "not a flow store",
		file("short.txt", []byte("hello")):                                                         "not a flow store",
		sqliteFile(t, dir, "other.db", "CREATE TABLE t (x)"):                                       "not a flow store",
		sqliteFile(t, dir, "wal.db", "PRAGMA journal_mode=WAL; CREATE TABLE t (x)"):                "not a flow store",
		sqliteFile(t, dir, "newer.db", "PRAGMA application_id=2003134834; PRAGMA user_version=99"): "newer weir (schema version 99",
	}
}

func sqliteFile(t *testing.T, dir, name, statements string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(statements); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOtherFilesAreRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	wrong := refusals(t, dir)
	before := listing(t, dir)
	for path, words := range wrong {
		_, openErr := Open(t.Context(), path, WriterOptions{})
		_, readErr := OpenReader(t.Context(), path, ReaderOptions{})
		for kind, err := range map[string]error{"Open": openErr, "OpenReader": readErr} {
			if err == nil {
				t.Errorf("%s(%s) succeeds", kind, path)
				continue
			}
			if msg := err.Error(); !strings.Contains(msg, words) || !strings.Contains(msg, path) || strings.Contains(msg, "\n") {
				t.Errorf("%s: %q, want one sentence with %q", kind, msg, words)
			}
		}
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the folder was\n%s\nand is\n%s", before, after)
	}
}

func TestADamagedStoreIsCalledDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	s := openAt(t, path)
	stop := run(t, s)
	store(t, s, numbered(0, 2000)...)
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for page := 1; page < len(whole)/4096/2; page += 3 { // after some of them the store opens, and the search fails
		broken := bytes.Clone(whole)
		for i := range broken[page*4096:] {
			broken[page*4096+i] = 0xff
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		err := readAll(t, path)
		if err == nil || !strings.Contains(err.Error(), "is damaged") {
			t.Fatalf("broken from page %d on: %v", page+1, err)
		}
	}
}

func readAll(t *testing.T, path string) error {
	r, err := OpenReader(t.Context(), path, ReaderOptions{})
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(*flow.Record) error { return nil })
}

// listing returns the files of a directory and their contents.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.Name() + " " + string(content[:min(len(content), 128)]) + "\n")
	}
	return b.String()
}

func TestAnEmptyFileBecomesAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	run(t, s)
	store(t, s, flow.Record{ID: 1})
}

func TestTheWALOfADeletedStoreIsNotApplied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	s := openAt(t, path)
	stop := run(t, s)
	store(t, s, flow.Record{ID: 1})
	log, err := os.ReadFile(path + "-wal")
	if err != nil || len(log) == 0 {
		t.Fatalf("no WAL to leave behind: %d bytes, %v", len(log), err)
	}
	stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path+"-wal", log, 0o600)); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if got := storetest.All(t, s); len(got) != 0 {
		t.Errorf("a new store holds %d old rows", len(got))
	}
	checkIntegrity(t, s)
}

func TestReadingAMissingStoreFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	_, err := OpenReader(t.Context(), path, ReaderOptions{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a reader created the file: %v", err)
	}
}

func TestADirectoryThatCannotBeCreatedIsExplained(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: needs a folder in which root can't make one: /proc")
	}
	_, err := Open(t.Context(), "/proc/weir/weir.db", WriterOptions{})
	if err == nil || !strings.Contains(err.Error(), "create its directory") || !strings.Contains(err.Error(), "--db PATH") {
		t.Errorf("a store in a folder that can't be made: %v", err)
	}
}

func TestMigrationsAreAppliedStepByStep(t *testing.T) {
	const next = "migrations/0010_more.sql"
	files := fstest.MapFS{next: {Data: []byte("CREATE TABLE more (x) STRICT")}} // STRICT without a type: fails
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(names) != 9 {
		t.Fatalf("%d migrations, %v, want the nine before the new one", len(names), err)
	}
	for _, name := range names {
		sql, err := fs.ReadFile(migrationFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: sql}
	}
	s := filled(t, flow.Record{ID: 1, Node: "a"})
	migrated := func() (version, records int64, err error) {
		steps, err := migrations(files)
		if err != nil {
			t.Fatal(err)
		}
		err = s.transactless(func(c connection) error {
			err := migrate(c, steps, time.Now, func(_, _ int64) {})
			return errors.Join(err, c.ints("PRAGMA user_version", nil, &version), c.ints("SELECT count(*) FROM migrations", nil, &records))
		})
		return version, records, err
	}
	if version, records, err := migrated(); err == nil || version != 9 || records != 9 {
		t.Errorf("after a step that fails: version %d, %d records, %v, want the old one and an error", version, records, err)
	}
	files[next].Data = []byte("CREATE TABLE more (x INTEGER) STRICT; ALTER TABLE pieces ADD COLUMN y INTEGER NOT NULL DEFAULT 7")
	for range 2 { // the second time it does nothing
		if version, records, err := migrated(); err != nil || version != 10 || records != 10 {
			t.Errorf("after the step: version %d, %d records, %v", version, records, err)
		}
	}
	if got := storetest.All(t, s); len(got) != 1 || got[0].Node != "a" {
		t.Errorf("the flows are now %+v", got)
	}
	files["migrations/0012_gap.sql"] = &fstest.MapFile{}
	if _, err := migrations(files); err == nil {
		t.Error("a gap in the numbers is accepted")
	}
}

// transactless calls fn with the write connection outside of a transaction.
func (s *Writer) transactless(fn func(connection) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return raw(context.Background(), s.conn, fn)
}

func TestAReaderExplainsAnOlderSchema(t *testing.T) {
	path := sqliteFile(t, t.TempDir(), "old.db", "PRAGMA application_id=2003134834")
	_, err := OpenReader(t.Context(), path, ReaderOptions{})
	if err == nil || !strings.Contains(err.Error(), "weir db compact") {
		t.Errorf("%v, want what to do", err)
	}
}

func TestOnlyTheWriterHasMethodsThatWrite(t *testing.T) {
	reader, writer := reflect.TypeFor[*Reader](), reflect.TypeFor[*Writer]()
	inventory := reflect.TypeFor[*Inventory]()
	for name, of := range map[string]reflect.Type{
		"Offer": writer, "Put": writer, "Flush": writer, "Run": writer, "NextID": writer, "Health": writer, "Compact": writer, "Vacuum": writer,
		"AddNode": inventory, "RemoveNode": inventory, "AddToGroup": inventory, "RemoveFromGroup": inventory,
	} {
		if _, ok := reader.MethodByName(name); ok {
			t.Errorf("a reader has %s", name)
		}
		if _, ok := of.MethodByName(name); !ok {
			t.Errorf("%v has no %s", of, name)
		}
	}
}

func TestTheLockHoldsWithinOneProcess(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "weir.db")
	s := openAt(t, path)
	link := filepath.Join(dir, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		_, err := Open(t.Context(), name, WriterOptions{})
		var locked *LockedError
		if !errors.As(err, &locked) || locked.PID != os.Getpid() {
			t.Errorf("Open(%s) = %v, want a LockedError of this process", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openAt(t, link)
}
