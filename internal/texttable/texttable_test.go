package texttable

import (
	"errors"
	"strings"
	"testing"
)

// printed returns the table with the given rows.
func printed(t *testing.T, table *Table, rows ...[]any) string {
	t.Helper()
	for _, row := range rows {
		table.Row(row...)
	}
	var b strings.Builder
	if err := table.Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestColumnsAreAsWideAsTheirWidestCell(t *testing.T) {
	right := Column{Right: true}
	for _, c := range []struct {
		name  string
		table *Table
		rows  [][]any
		want  string
	}{
		{"left-aligned", Left(3), [][]any{{"NODE", "FLOWS", "OWNS"}, {"edge-1", 5, "10.0.0.0/8 10.1.0.1"}, {"x", 12345678, ""}},
			"NODE    FLOWS     OWNS\nedge-1  5         10.0.0.0/8 10.1.0.1\nx       12345678  \n"},
		{"right-aligned numbers", New(right, right, Column{}), [][]any{{"FLOWS", "BYTES", "SRC"}, {int64(-7), uint64(18446744073709551615), "-"}},
			"FLOWS                 BYTES  SRC\n   -7  18446744073709551615  -\n"},
		{"a number last", New(Column{}, right), [][]any{{"a", 1}, {"b", 100}}, "a    1\nb  100\n"},
		{"widths in terminal cells, not bytes or runes", Left(2), [][]any{{"東京", 1}, {"Zu\u0308rich", 2}, {"x", 3}},
			"東京    1\nZu\u0308rich  2\nx       3\n"},
		{"minimum width", New(Column{Width: 4}, Column{}), [][]any{{"a", "b"}}, "a     b\n"},
		{"no rows", Left(2), nil, ""},
	} {
		if got := printed(t, c.table, c.rows...); got != c.want {
			t.Errorf("%s: got\n%q\nwant\n%q", c.name, got, c.want)
		}
	}
}

func TestCellsAreSafeToPrint(t *testing.T) {
	got := printed(t, Left(2), []any{"\x1b[2J", "a\nb\tc"}, []any{"\u202ename", "\xff\u0085"}, []any{errors.New("x\r"), "\u200b"})
	if want := "^[[2J  a^Jb^Ic\n\uFFFDname  \uFFFD\uFFFD\nx^M    \uFFFD\n"; got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	line := string(AppendLine(nil, []Column{{Width: 6}, {Right: true, Width: 4}}, []string{"\x1b[m", "\x07"}))
	if want := "^[[m      ^G\n"; line != want {
		t.Errorf("got %q, want %q", line, want)
	}
}

func TestALongCellWidensNoOtherLine(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	got := printed(t, Left(2), []any{long, 1}, []any{"edge", 2})
	if want := long + "  1\nedge" + strings.Repeat(" ", maxWidth-len("edge")+gap) + "2\n"; got != want {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
	got = printed(t, New(Column{Right: true}, Column{}), []any{long, 1}, []any{"edge", 2})
	if want := long + "  1\n" + strings.Repeat(" ", maxWidth-len("edge")) + "edge  2\n"; got != want {
		t.Errorf("to the right: %d bytes, want %d", len(got), len(want))
	}
}

func TestMissingCellsAreEmpty(t *testing.T) {
	if got, want := printed(t, Left(3), []any{"a", "b"}, []any{"c", "d", "e"}), "a  b  \nc  d  e\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// full is a writer that always fails, as on a full disk.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestPrintReturnsWriteErrors(t *testing.T) {
	table := Left(1)
	table.Row("x")
	if err := table.Print(full{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
