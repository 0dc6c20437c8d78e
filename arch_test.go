package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports is the import table of docs/ARCHITECTURE.md: what each package may
// import of ours. "test:" entries hold for its test files only.
var imports = map[string][]string{
	".":                 {"capture", "config", "csvexport", "db", "decode", "flow", "meter", "node", "saved", "search", "tui", "internal/demo", "internal/termsafe", "test:internal/pkttest", "test:internal/ptytest"},
	"flow":              {},
	"capture":           {"test:internal/pkttest"},
	"decode":            {"flow", "test:internal/pkttest"},
	"meter":             {"capture", "decode", "flow", "node", "test:internal/pkttest"},
	"node":              {"flow"},
	"search":            {"flow", "internal/termsafe"},
	"config":            {},
	"csvexport":         {"flow", "internal/termsafe"},
	"saved":             {},
	"db":                {"flow", "node", "search"},
	"tui":               {"flow", "node", "search", "csvexport", "internal/termsafe", "test:internal/ptytest"},
	"internal/termsafe": {},
	"internal/pkttest":  {"flow"},
	"internal/ptytest":  {},
	"internal/demo":     {"capture", "flow", "node", "internal/pkttest", "test:decode", "test:meter"},
	"docs/pictures":     {},
	"bench/genpcap":     {"internal/pkttest", "test:capture", "test:decode", "test:flow"},
	"bench/measure":     {},
}

// walls says where a third-party module may be imported. Modules that are not
// listed may not be imported at all.
var walls = map[string][]string{
	"charm.land/":                             {"tui"},
	"github.com/charmbracelet/x/ansi":         {"tui"},
	"github.com/charmbracelet/colorprofile":   {"tui"},
	"github.com/BurntSushi/toml":              {"config"},
	"database/sql":                            {"db"},
	"modernc.org/sqlite":                      {"db"},
	"github.com/gopacket/gopacket":            {"capture", "test:decode", "test:meter"},
	"golang.org/x/sys":                        {"capture", ".", "internal/ptytest"},
	"golang.org/x/net/bpf":                    {"capture"},
	"golang.org/x/term":                       {".", "test:tui"},
	"github.com/spf13/":                       {"."},
	"golang.org/x/sync/errgroup":              {"."},
	"github.com/hinshun/vt10x":                {"test:tui", "test:."},
	"github.com/rogpeppe/go-internal/testscr": {"test:."},
}

// TestImports holds every file to the tables above, whatever operating system it is for.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		seen[pkg] = true
		checkFile(t, pkg, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range imports {
		if !seen[pkg] {
			t.Errorf("package %s is in the import table and has no file", pkg)
		}
	}
}

func checkFile(t *testing.T, pkg, path string) {
	t.Helper()
	allowed, ok := imports[pkg]
	if !ok {
		t.Errorf("%s: package %q is not in the import table", path, pkg)
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	test := strings.HasSuffix(path, "_test.go")
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if own, isOwn := strings.CutPrefix(name, "weir/"); isOwn {
			if own != pkg && !permits(allowed, own, test) {
				t.Errorf("%s: %s may not import %s", path, pkg, own)
			}
			continue
		}
		checkWall(t, pkg, path, name, test)
	}
}

func checkWall(t *testing.T, pkg, path, name string, test bool) {
	t.Helper()
	for module, where := range walls {
		if strings.HasPrefix(name, module) {
			if !permits(where, pkg, test) {
				t.Errorf("%s: %s may not import %s", path, pkg, name)
			}
			return
		}
	}
	if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
		t.Errorf("%s: module %s has no line in the table of walls", path, name)
	}
}

// permits reports whether name is in list, or its test entry is and the file is a test.
func permits(list []string, name string, test bool) bool {
	return slices.Contains(list, name) || test && slices.Contains(list, "test:"+name)
}
