package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// write writes text to a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	f, err := Load(write(t, `
theme = "dusk"
mouse = false
fps = 30

[[column]]
name = "start"

[[column]]
name = "dst"
width = 20

[keys]
pause = ["p", "ctrl+s"]
`))
	if err != nil {
		t.Fatal(err)
	}
	if f.Theme != "dusk" || *f.Mouse || f.Names != nil || f.FPS != 30 {
		t.Errorf("%+v", f)
	}
	if want := []Column{{"start", 0}, {"dst", 20}}; !reflect.DeepEqual(f.Columns, want) {
		t.Errorf("columns %v, want %v", f.Columns, want)
	}
	if want := map[string][]string{"pause": {"p", "ctrl+s"}}; !reflect.DeepEqual(f.Keys, want) {
		t.Errorf("keys %v, want %v", f.Keys, want)
	}
	if got := f.Line("keys", "pause"); got != 14 {
		t.Errorf("pause is on line %d, want 14", got)
	}
}

func TestMissingFileIsEmpty(t *testing.T) {
	f, err := Load(filepath.Join(t.TempDir(), "none.toml"))
	if err != nil || f.Theme != "" || f.Keys != nil {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestErrorsHaveLineNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"theme = \"dusk\"\ncolour = \"red\"\n": `:2: unknown setting "colour"`,
		"\n\nmouse = maybe\n":                  ":3: ",
		"mouse = 1\n":                          ":1: ",
		"fps = 500\n":                          ":1: fps 500 is out of range: expected 1 to 120",
		"[keys]\npause = \"p\"\n":              ":2: ",
		"[[column]]\nname = \"a\"\nhigh = 2\n": `:3: unknown setting "column.high"`,
		"theme = \"a\"\ntheme = \"b\"\n":       ":2: ",
	} {
		_, err := Load(write(t, text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if !errors.As(err, new(*Error)) {
			t.Errorf("%q: got %T, want *Error", text, err)
		}
	}
}

func TestSavedSettingsOverrideTheConfiguration(t *testing.T) {
	yes, no := true, false
	path := filepath.Join(t.TempDir(), "state", "screen.toml")
	saved := File{Theme: "paper", Mouse: &no, Columns: []Column{{"dst", 20}}}
	for range 2 { // the second call replaces the file
		if err := Save(path, saved); err != nil {
			t.Fatal(err)
		}
	}
	read, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	got := read.Over(File{Theme: "dusk", Mouse: &yes, Names: &yes, FPS: 30, Keys: map[string][]string{"pause": {"x"}}})
	if got.Theme != "paper" || *got.Mouse || !*got.Names || got.FPS != 30 || len(got.Columns) != 1 || got.Keys["pause"][0] != "x" {
		t.Errorf("%+v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"", "theme = \"x\"", "[keys]\na = [\"b\"]", "[[column]]\nname = \"dst\"", "=", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := Load(write(t, text))
		if err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error without a message")
		}
	})
}

func TestSaveFollowsSymbolicLinks(t *testing.T) {
	target := filepath.Join(t.TempDir(), "dotfiles.toml")
	path := filepath.Join(t.TempDir(), "screen.toml")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Skip("symbolic links are not supported")
	}
	if err := Save(path, File{Theme: "paper"}); err != nil {
		t.Fatal(err)
	}
	if f, err := Load(target); err != nil || f.Theme != "paper" {
		t.Errorf("target of the link: %+v, %v", f, err)
	}
}

func TestAFileOfMoreThan64KiBIsRefused(t *testing.T) {
	most := "theme = \"dusk\"\n#"
	most += strings.Repeat("x", 64<<10-len(most))
	if f, err := Load(write(t, most)); err != nil || f.Theme != "dusk" {
		t.Errorf("64 KiB: theme %q, %v", f.Theme, err)
	}
	f, err := Load(write(t, most+"x"))
	if err == nil || !strings.Contains(err.Error(), "larger than 64 KiB") || f.Theme != "" {
		t.Errorf("a byte more: theme %q, %v", f.Theme, err)
	}
}
