package csvexport

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/disktest"
)

// records returns n records with ascending ids and source ports.
func records(n int) []flow.Record {
	recs := make([]flow.Record, n)
	for i := range recs {
		recs[i] = handshake()
		recs[i].ID, recs[i].Src.Port = int64(i+1), uint16(i)
	}
	return recs
}

// paged returns recs as a source of pages with at most size records.
func paged(recs []flow.Record, size int) Source {
	return Pages(func(_ context.Context, last *flow.Record) ([]flow.Record, bool, error) {
		rest := recs
		if last != nil {
			rest = recs[last.ID:]
		}
		n := min(size, len(rest))
		return rest[:n], n < len(rest), nil
	})
}

// endingWith returns a source that fails with err after the records of from.
func endingWith(from Source, err error) Source {
	return func(ctx context.Context, fn func(*flow.Record) error) error {
		return errors.Join(from(ctx, fn), err)
	}
}

// TestNewMatchesTheWriterOfEachFormat compares exports through New with the
// output of the writer of each format.
func TestNewMatchesTheWriterOfEachFormat(t *testing.T) {
	recs := records(25)
	for _, c := range []struct {
		options Options
		ext     string
		writer  func(b *bytes.Buffer) Writer
	}{
		{Options{Loc: newYork}, "csv", func(b *bytes.Buffer) Writer { return NewCSV(b, newYork) }},
		{Options{Format: FormatNDJSON, Loc: newYork}, "ndjson", func(b *bytes.Buffer) Writer { return NewJSON(b, newYork) }},
		{Options{Format: FormatJSON, Loc: newYork}, "json", func(b *bytes.Buffer) Writer { return NewJSONArray(b, newYork) }},
		{Options{Format: FormatTable, Loc: newYork, Width: 80}, "txt", func(b *bytes.Buffer) Writer { return NewTable(b, newYork, 80) }},
		{Options{Format: FormatTable, Live: true}, "txt", func(b *bytes.Buffer) Writer { return NewLiveTable(b, nil, 0) }},
	} {
		var want bytes.Buffer
		w := c.writer(&want)
		for i := range recs {
			if err := w.Write(&recs[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := c.options.Format.String(); got != c.ext {
			t.Errorf("format %d: String() = %q, want %q", c.options.Format, got, c.ext)
		}
		for source, from := range map[string]Source{"rows": Rows(recs), "pages of 10": paged(recs, 10), "one page": paged(recs, 25)} {
			path := filepath.Join(t.TempDir(), "export")
			var count atomic.Int64
			if err := WriteFile(t.Context(), path, c.options, Counted(from, &count)); err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(path); string(got) != want.String() {
				t.Errorf("%s from %s: got\n%s\nwant\n%s", c.ext, source, got, want.String())
			}
			if count.Load() != 25 {
				t.Errorf("%s from %s: %d records counted, want 25", c.ext, source, count.Load())
			}
		}
	}
}

func TestSelectedColumnsInEveryFormat(t *testing.T) {
	recs := records(1)
	for _, c := range []struct {
		format Format
		want   string
	}{
		{FormatCSV, "node,sourcePort\nedge-1,0\n"},
		{FormatNDJSON, `{"node":"edge-1","sourcePort":0}` + "\n"},
		{FormatJSON, "[\n" + `{"node":"edge-1","sourcePort":0}` + "\n]\n"},
	} {
		var b bytes.Buffer
		out, err := New(&b, Options{Format: c.format, Columns: []string{"node", "sourcePort"}})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := Copy(t.Context(), out, Rows(recs)); n != 1 || err != nil || b.String() != c.want {
			t.Errorf("%s: %d, %v, %q, want %q", c.format, n, err, b.String(), c.want)
		}
		if _, err := New(&b, Options{Format: c.format, Columns: []string{"nonsense"}}); err == nil || !strings.Contains(err.Error(), `unknown column "nonsense"`) {
			t.Errorf("%s: %v", c.format, err)
		}
	}
}

func TestFailedExportLeavesNoFile(t *testing.T) {
	lost := errors.New("store is gone")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithCancel(t.Context())
	defer cancelLate()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		options Options
		from    Source
		want    error
	}{
		{"the source fails immediately", t.Context(), Options{}, endingWith(Rows(nil), lost), lost},
		{"the source fails after many rows", t.Context(), Options{Format: FormatJSON}, endingWith(Rows(records(5_000)), lost), lost},
		{"a page fails", t.Context(), Options{}, Pages(func(context.Context, *flow.Record) ([]flow.Record, bool, error) { return nil, false, lost }), lost},
		{"canceled before", canceled, Options{}, Rows(records(1)), context.Canceled},
		{"canceled midway", late, Options{}, func(ctx context.Context, fn func(*flow.Record) error) error {
			return Rows(records(5_000))(ctx, func(r *flow.Record) error {
				if r.ID == 1_500 {
					cancelLate()
				}
				return fn(r)
			})
		}, context.Canceled},
		{"canceled after the last row", late, Options{}, func(context.Context, func(*flow.Record) error) error { return nil }, context.Canceled},
	} {
		dir := t.TempDir()
		if err := WriteFile(c.ctx, filepath.Join(dir, "a"), c.options, c.from); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if left := disktest.Names(t, dir); left != nil {
			t.Errorf("%s: left behind: %q", c.name, left)
		}
	}
	dir := t.TempDir()
	if err := WriteFile(t.Context(), filepath.Join(dir, "a"), Options{Columns: []string{"nonsense"}}, Rows(nil)); err == nil || disktest.Names(t, dir) != nil {
		t.Errorf("an unknown column: %v, %q", err, disktest.Names(t, dir))
	}
}

func TestExportNeverReplacesAFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv")
	wantExists := func(err error) {
		t.Helper()
		if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "choose another name") {
			t.Errorf("got %v", err)
		}
		if text, _ := os.ReadFile(path); string(text) != "precious" {
			t.Errorf("the file is now %q", text)
		}
		if got := disktest.Names(t, dir); !slices.Equal(got, []string{"a.csv"}) {
			t.Errorf("left behind: %v", got)
		}
	}
	wantExists(WriteFile(t.Context(), path, Options{}, func(context.Context, func(*flow.Record) error) error {
		return os.WriteFile(path, []byte("precious"), 0o600) // while the export is written
	}))
	wantExists(WriteFile(t.Context(), path, Options{}, Rows(records(1))))
}

func TestExportIsReadableByItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := WriteFile(t.Context(), path, Options{}, Rows(records(1))); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestMissingDirectoryErrorNamesThePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "a.csv")
	if err := WriteFile(t.Context(), path, Options{}, Rows(nil)); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

// shortWriter accepts left writes and then fails.
type shortWriter struct{ left int }

func (w *shortWriter) Write(p []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, fs.ErrClosed
	}
	return len(p), nil
}

func TestCopyStopsAtTheFirstWriteError(t *testing.T) {
	for _, left := range []int{0, 1} {
		out, err := New(&shortWriter{left}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Copy(t.Context(), out, Rows(records(5_000))); !errors.Is(err, fs.ErrClosed) || strings.Count(err.Error(), "write export") != 1 {
			t.Errorf("after %d writes: %v", left, err)
		}
	}
}

func TestCopyFlushesRowsBeforeAnErrorButNoBareHeader(t *testing.T) {
	lost := errors.New("store is gone")
	for _, rows := range []int{0, 3} {
		var b bytes.Buffer
		out, err := New(&b, Options{Loc: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		n, err := Copy(t.Context(), out, endingWith(Rows(records(rows)), lost))
		lines := 0
		if rows > 0 {
			lines = 1 + rows
		}
		if n != rows || !errors.Is(err, lost) || strings.Count(b.String(), "\n") != lines {
			t.Errorf("%d rows, then an error: %d, %v, %q", rows, n, err, b.String())
		}
	}
}
