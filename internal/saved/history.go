package saved

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"weir/internal/atomicfile"
)

// HistoryMax is the maximum number of searches in a history.
const HistoryMax = 100

// History is the path of a file with recent searches, oldest first.
type History string

// Load returns the searches, oldest first; nil if the file does not exist.
func (h History) Load() ([]string, error) {
	lines, err := readLines(string(h))
	if err != nil {
		return nil, fmt.Errorf("read search history: %w", err)
	}
	var all []string
	for _, line := range lines {
		if s := strings.TrimSpace(string(line)); s != "" {
			all = append(all, s)
		}
	}
	return all[max(0, len(all)-HistoryMax):], nil
}

// Add appends a search, removes an earlier duplicate and trims the history to
// HistoryMax. It returns the new history.
func (h History) Add(text string) ([]string, error) {
	all, err := h.Load()
	if err != nil {
		return nil, err
	}
	all, changed := Append(all, text)
	if !changed {
		return all, nil
	}
	if err := atomicfile.WriteFile(string(h), []byte(strings.Join(all, "\n")+"\n")); err != nil {
		return all, fmt.Errorf("write search history: %w", err)
	}
	return all, nil
}

// Append is like Add for searches in memory. It does not modify all.
func Append(all []string, text string) (result []string, changed bool) {
	text = oneLine(text)
	if text == "" || len(all) > 0 && all[len(all)-1] == text {
		return all, false
	}
	all = slices.DeleteFunc(slices.Clone(all), func(old string) bool { return old == text })
	all = append(all, text)
	return all[max(0, len(all)-HistoryMax):], true
}

// oneLine returns text with control characters, including line breaks, replaced
// by blanks.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
}
