package tui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/csvexport"
	"weir/search"
	"weir/tui/column"
	"weir/tui/flows"
	"weir/tui/tuitest"
)

// exported presses e and returns the file it wrote.
func (st *screenTest) exported(dir string) string {
	st.t.Helper()
	before, _ := filepath.Glob(filepath.Join(dir, "*.csv"))
	st.press("e")
	after, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil || len(after) != len(before)+1 {
		st.t.Fatalf("e made %d files: %q", len(after)-len(before), st.footer())
	}
	for _, name := range after {
		if !strings.Contains(strings.Join(before, "\n"), name) {
			data, err := os.ReadFile(name)
			if err != nil {
				st.t.Fatal(err)
			}
			return string(data)
		}
	}
	return ""
}

// inView returns the flows of the view as CSV: those of the store's answer, up to the limit.
func (st *screenTest) inView() string {
	q := st.m.Query
	q.Range.From, q.Range.To = q.Range.Bounds(st.now)
	q.Range.Last = 0
	page, err := st.store.Search(st.t.Context(), search.Request{Query: q}, search.Cursor{}, flows.Most(&q))
	if err != nil {
		st.t.Fatal(err)
	}
	if loaded := st.m.flows.Rows.Display(); st.m.flows.Rows.Sorted() {
		page.Rows = loaded
	} else if !slices.Equal(loaded, page.Rows[:len(loaded)]) {
		st.t.Error("the loaded flows are not the first ones of the answer")
	}
	var b bytes.Buffer
	out := csvexport.NewCSV(&b, testZone)
	for i := range page.Rows {
		if err := out.Write(&page.Rows[i]); err != nil {
			st.t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		st.t.Fatal(err)
	}
	return b.String()
}

func TestAnExportIsTheViewByteForByte(t *testing.T) {
	store := &tuitest.Store{}
	store.Add(manyFlows(2_500)...)
	dir := t.TempDir()
	st := newScreen(t, store, 120, 40, func(c *Config) { c.ExportDir, c.Query.Limit = dir, 2_200 })
	check := func(when string, rows int) {
		t.Helper()
		got := st.exported(dir)
		if got != st.inView() {
			t.Errorf("%s: the export is not the view", when)
		}
		if n := strings.Count(got, "\n") - 1; n != rows {
			t.Errorf("%s: %d rows, want %d", when, n, rows)
		}
	}
	check("live", 2_200)
	st.press("G")
	check("scrolled into history", 2_200)
	st.m.flows.Table.Col = column.Sent
	st.press("s")
	if st.m.Query.Order != search.OrderBy(search.FieldSent, false) {
		t.Errorf("s orders by %s", st.m.Query.Order)
	}
	check("sorted", 2_200)
	st.press("S")
	check("sorted the other way", 2_200)
	st.m.flows.Table.Col = column.SrcIP
	st.press("s")
	if st.m.flows.Rows.Len() != 2_200 {
		t.Errorf("%d flows are sorted by their address, want all up to the limit", st.m.flows.Rows.Len())
	}
	check("sorted by an address", 2_200)
	st.press("s", "o")
	check("oldest first", 2_200)
	st.press("F", "/")
	st.write("proto:icmp")
	st.press("enter")
	check("filtered", st.m.flows.Rows.Len())
	if st.m.flows.Rows.Len() == 0 {
		t.Error("the filter found nothing, so nothing was tested")
	}
}

func TestAnExportThatCannotBeWrittenSaysWhy(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 160, 24, func(c *Config) { c.ExportDir = filepath.Join(t.TempDir(), "missing") })
	st.press("e")
	st.wantIn(st.footer(), "export failed")
}

func TestAnEmptyViewExportsNothingAndSaysSo(t *testing.T) {
	dir := t.TempDir()
	st := newScreen(t, &tuitest.Store{}, 120, 24, func(c *Config) { c.ExportDir = dir })
	st.press("e")
	st.wantIn(st.footer(), "nothing to export")
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files were made", len(files))
	}
}

func TestQuittingFinishesAnExport(t *testing.T) {
	dir := t.TempDir()
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) { c.ExportDir = dir })
	st.hold = true
	st.press("e", "q")
	st.wantIn(st.footer(), "finishing the export")
	st.release()
	if files, _ := filepath.Glob(filepath.Join(dir, "*.csv")); !st.quit || len(files) != 1 {
		t.Errorf("quit %v with %d files", st.quit, len(files))
	}
}

func TestAnExportTakesTheRowsOfTheMomentOfTheKey(t *testing.T) {
	dir := t.TempDir()
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) { c.ExportDir = dir })
	want := st.inView()
	st.hold = true
	st.press("e")
	writing := st.held
	st.hold, st.held = false, nil
	st.store.Add(st.newFlow())
	st.tick()
	for _, cmd := range writing {
		st.run(cmd)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.csv"))
	if len(files) != 1 {
		t.Fatalf("%d files", len(files))
	}
	if got, _ := os.ReadFile(files[0]); string(got) != want {
		t.Error("a flow that came later is in the export")
	}
	if st.m.Query.Order != search.Newest || st.m.flows.Rows.Len() != 9 {
		t.Error("the view did not go on")
	}
}
