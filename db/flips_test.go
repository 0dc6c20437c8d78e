package db

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

var (
	flips       = flag.Int("flips", 60, "flipped bits of TestNoFlippedBitIsAWrongAnswer")
	truncations = flag.Int("truncations", 6, "cut files of TestNoTruncationIsAWrongAnswer")
	tornSeed    = flag.Uint64("torn-seed", 1, "seed of both")
)

// tornStore returns a store of 3,000 ended flows in blocks, as the bytes of its file, and its flows by
// id.
func tornStore(t *testing.T) (file []byte, want map[int64]flow.Record) {
	t.Helper()
	return tornStoreOf(t, 3_000, 0)
}

// tornStoreOf is tornStore with numbers of ended flows in blocks and of open flows, half of which were
// updated.
func tornStoreOf(t *testing.T, ended, open int) (file []byte, want map[int64]flow.Record) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	w := openAt(t, path)
	w.blockRows = 400
	stop := run(t, w)
	if ended > 0 {
		store(t, w, traffic(1, ended)...)
	}
	if err := w.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if open > 0 {
		recs := traffic(int64(ended)+1, open)
		for i := range recs {
			recs[i].EndReason = flow.StillOpen
		}
		store(t, w, recs...)
		updated := slices.Clone(recs[open/4 : open*3/4])
		for i := range updated {
			updated[i].Sent.Packets++
		}
		store(t, w, updated...)
	}
	declareTorn(t, w)
	want = map[int64]flow.Record{}
	err := w.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(r *flow.Record) error {
		want[r.ID] = *r
		return nil
	})
	stop()
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if file, err = os.ReadFile(path); err != nil || len(want) != ended+open {
		t.Fatalf("%d flows, %v", len(want), err)
	}
	return file, want
}

// reading is what reading a damaged file gave.
type reading struct {
	refused error    // the file, or the query; nil: answered
	tables  []string // small ones that answers say to be damaged
	rows    int
	missing int64
	unknown bool // how much is missing
}

// readTorn reads all flows of a file in every way, and what is in its small tables, and fails the test if
// an answer is wrong and does not say so.
func readTorn(t *testing.T, path, what string, want map[int64]flow.Record, whole map[string]any) (got reading) {
	t.Helper()
	r, err := OpenReader(t.Context(), path, ReaderOptions{Now: func() time.Time { return epoch }})
	if err != nil {
		return reading{refused: err}
	}
	defer r.Close()
	got.tables = wantAnswers(t, r, what, whole)
	seen := map[int64]bool{}
	err = r.Each(t.Context(), search.Request{Query: search.Query{Limit: -1}}, func(rec *flow.Record) error {
		got.rows++
		full := want[rec.ID]
		switch {
		case seen[rec.ID]:
			t.Errorf("%s: flow %d twice", what, rec.ID)
		case *rec != full:
			t.Errorf("%s: flow %d is\n%+v, want\n%+v", what, rec.ID, *rec, full)
		}
		seen[rec.ID] = true
		return nil
	})
	gaps, ok := search.Incomplete(err)
	if !ok {
		got.refused = err
		return got
	}
	for _, g := range gaps {
		got.missing += max(g.Flows, 0)
		got.unknown = got.unknown || g.Flows < 0
	}
	if all := int64(got.rows) + got.missing; all != int64(len(want)) && (!got.unknown || all > int64(len(want))) {
		t.Errorf("%s: %d flows are given, %d said to be missing, of %d; %v", what, got.rows, got.missing, len(want), err)
	}
	wantSums(t, r, what, len(want))
	return got
}

// eachSum calls check with the flows that the sums of a store count; by has at most groups values.
func eachSum(t *testing.T, r *Reader, by search.By, groups int, check func(what string, n int64, err error)) {
	t.Helper()
	n, err := r.Count(t.Context(), search.Request{}, -1)
	check("count", n, err)
	top, err := r.Top(t.Context(), search.TopRequest{By: search.Grouping{by}, N: groups})
	n = 0
	for i := range top.Rows {
		n += top.Rows[i].Flows
	}
	check("top", n, err)
	buckets, err := r.Buckets(t.Context(), search.Request{}, 7)
	n = 0
	for i := range buckets {
		n += buckets[i].Started
	}
	check("buckets", n, err)
}

// wantSums checks that the sums of a store are those of all its flows, or say what is missing.
func wantSums(t *testing.T, r *Reader, what string, all int) {
	t.Helper()
	check := func(name string, n int64, err error) {
		gaps, ok := search.Incomplete(err)
		for _, g := range gaps {
			n += max(g.Flows, 0)
			if g.Flows < 0 {
				return
			}
		}
		if ok && n != int64(all) {
			t.Errorf("%s: %s has %d of %d flows, with those said to be missing; %v", what, name, n, all, err)
		}
	}
	eachSum(t, r, search.ByPair, all, check)
	nodes, err := r.Summaries(t.Context(), search.Range{})
	n := int64(0)
	for i := range nodes {
		n += nodes[i].Flows
	}
	check("summaries", n, err)
}

