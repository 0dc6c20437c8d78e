package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"weir/tui"
)

var update = flag.Bool("update", false, "write what is generated anew")

func TestTheReadmeListsTheKeysAsTheyAre(t *testing.T) {
	const head, tail = "## Keys\n\n", "\nSource is who started"
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), head)
	_, after, ok2 := strings.Cut(rest, tail)
	if !ok || !ok2 {
		t.Fatalf("README.md has no %q … %q", head, tail)
	}
	want := before + head + tui.KeyTable() + tail + after
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(readme) != want {
		t.Errorf("the keys changed; write README.md anew with: make golden")
	}
}
