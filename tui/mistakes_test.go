package tui

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"weir/flow"
	"weir/search"
	"weir/tui/column"
	"weir/tui/flows"
	"weir/tui/tuitest"
)

// Tests for mistakes that flow portals have shipped and fixed later. Those that show
// outside of the screen are tested in package main.

// exportedRows exports the view and returns the rows as maps from column to cell.
func exportedRows(t *testing.T, st *screenTest, dir string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(st.exported(dir))).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	var all []map[string]string
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		all = append(all, cells)
	}
	return all
}

// sampleExport returns the export of a flow of each kind.
func sampleExport(t *testing.T) ([]map[string]string, []flow.Record) {
	dir := t.TempDir()
	st := newScreen(t, tuitest.NewStore(), 120, 40, func(c *Config) { c.ExportDir = dir })
	return exportedRows(t, st, dir), st.m.flows.Rows.Display()
}

func TestMistakeExportFailsAfterPaging(t *testing.T) {
	store := &tuitest.Store{}
	store.Add(manyFlows(12_000)...)
	dir := t.TempDir()
	st := newScreen(t, store, 120, 40, func(c *Config) { c.ExportDir, c.Query.Limit = dir, search.MaxLimit })
	for range 12 {
		st.press("G", "pgdown")
	}
	if got := len(exportedRows(t, st, dir)); got != search.MaxLimit {
		t.Errorf("%d rows after paging to the end, want %d", got, search.MaxLimit)
	}
	st.press("g", "pgup", "o", "G")
	if got := len(exportedRows(t, st, dir)); got != search.MaxLimit {
		t.Errorf("%d rows after going back, want %d", got, search.MaxLimit)
	}
}

func TestMistakeExportWithoutFlags(t *testing.T) {
	rows, recs := sampleExport(t)
	for i, row := range rows {
		want := ""
		if recs[i].HasFlags() {
			want = "0x" + strconv.FormatUint(0x100|uint64(recs[i].Flags()), 16)[1:]
		}
		if row["tcpFlags"] != want {
			t.Errorf("%s has flags %q, want %q", recs[i].Proto, row["tcpFlags"], want)
		}
	}
}

func TestMistakeDatesThatSpreadsheetsCannotParse(t *testing.T) {
	rows, recs := sampleExport(t)
	for i, row := range rows {
		for side, at := range map[string]time.Time{"startTime": recs[i].Start, "endTime": recs[i].End()} {
			if at.IsZero() {
				if row[side] != "" || row[side+"UnixMS"] != "" {
					t.Errorf("an open flow ends at %q", row[side])
				}
				continue
			}
			got, err := time.ParseInLocation("01/02/2006 03:04:05 PM", row[side], testZone)
			if err != nil || !got.Equal(at.Truncate(time.Second)) || row[side+"UnixMS"] != strconv.FormatInt(at.UnixMilli(), 10) {
				t.Errorf("%s is %q and %q, want %v", side, row[side], row[side+"UnixMS"], at)
			}
		}
	}
}

func TestMistakeThousandsSeparatorsInNumbers(t *testing.T) {
	rows, recs := sampleExport(t)
	large := false
	for i, row := range rows {
		for name, want := range map[string]uint64{"recvBytes": recs[i].Recv.Octets, "sentBytes": recs[i].Sent.Octets} {
			if got, err := strconv.ParseUint(row[name], 10, 64); err != nil || got != want {
				t.Errorf("%s is %q, want %d", name, row[name], want)
			}
			large = large || want > 1_000_000
		}
	}
	if !large {
		t.Error("no number would have had a separator")
	}
}

func TestMistakeZeroBytesDoNotSortLowest(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 200, 40, nil)
	st.m.flows.Table.Col = column.Recv
	st.press("s", "S")
	var got []uint64
	for i := range st.m.flows.Rows.Len() {
		got = append(got, st.m.flows.Rows.At(i).Recv.Octets)
	}
	if !slices.IsSorted(got) || got[0] != 0 {
		t.Errorf("upwards: %v", got)
	}
}

