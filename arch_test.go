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
	all   []*permission // for all files
	tests []*permission // for test files, besides
}

// permission is a name in a table. "x/..." permits x and everything below it.
type permission struct {
	name string
	used bool // by a file that needs it: of those for all files, by one that is not a test
}

func (p *permission) covers(name string) bool {
	below, ok := strings.CutSuffix(p.name, "/...")
	return p.name == name || ok && (below == name || strings.HasPrefix(name, below+"/"))
}

// permits reports whether name is permitted, and notes by what.
func (r rule) permits(name string, test bool) bool {
	covers := func(p *permission) bool { return p.covers(name) }
	if i := slices.IndexFunc(r.all, covers); i >= 0 {
		r.all[i].used = r.all[i].used || !test
		return true
	}
	i := slices.IndexFunc(r.tests, covers)
	if i < 0 || !test {
		return false
	}
	r.tests[i].used = true
	return true
}

// checkUse reports what a rule permits although no file needs it.
func (r rule) checkUse(t *testing.T, of string) {
	t.Helper()
	for kind, list := range map[string][]*permission{"file that is not a test": r.all, "test": r.tests} {
		for _, p := range list {
			if !p.used {
				t.Errorf("%s: %s: no %s needs the permission %s", architecture, of, kind, p.name)
			}
		}
	}
}

// TestImports holds every file, whatever operating system it is for, to the
// tables of docs/ARCHITECTURE.md: which package may import which of ours, and
// where each third-party module may be imported. A permission that no file needs
// is an error, too.
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
		packages[pkg].checkUse(t, "package "+pkg)
	}
	for module, r := range modules {
		r.checkUse(t, "module "+module)
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
			if _, ok := packages[name]; ok {
				t.Errorf("%s: package %s is listed twice", architecture, name)
			}
			packages[name] = rule{permissions(row[2]), permissions(row[3])}
		}
	}
	return packages
}

// readModules reads the table of dependencies: modules with their versions, licence,
// packages that import them ("tests of x": its tests only), and why.
func readModules(t *testing.T) map[string]rule {
	modules := map[string]rule{}
	for _, row := range readTable(t, "| module |", 4) {
		for _, module := range list(row[0]) {
			path, _, _ := strings.Cut(module, " ")
			var r rule
			for _, user := range permissions(row[2]) {
				if tested, ok := strings.CutPrefix(user.name, "tests of "); ok {
					r.tests = append(r.tests, &permission{name: tested})
				} else {
					r.all = append(r.all, user)
				}
			}
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

func permissions(cell string) (all []*permission) {
	for _, name := range list(cell) {
		all = append(all, &permission{name: name})
	}
	return all
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
