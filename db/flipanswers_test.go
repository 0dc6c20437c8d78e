package db

import (
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/node"
	"weir/search"
)

// declareTorn declares nodes and a group in the store of tornStoreOf, and writes spans of coverage.
func declareTorn(t *testing.T, w *Writer) {
	t.Helper()
	inv := inventoryOf(t, w.path)
	for name, prefix := range map[string]string{"dc-1": "10.0.0.0/20", "dc-2": "198.51.0.0/16", "node-1": "2001:db8::/48"} {
		if err := inv.AddNode(t.Context(), node.Node{Name: name, Prefixes: []netip.Prefix{netip.MustParsePrefix(prefix)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := inv.AddToGroup(t.Context(), "some", []string{"node-1", "node-3"}); err != nil {
		t.Fatal(err)
	}
	err := w.transact(t.Context(), func(c connection) error {
		return c.writeCoverage([]flow.Coverage{spanAt(-5, 3), spanAt(4, 9)}, true)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// smallAnswers are the answers of a store that need its small tables, by name. Each has an error or is
// complete.
func smallAnswers(t *testing.T, r *Reader) (answers map[string]any, errs map[string]error) {
	t.Helper()
	answers, errs = map[string]any{}, map[string]error{}
	note := func(name string, answer any, err error) { answers[name], errs[name] = answer, err }
	nodes, err := r.Nodes(t.Context())
	note("Nodes", nodes, err)
	summaries, err := r.Summaries(t.Context(), search.Range{})
	note("Summaries", summaries, err)
	groups, err := r.Groups(t.Context())
	note("Groups", groups, err)
	spans, err := r.Coverage(t.Context(), search.Range{})
	note("Coverage", spans, err)
	n, err := r.Count(t.Context(), byGroup("some"), -1)
	note("group:some", n, err)
	return answers, errs
}

// wholeAnswers returns the small answers of an undamaged file.
func wholeAnswers(t *testing.T, file []byte) map[string]any {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	writeTorn(t, path, file)
	r, err := OpenReader(t.Context(), path, ReaderOptions{Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	answers, errs := smallAnswers(t, r)
	for name, err := range errs {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return answers
}

// wantAnswers checks that small answers are those of the undamaged file, or say what is missing. It
// returns which small tables they say to be damaged.
func wantAnswers(t *testing.T, r *Reader, what string, whole map[string]any) (tables []string) {
	t.Helper()
	answers, errs := smallAnswers(t, r)
	for name, err := range errs {
		gaps, ok := search.Incomplete(err)
		switch {
		case err == nil && !reflect.DeepEqual(answers[name], whole[name]):
			t.Errorf("%s: %s is\n%+v, want\n%+v", what, name, answers[name], whole[name])
		case !ok && !strings.Contains(err.Error(), "weir db"):
			t.Errorf("%s: %s is refused without mentioning what to do: %v", what, name, err)
		}
		for _, g := range gaps {
			if g.Table != "" && !slices.Contains(tables, g.Table) {
				tables = append(tables, g.Table)
			}
		}
	}
	return tables
}

// TestNoFlippedBitOfASmallTableIsAWrongAnswer flips every bit of the pages with declarations, reporters
// and coverage, as far as -flips goes.
func TestNoFlippedBitOfASmallTableIsAWrongAnswer(t *testing.T) {
	file, _ := tornStoreOf(t, 20, 0)
	whole := wholeAnswers(t, file)
	path := filepath.Join(t.TempDir(), "weir.db")
	var bits []int // of cells with text or numbers of these tables
	for _, text := range []string{"dc-1", "dc-2", "node-1", "10.0.0.0/20", "198.51.0.0/16", "some", "eth0", "edge-1", "reporters", "node_groups"} {
		for at := strings.Index(string(file[4096:]), text) + 4096; at >= 4096; {
			for bit := 8 * (at - 12); bit < 8*(at+len(text)+8); bit++ {
				bits = append(bits, bit)
			}
			next := strings.Index(string(file[at+1:]), text)
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
	slices.Sort(bits)
	bits = slices.Compact(bits)
	step := max(1, len(bits) / *flips)
	reported, silent, refused := 0, 0, 0
	for i := 0; i < len(bits); i += step {
		broken := slices.Clone(file)
		broken[bits[i]/8] ^= 1 << (bits[i] % 8)
		writeTorn(t, path, broken)
		what := "bit " + strconv.Itoa(bits[i]%8) + " of byte " + strconv.Itoa(bits[i]/8)
		r, err := OpenReader(t.Context(), path, ReaderOptions{Now: func() time.Time { return epoch }})
		if err != nil {
			wantNamed(t, what, err)
			refused++
			continue
		}
		if len(wantAnswers(t, r, what, whole)) > 0 {
			reported++
		} else {
			silent++
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d flips: %d without effect or refused by a query, %d with a table reported as damaged, %d refused", (len(bits)+step-1)/step, silent, reported, refused)
	if reported == 0 {
		t.Error("the flips show nothing")
	}
}