func TestMistakeTimesWithoutSecondsOrOffset(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 50}} {
		st := newScreen(t, tuitest.NewStore(), size[0], size[1], nil)
		if !strings.Contains(ansi.Strip(st.screen()), "14:12:07") {
			t.Errorf("at %d columns there are no seconds", size[0])
		}
		if size[0] >= 80 {
			st.wantIn(st.header(), "UTC-05:00")
		}
		st.press("enter")
		_, below, _ := strings.Cut(ansi.Strip(st.screen()), "\n") // the header
		if size[0] >= 80 && !strings.Contains(below, "-05:00") {
			t.Errorf("the details at %d columns have no offset", size[0])
		}
	}
}

func TestMistakeActiveTimeRangeIsNotVisible(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2024, 11, 14, hour, 0, 0, 0, testZone) }
	for want, r := range map[string]search.Range{
		"last 2h": {Last: 2 * time.Hour}, "all time": {}, "last 5m": {Last: 5 * time.Minute}, "09:00": {From: at(9), To: at(10)}, "11:00": {From: at(11)},
	} {
		for _, width := range []int{60, 80, 120, 200} {
			st := newScreen(t, tuitest.NewStore(), width, 24, func(c *Config) { c.Query.Range = r })
			st.wantIn(st.header(), want)
			st.press("p", "j") // also when paused
			st.wantIn(st.header(), want)
		}
	}
}

func TestMistakeChangingTheRangeClearsTheOtherFilters(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) { c.Query.Nodes = []string{"edge-1"} })
	st.press("/")
	st.write("proto:tcp dport:443 vlan:none")
	st.press("enter")
	before := st.m.Query
	check := func(how, want string) {
		t.Helper()
		st.wantIn(st.header(), want)
		q := st.m.Query
		q.Range = before.Range
		if q.Text() != before.Text() {
			t.Errorf("%s: %s, before %s", how, st.m.Query.Text(), before.Text())
		}
	}
	st.press("r", "down", "enter")
	check("the list of ranges", "last 6h")
	st.press("f", "left", "left", "enter")
	check("the form", "last 1h")
	st.press("/")
	st.write(" since:30m")
	st.press("enter")
	check("the filter line", "last 30m")
	st.press("o", "o")
	check("the order", "last 30m")
}

func TestMistakeOldestFirstHidesTheNewestFlows(t *testing.T) {
	store := &tuitest.Store{}
	flows := manyFlows(2_500)
	store.Add(flows...)
	st := newScreen(t, store, 120, 40, func(c *Config) { c.Query.Limit = search.MaxLimit })
	st.press("o")
	st.wantIn(st.footer(), "1,000 loaded of 2,500") // it shows that there are more, which load on scrolling
	st.press("G", "G", "G", "G")
	if got := st.m.flows.Rows.Selected().ID; got != flows[0].ID {
		t.Errorf("the last flow is %d, the newest is %d", got, flows[0].ID)
	}
}

func TestMistakePartialResultsWithoutAWayToLoadMore(t *testing.T) {
	store := &tuitest.Store{}
	store.Add(manyFlows(18_422)...)
	st := newScreen(t, store, 120, 40, nil)
	st.wantIn(st.footer(), "1,000 of 18,422 (limit)")
	st.press("G", "j")
	st.wantIn(st.footer(), "add limit:10000 to the filter")
	st.press("/")
	st.write("limit:10000")
	st.press("enter")
	st.wantIn(st.footer(), "1,000 loaded of 10,000 (limit)")
	st.press("G")
	st.wantIn(st.footer(), "2,000 loaded of 10,000 (limit)")
	for range 10 {
		st.press("G")
	}
	st.wantIn(st.footer(), "10,000 of 18,422 (limit)")
	st.press("j", "j")
	st.wantIn(st.footer(), "narrow the filter or the range")
}

func TestMistakeColumnsCutOffWithNoWayToWiden(t *testing.T) {
	const whole = "2001:db8:ffff:1:0:5efe:c0a8:6414"
	st := newScreen(t, tuitest.NewStore(), 120, 40, nil)
	if strings.Contains(ansi.Strip(st.screen()), whole) {
		t.Fatal("nothing is cut off, so nothing is tested")
	}
	st.press("c")
	var keys []string
	for range slices.Index(flows.WideOrder[:], column.DstIP) {
		keys = append(keys, "j")
	}
	for range 30 {
		keys = append(keys, "+")
	}
	st.press(append(keys, "enter")...)
	st.press("l", "l", "l", "l", "l", "l", "l", "l", "l", "l")
	st.wantIn(ansi.Strip(st.screen()), whole)
}