// wantNamed fails the test if a refusal does not say what to do.
func wantNamed(t *testing.T, what string, err error) {
	t.Helper()
	if !strings.Contains(err.Error(), "weir db salvage") && !errors.Is(err, errNewer) && !errors.Is(err, errOlder) && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: refused without mentioning weir db salvage: %v", what, err)
	}
}

func TestNoFlippedBitIsAWrongAnswer(t *testing.T) {
	for name, flows := range map[string][2]int{"blocks": {3_000, 0}, "pieces": {0, 2_500}, "both": {1_500, 1_500}} {
		t.Run(name, func(t *testing.T) {
			file, want := tornStoreOf(t, flows[0], flows[1])
			flipBits(t, file, want, *flips/3)
		})
	}
}

func flipBits(t *testing.T, file []byte, want map[int64]flow.Record, flips int) {
	rng := rand.New(rand.NewPCG(*tornSeed, 0))
	answers := wholeAnswers(t, file)
	path := filepath.Join(t.TempDir(), "weir.db")
	whole, gaps, tables, refused := 0, 0, 0, 0
	for range flips {
		at, bit := rng.IntN(len(file)), rng.IntN(8)
		broken := bytes.Clone(file)
		broken[at] ^= 1 << bit
		writeTorn(t, path, broken)
		what := strings.Join([]string{"bit", strconv.Itoa(bit), "of byte", strconv.Itoa(at), "in page", strconv.Itoa(at/4096 + 1)}, " ")
		switch got := readTorn(t, path, what, want, answers); {
		case got.refused != nil:
			wantNamed(t, what, got.refused)
			refused++
		case got.missing > 0 || got.unknown:
			gaps++
		case len(got.tables) > 0:
			tables++
		default:
			whole++
		}
	}
	t.Logf("%d flips: %d without effect, %d with a reported gap, %d with a small table reported as damaged, %d refused", flips, whole, gaps, tables, refused)
	if whole == 0 || gaps == 0 {
		t.Error("the flips show nothing")
	}
}

func TestNoTruncationIsAWrongAnswer(t *testing.T) {
	file, want := tornStore(t)
	rng := rand.New(rand.NewPCG(*tornSeed, 1))
	answers := wholeAnswers(t, file)
	path := filepath.Join(t.TempDir(), "weir.db")
	for range *truncations {
		size := rng.IntN(len(file))
		writeTorn(t, path, file[:size])
		what := "cut to " + strconv.Itoa(size) + " bytes"
		if got := readTorn(t, path, what, want, answers); got.refused != nil {
			wantNamed(t, what, got.refused)
		}
	}
}

// broken returns a file with more damage than a bit: a sector of zeros or of garbage, or a page with the
// content of another one, as after a write to the wrong place.
func broken(rng *rand.Rand, file []byte) (data []byte, what string) {
	const sector, pageSize = 512, 4096
	data = bytes.Clone(file)
	at := rng.IntN(len(file)/sector) * sector
	switch rng.IntN(3) {
	case 0:
		clear(data[at : at+sector])
		return data, "zeros at " + strconv.Itoa(at)
	case 1:
		for k := range sector {
			data[at+k] = byte(rng.Uint32())
		}
		return data, "garbage at " + strconv.Itoa(at)
	}
	from, to := rng.IntN(len(file)/pageSize), at/pageSize
	copy(data[to*pageSize:(to+1)*pageSize], file[from*pageSize:])
	return data, "page " + strconv.Itoa(from+1) + " in the place of page " + strconv.Itoa(to+1)
}

func TestNoBrokenSectorIsAWrongAnswer(t *testing.T) {
	file, want := tornStore(t)
	rng := rand.New(rand.NewPCG(*tornSeed, 4))
	answers := wholeAnswers(t, file)
	path := filepath.Join(t.TempDir(), "weir.db")
	whole, gaps, refused := 0, 0, 0
	for range max(*flips/3, 12) {
		data, what := broken(rng, file)
		writeTorn(t, path, data)
		switch got := readTorn(t, path, what, want, answers); {
		case got.refused != nil:
			wantNamed(t, what, got.refused)
			refused++
		case got.missing > 0 || got.unknown:
			gaps++
		default:
			whole++
		}
	}
	t.Logf("%d without effect, %d with a reported gap, %d refused", whole, gaps, refused)
}

func writeTorn(t *testing.T, path string, data []byte) {
	t.Helper()
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
