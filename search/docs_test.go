package search

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// fieldsTable is the table that docs/search.md ends with.
func fieldsTable() string {
	var b strings.Builder
	b.WriteString("| Field | Also | What | Example |\n|---|---|---|---|\n")
	for _, info := range Fields() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` |\n", info.Word, strings.Join(info.Aliases, ", "), info.Help, info.Example)
	}
	return b.String()
}

func readDocs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/search.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheDocumentationListsEveryField(t *testing.T) {
	if want := "## Fields\n\n" + fieldsTable(); !strings.HasSuffix(readDocs(t), want) {
		t.Errorf("docs/search.md should end with\n%s", want)
	}
}

// notFilters stand in the documentation as code and are parts of filters.
var notFilters = map[string]bool{
	"!": true, "*": true, "<": true, "and": true, "ip": true, "port": true, "rtt": true, "flags": true, "sflags": true, "dflags": true, "anynode": true,
	"or": true, ":save half-open": true, ":open half-open": true, ":forget half-open": true,
}

func TestEveryExampleOfTheDocumentationParses(t *testing.T) {
	text, _, _ := strings.Cut(readDocs(t), "## Fields\n")
	examples := regexp.MustCompile("(?s)```filter\n(.*?)\n```").FindAllStringSubmatch(text, -1)
	examples = append(examples, regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1)...)
	n := 0
	for _, m := range examples {
		if notFilters[m[1]] {
			continue
		}
		n++
		example := strings.ReplaceAll(m[1], `\|`, "|")
		if _, err := ParseQuery(example, testNow, testLoc); err != nil {
			t.Errorf("%s: %v", example, err)
		}
	}
	if n < 70 {
		t.Errorf("found %d examples only", n)
	}
}

func TestBareWordsAreReadAsDocumented(t *testing.T) {
	text := readDocs(t)
	_, text, ok := strings.Cut(text, "## Bare words\n")
	text, _, ok2 := strings.Cut(text, "\n## ")
	if !ok || !ok2 {
		t.Fatal("no section on bare words")
	}
	code := regexp.MustCompile("`([^`]+)`")
	rows := 0
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || !strings.Contains(line, "`") {
			continue
		}
		words, meanings := code.FindAllStringSubmatch(cells[1], -1), code.FindAllStringSubmatch(cells[2], -1)
		if len(words) != len(meanings) {
			t.Fatalf("%s has %d words and %d meanings", line, len(words), len(meanings))
		}
		for i := range words {
			rows++
			if x, err := Parse(words[i][1]); err != nil || x.String() != meanings[i][1] {
				t.Errorf("%s is read as %v, %v, want %s", words[i][1], x, err, meanings[i][1])
			}
		}
	}
	if rows < 10 {
		t.Errorf("found %d bare words only", rows)
	}
}
