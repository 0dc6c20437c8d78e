package block

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestTheDocumentationListsEveryColumn compares the numbers of the table of columns in docs/schema.md, and which of
// them hold addresses, with the columns of this program.
func TestTheDocumentationListsEveryColumn(t *testing.T) {
	text, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| number | column | unit, range |\n|---|---|---|\n")
	if !found {
		t.Fatal("docs/schema.md has no table of columns")
	}
	next := ColID
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		if len(cells) != 3 {
			break // the end of the table
		}
		for number := range strings.SplitSeq(cells[0], ",") {
			c, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil || Column(c) != next {
				t.Fatalf("column %q comes where %d is due", number, next)
			}
			if isAddress := strings.Contains(cells[2], "address list"); isAddress != next.IsAddress() {
				t.Errorf("column %d holds addresses: %v, docs/schema.md says %v", c, next.IsAddress(), isAddress)
			}
			next++
		}
	}
	if next != NumColumns {
		t.Errorf("docs/schema.md lists %d columns, want %d", next, NumColumns)
	}
}
