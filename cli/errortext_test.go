package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const forger = "evil\nweir: FORGED"

func TestANameForgesNoLineOfAnError(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, forger, "missing"))
	if err := os.WriteFile(filepath.Join(dir, forger), nil, 0o600); err != nil { // a file where a folder should be
		t.Skipf("this file system does not take such names: %v", err)
	}
	missing := filepath.Join(dir, "missing", forger)
	for _, args := range [][]string{
		{"query", "-r", missing},
		{"query", "--db", missing},
		{"query", "--db=" + missing},
		{"query"}, // the default store
		{"query", "--db", filepath.Join(dir, "weir.db"), "--node", forger},
		{"query", forger},
		{"capture", "-r", missing},
		{"nodes", "--db", missing},
		{"nodes", "group", "remove", forger, "--db", filepath.Join(dir, "groups.db")},
		{"nodes", "remove", forger, "--db", filepath.Join(dir, "groups.db")},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, nil, &stdout, &stderr); code == exitOK {
			t.Errorf("weir %q succeeds", args)
		}
		for line := range strings.Lines(stderr.String()) {
			if strings.HasPrefix(line, "weir: FORGED") {
				t.Errorf("weir %q prints\n%s", args, &stderr)
			}
		}
	}
}

func TestErrorTextQuotesOnlyWhatForges(t *testing.T) {
	plain, forged := &fs.PathError{Op: "open", Path: "a b", Err: fs.ErrNotExist}, &fs.PathError{Op: "open", Path: forger, Err: fs.ErrNotExist}
	link := &os.LinkError{Op: "rename", Old: forger, New: "c", Err: fs.ErrExist}
	joined := fmt.Errorf("write: %w", errors.Join(plain, forged, link))
	want := "write: open a b: file does not exist\nopen \"evil\\nweir: FORGED\": file does not exist\nrename \"evil\\nweir: FORGED\" c: file already exists"
	if got := errorText(joined, []string{"query", "a b"}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJoinedErrorsAreLinesOfTheirOwn(t *testing.T) {
	a, b, c := errors.New("a\n  of two lines"), errors.New("b"), errors.New("c")
	for _, test := range []struct {
		err  error
		want []string
	}{
		{a, []string{"a\n  of two lines"}},
		{errors.Join(a, b), []string{"a\n  of two lines", "b"}},
		{errors.Join(errors.Join(a, b), nil, c), []string{"a\n  of two lines", "b", "c"}},
		{fmt.Errorf("both: %w, %w", b, c), []string{"both: b, c"}},
		{fmt.Errorf("write: %w", errors.Join(b, c)), []string{"write: b\nc"}},
	} {
		var got []string
		for _, err := range joinedErrors(test.err) {
			got = append(got, err.Error())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
