package csvexport

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFileNames(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 12, 7, 0, newYork)
	for _, c := range []struct {
		nodes []string
		ext   string
		want  string
	}{
		{nil, "csv", "weir-20261123-141207.csv"},
		{[]string{"edge-1"}, "csv", "weir-20261123-141207-edge-1.csv"},
		{[]string{"edge-1", "dc-2"}, ".json", "weir-20261123-141207-edge-1-dc-2.json"},
		{[]string{"a", "b", "c", "d"}, "csv", "weir-20261123-141207-4-nodes.csv"},
		{[]string{"../../etc/passwd"}, "csv", "weir-20261123-141207-etc-passwd.csv"},
		{[]string{"branch office\x00\x1b[2J"}, "", "weir-20261123-141207-branch-office-2J.csv"},
		{[]string{"東京"}, "c/s", "weir-20261123-141207.c-s"},
		{[]string{strings.Repeat("x", 300)}, "csv", "weir-20261123-141207-" + strings.Repeat("x", 40) + ".csv"},
	} {
		if got := FileName(at, c.nodes, c.ext); got != c.want {
			t.Errorf("FileName(%q, %q) = %s, want %s", c.nodes, c.ext, got, c.want)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("edge-1", "..", "/", "csv")
	f.Fuzz(func(t *testing.T, a, b, c, ext string) {
		name := FileName(time.Unix(0, 0).UTC(), []string{a, b, c}, ext)
		const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
		if strings.Trim(name, safe) != "" || filepath.Base(name) != name || len(name) > 200 || !strings.HasPrefix(name, "weir-") {
			t.Errorf("FileName(%q, %q, %q, %q) = %q", a, b, c, ext, name)
		}
	})
}

func TestFreeNameAppendsANumber(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.b.csv")
	for _, want := range []string{"a.b.csv", "a.b-2.csv", "a.b-3.csv"} {
		got, err := FreeName(path)
		if err != nil || filepath.Base(got) != want {
			t.Fatalf("FreeName = %s, %v, want %s", got, err, want)
		}
		if err := WriteFile(t.Context(), got, Options{}, Rows(nil)); err != nil {
			t.Fatal(err)
		}
	}
}
