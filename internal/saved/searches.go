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

// Search is a named search.
type Search struct {
	Name string // see ValidName
	Text string // text of a whole query, in one line
}

// Searches is the path of a file with named searches, one per line:
//
//	half-open = "since:2h flags:syn,!ack"
//
// The quotes are optional; quoted text has Go escapes. Blank lines and lines
// that start with # are preserved.
type Searches string

// ErrUnknown is returned by Get and Remove for an unknown name.
var ErrUnknown = errors.New("no search has this name")

// List returns the searches in file order; nil if the file does not exist.
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

// Get returns the text of a search. Names are case-insensitive. The error for an
// unknown name wraps [ErrUnknown].
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
	return "", fmt.Errorf("search %q: %w; saved searches: %s", name, ErrUnknown, strings.Join(names, ", "))
}

// Save stores a named search. It replaces a search with the same name in place.
func (s Searches) Save(name, text string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	return s.change(name, name+" = "+strconv.Quote(oneLine(text)), true)
}

// Remove removes a search. The error for an unknown name wraps [ErrUnknown].
func (s Searches) Remove(name string) error { return s.change(name, "", false) }

// change replaces the line of a search or, if add is set and there is none,
// appends it. An empty line removes the search.
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

// parseLine parses one line. ok is false for a blank line or a comment.
func parseLine(line string) (one Search, ok bool, err error) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return one, false, nil
	}
	name, text, found := strings.Cut(line, "=")
	if !found {
		return one, false, fmt.Errorf(`invalid search %q: expected NAME = "text"`, line)
	}
	one = Search{strings.TrimSpace(name), strings.TrimSpace(text)}
	if err := ValidName(one.Name); err != nil {
		return one, false, err
	}
	if strings.HasPrefix(one.Text, `"`) {
		// Text that merely starts with a quote was not written by Save and stays unchanged.
		if plain, err := strconv.Unquote(one.Text); err == nil {
			one.Text = plain
		}
	}
	return one, true, nil
}

// maxName is the maximum length of a name in bytes, which fits a line of a list.
const maxName = 40

// ValidName returns an error if name is not a valid name of a search. A name has
// 1 to 40 ASCII letters, digits, '-', '_' and '.', so that it needs no quotes
// after @ and :open.
func ValidName(name string) error {
	valid := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r)
	}
	if name == "" || len(name) > maxName || strings.IndexFunc(name, func(r rune) bool { return !valid(r) }) >= 0 {
		return fmt.Errorf("invalid name %q for a search: expected 1 to %d letters, digits, dots, underscores and hyphens", name, maxName)
	}
	return nil
}
