package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLimitsThatCantBeReadRemoveNothing(t *testing.T) {
	for _, c := range []struct {
		config string
		keep   keepOptions
		age    time.Duration
		size   int64
		says   string // empty: no warning
	}{
		{`keep_age = "2h"` + "\n" + `keep_size = "1G"`, keepOptions{}, 2 * time.Hour, 1e9, ""},
		{`fps = 1000`, keepOptions{}, -1, -1, ": no flows are removed; "},
		{`keep_age = `, keepOptions{}, -1, -1, ": no flows are removed; "},
		{`keep_age = "x"` + "\n" + `keep_size = "1G"`, keepOptions{}, -1, 1e9, ": no flows are removed because of their age; "},
		{`keep_age = "2h"` + "\n" + `keep_size = "x"`, keepOptions{}, 2 * time.Hour, -1, ": no flows are removed because of the store's size; "},
		{`keep_age = `, keepOptions{age: "3h"}, 3 * time.Hour, -1, ": no flows are removed because of the store's size; "},
		{`keep_age = "x"`, keepOptions{age: "3h"}, 3 * time.Hour, 0, ""},
		{`keep_age = `, keepOptions{"3h", "2G"}, 3 * time.Hour, 2e9, ""},
	} {
		dir := t.TempDir()
		t.Setenv("XDG_CONFIG_HOME", dir)
		if err := os.MkdirAll(filepath.Join(dir, "weir"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "weir", "config.toml"), []byte(c.config), 0o600); err != nil {
			t.Fatal(err)
		}
		o := sourceOptions{keep: c.keep}
		got, warning, err := o.writerOptions(io.Discard)
		if err != nil || got.MaxAge != c.age || got.MaxBytes != c.size || (warning == "") != (c.says == "") || !strings.Contains(warning, c.says) {
			t.Errorf("%q and %+v: age %v, size %d, %q, %v; want %v, %d, %q", c.config, c.keep, got.MaxAge, got.MaxBytes, warning, err, c.age, c.size, c.says)
		}
	}
}
