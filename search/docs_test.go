package search

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// fieldsTable returns the table at the end of docs/search.md.
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

func TestDocumentationListsEveryField(t *testing.T) {
	if want := "## Fields\n\n" + fieldsTable(); !strings.HasSuffix(readDocs(t), want) {
		t.Errorf("docs/search.md should end with\n%s", want)
	}
}

// notFilters holds code spans of the documentation that are not whole filters.
var notFilters = map[string]bool{
	"!": true, "*": true, "<": true, "and": true, "or": true, "5m": true, "24:00": true, "mo": true, "y": true, ":save half-open": true, ":open half-open": true, ":forget half-open": true,
	"pair": true, "flows": true, "share": true, "rate": true, "peers": true, "key": true, // of sums
	"c": true, "columns": true, "sourceIP": true, "group": true,
}

// TestDocumentationExamples compares the canonical text of every example with
// testdata/examples.golden, which has one example per line. Commands are tested
// in package cli.
func TestDocumentationExamples(t *testing.T) {
	text, _, _ := strings.Cut(readDocs(t), "## Fields\n")
	examples := regexp.MustCompile("(?s)```filter\n(.*?)\n```").FindAllStringSubmatch(text, -1)
	examples = append(examples, regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1)...)
	var parsed strings.Builder
	for _, m := range examples {
		if notFilters[m[1]] || fieldByWord(m[1]) != FieldNone && m[1] != "open" || strings.HasPrefix(m[1], "weir ") || strings.HasPrefix(m[1], "--") {
			continue
		}
		example := strings.ReplaceAll(m[1], `\|`, "|")
		q, err := ParseQuery(example, testNow, testLoc)
		if err != nil {
			t.Errorf("%s: %v", example, err)
			continue
		}
		fmt.Fprintf(&parsed, "%-40s %s\n", example, q.Text())
	}
	const golden = "testdata/examples.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(parsed.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(parsed.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wanted)) {
		if a, b := at(got, i), at(wanted, i); a != b {
			t.Fatalf("line %d is\n%s\nwant\n%s\ngo test -update ./search accepts the current output", i+1, a, b)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden file")

// at returns line i, or "" if there are fewer lines.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func TestBareWordsParseAsDocumented(t *testing.T) {
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
				t.Errorf("%s parses as %v, %v, want %s", words[i][1], x, err, meanings[i][1])
			}
		}
	}
	if rows < 10 {
		t.Errorf("found only %d bare words", rows)
	}
}
