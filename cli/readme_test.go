package cli

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/tui"
)

var update = flag.Bool("update", false, "update the generated parts of README.md")

func TestTheReadmeListsTheKeysAsTheyAre(t *testing.T) {
	const head, tail = "## Keys\n\n", "\nThe source is the side"
	readme, err := os.ReadFile("../README.md")
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
		if err := os.WriteFile("../README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(readme) != want {
		t.Errorf("the keys changed; update README.md with: make golden")
	}
}

// TestEveryCommandOfTheDocumentationIsOne runs each in an empty home: it may fail
// for want of flows or of a terminal, but not for wrong usage.
func TestEveryCommandOfTheDocumentationIsOne(t *testing.T) {
	commands := 0
	for _, file := range []string{"../README.md", "../docs/search.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?m)(?:^|`)weir ([^`\n]+)").FindAllStringSubmatch(string(text), -1) {
			line, _, _ := strings.Cut(m[1], "  ") // what it does
			line, _, _ = strings.Cut(line, " > ")
			args := strings.Fields(line)
			if len(args) == 0 || args[len(args)-1] == "-r" || slices.Contains(args, "-i") || args[0] == "is" || args[0] == "watching" {
				continue // the name of something, a sentence, or it would capture
			}
			commands++
			t.Setenv("XDG_STATE_HOME", t.TempDir())
			t.Setenv("XDG_CONFIG_HOME", t.TempDir())
			if code, _, stderr := runWeir(t, args...); code == exitUsage {
				t.Errorf("%s: weir %s: %s", file, line, stderr)
			}
		}
	}
	if commands < 15 {
		t.Errorf("found %d commands only", commands)
	}
}
