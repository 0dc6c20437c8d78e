package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const architecture = "docs/ARCHITECTURE.md"

// rule says which imports a package may have, or which packages may import a module.
type rule struct {
	all   []string // for all files
	tests []string // for test files, besides
}

// permits reports whether name is listed. "x/..." lists x and everything below it.
func (r rule) permits(name string, test bool) bool {
	listed := func(p string) bool {
		below, ok := strings.CutSuffix(p, "/...")
		return p == name || ok && (below == name || strings.HasPrefix(name, below+"/"))
	}
	return slices.ContainsFunc(r.all, listed) || test && slices.ContainsFunc(r.tests, listed)
}

// TestImports holds every file, whatever operating system it is for, to the
// tables of docs/ARCHITECTURE.md: which package may import which of ours, and
// where each third-party module may be imported.
func TestImports(t *testing.T) {
	packages := readPackages(t)
	modules := readModules(t)
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
		if pkg == "." {
			pkg = "main"
		}
		seen[pkg] = true
		checkFile(t, packages, modules, pkg, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range packages {
		if !seen[pkg] {
			t.Errorf("%s: package %s has no file", architecture, pkg)
		}
	}
}

// TestTheRootShowsTheWayOfTheDataOnly keeps Go files out of the top level: they
// belong to a package with a name.
func TestTheRootShowsTheWayOfTheDataOnly(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"arch_test.go", "main.go"}; !slices.Equal(files, want) {
		t.Errorf("Go files in the root: %q, want %q", files, want)
	}
}

func checkFile(t *testing.T, packages, modules map[string]rule, pkg, path string) {
	t.Helper()
	allowed, ok := packages[pkg]
	if !ok {
		t.Errorf("%s: package %q is not in the table of %s", path, pkg, architecture)
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
			if own != pkg && !allowed.permits(own, test) {
				t.Errorf("%s: %s may not import %s", path, pkg, own)
			}
			continue
		}
		checkModule(t, modules, pkg, path, name, test)
	}
}

func checkModule(t *testing.T, modules map[string]rule, pkg, path, name string, test bool) {
	t.Helper()
	// The longest path that begins the name: a module may be listed in parts.
	module := ""
	for m := range modules {
		if (name == m || strings.HasPrefix(name, m+"/")) && len(m) > len(module) {
			module = m
		}
	}
	switch {
	case module != "" && !modules[module].permits(pkg, test):
		t.Errorf("%s: %s may not import %s", path, pkg, name)
	case module == "" && strings.Contains(strings.Split(name, "/")[0], "."):
		t.Errorf("%s: %s has no line in the table of dependencies in %s", path, name, architecture)
	}
}

// readPackages reads the table of packages: package, what it is, imports of
// ours, and what its tests import besides.
func readPackages(t *testing.T) map[string]rule {
	packages := map[string]rule{}
	for _, row := range readTable(t, "| package |", 4) {
		for _, name := range list(row[0]) {
			packages[name] = rule{list(row[2]), list(row[3])}
		}
	}
	return packages
}

// readModules reads the table of dependencies: modules with their versions, licence,
// packages that import them ("tests of x": its tests only), and why.
func readModules(t *testing.T) map[string]rule {
	modules := map[string]rule{}
	for _, row := range readTable(t, "| module |", 4) {
		var r rule
		for _, user := range list(row[2]) {
			if tested, ok := strings.CutPrefix(user, "tests of "); ok {
				r.tests = append(r.tests, tested)
			} else {
				r.all = append(r.all, user)
			}
		}
		for _, module := range list(row[0]) {
			path, _, _ := strings.Cut(module, " ")
			modules[path] = r
		}
	}
	return modules
}

// readTable returns the cells of the table whose head begins so.
func readTable(t *testing.T, head string, columns int) [][]string {
	t.Helper()
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n"+head)
	if !ok {
		t.Fatalf("%s has no table %q", architecture, head)
	}
	var rows [][]string
	for _, line := range strings.Split(rest, "\n")[2:] { // behind the head and its rule
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != columns {
			t.Fatalf("%s: %d columns instead of %d: %s", architecture, len(cells), columns, line)
		}
		rows = append(rows, cells)
	}
	if len(rows) < 5 {
		t.Fatalf("%s: the table %q has %d rows only", architecture, head, len(rows))
	}
	return rows
}

// list splits a cell at its commas; "–" is an empty list.
func list(cell string) []string {
	var names []string
	for _, name := range strings.Split(cell, ",") {
		if name = strings.Trim(name, " `–"); name != "" {
			names = append(names, name)
		}
	}
	return names
}
