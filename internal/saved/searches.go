package saved

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weir/internal/atomicfile"
)

// Search is a search with a name.
type Search struct {
	Name string // see ValidName
	Text string // of a whole query, in one line
}

// Searches is the path of a file with named searches. A line of it is
//
//	half-open = "since:2h flags:syn,!ack"
//
// with Go's escapes within the quotes. The quotes may be left out. Empty lines
// and those that begin with # are kept as they are.
type Searches string

// ErrUnknown is what Get and Remove answer for a name that no search has.
var ErrUnknown = errors.New("no search has this name")

// List returns the searches in the order of the file; none if there is no file yet.
func (s Searches) List() ([]Search, error) {
	lines, err := readLines(string(s))
	if err != nil {
		return nil, fmt.Errorf("read saved searches: %w", err)
	}
	var all []Search
	for i, line := range lines {
		one, ok, err := parseLine(string(line))
		if err != nil {
			return nil, fmt.Errorf("read saved searches: %s, line %d: %w", string(s), i+1, err)
		}
		if ok {
			all = append(all, one)
		}
	}
	return all, nil
}

// Get returns the text of a search. Names compare without regard to case.
func (s Searches) Get(name string) (string, error) {
	all, err := s.List()
	if err != nil {
		return "", err
	}
	names := make([]string, len(all))
	for i, one := range all {
		if strings.EqualFold(one.Name, name) {
			return one.Text, nil
		}
		names[i] = one.Name
	}
	if len(names) == 0 {
		return "", fmt.Errorf("search %q: %w; none is saved yet in %s", name, ErrUnknown, string(s))
	}
	slices.Sort(names)
	return "", fmt.Errorf("search %q: %w; there are %s", name, ErrUnknown, strings.Join(names, ", "))
}

// Save gives a text a name. A search that had the name before is replaced in
// its place.
func (s Searches) Save(name, text string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	return s.change(name, name+" = "+strconv.Quote(oneLine(text)), true)
}

// Remove forgets a search.
func (s Searches) Remove(name string) error { return s.change(name, "", false) }

// change puts a line in the place of the search's, or at the end if add allows
// it. An empty line takes it away.
func (s Searches) change(name, line string, add bool) error {
	lines, err := readLines(string(s))
	if err != nil {
		return fmt.Errorf("read saved searches: %w", err)
	}
	var out [][]byte
	found := false
	for _, old := range lines {
		one, ok, err := parseLine(string(old))
		if err != nil || !ok || !strings.EqualFold(one.Name, name) {
			out = append(out, old)
			continue
		}
		if line != "" && !found {
			out = append(out, []byte(line))
		}
		found = true
	}
	switch {
	case !found && !add:
		return fmt.Errorf("search %q: %w", name, ErrUnknown)
	case !found:
		out = append(out, []byte(line))
	}
	if err := atomicfile.WriteFile(string(s), append(bytes.Join(out, []byte("\n")), '\n')); err != nil {
		return fmt.Errorf("write saved searches: %w", err)
	}
	return nil
}

// parseLine reads one line. ok is false for one that holds no search.
func parseLine(line string) (one Search, ok bool, err error) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return one, false, nil
	}
	name, text, found := strings.Cut(line, "=")
	if !found {
		return one, false, fmt.Errorf(`%q is no search: expected NAME = "text"`, line)
	}
	one = Search{strings.TrimSpace(name), strings.TrimSpace(text)}
	if err := ValidName(one.Name); err != nil {
		return one, false, err
	}
	if strings.HasPrefix(one.Text, `"`) {
		// A text that only begins with a quoted name was not written by Save: it stays as it is.
		if plain, err := strconv.Unquote(one.Text); err == nil {
			one.Text = plain
		}
	}
	return one, true, nil
}

// maxName is the longest name, in bytes: it fits a line of a list.
const maxName = 40

// ValidName reports what is wrong with the name of a search: it consists of
// letters, digits, '-', '_' and '.', so that it can be typed behind @ and :open.
func ValidName(name string) error {
	valid := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r)
	}
	if name == "" || len(name) > maxName || strings.IndexFunc(name, func(r rune) bool { return !valid(r) }) >= 0 {
		return fmt.Errorf("bad name %q for a search: expected 1 to %d letters, digits, dots, underscores and hyphens", name, maxName)
	}
	return nil
}
