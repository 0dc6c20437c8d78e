package db

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/node"
)

// salvaged salvages a file and returns the flows of the new store by id.
func salvaged(t *testing.T, from string) (map[int64]flow.Record, Salvaged) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "new.db")
	o := WriterOptions{Now: func() time.Time { return epoch }}
	done, err := Salvage(t.Context(), from, to, o, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	r := readerOf(t, to)
	got := map[int64]flow.Record{}
	for _, rec := range storetest.All(t, r) {
		got[rec.ID] = rec
	}
	if flows, err := r.Check(t.Context(), func(p string) { t.Errorf("the new store is damaged: %s", p) }); err != nil || flows != int64(len(got)) || flows != done.Flows {
		t.Errorf("a check of the new store counts %d flows, %v, want %d and %d", flows, err, len(got), done.Flows)
	}
	return got, done
}

// wantFlows fails the test if a flow is not what it was, and returns how many are missing.
func wantFlows(t *testing.T, what string, got, want map[int64]flow.Record) (missing int) {
	t.Helper()
	for id, r := range got {
		full := want[id]
		full.Node, full.Interface, full.Src.Node, full.Dst.Node = r.Node, r.Interface, r.Src.Node, r.Dst.Node
		if r != full && withoutRowsOnly(r) != withoutRowsOnly(full) {
			t.Errorf("%s: flow %d is\n%+v, want\n%+v", what, id, r, want[id])
		}
	}
	return len(want) - len(got)
}

func TestSalvageCopiesAWholeStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	w := openAt(t, path)
	w.blockRows = 400
	stop := run(t, w)
	store(t, w, traffic(1, 2_000)...)
	store(t, w, traffic(2_001, 7)...) // not in a block
	open := traffic(2_008, 1)[0]
	open.EndReason = flow.StillOpen
	store(t, w, open)
	stop()
	want := map[int64]flow.Record{}
	for _, r := range storetest.All(t, w) {
		want[r.ID] = r
	}
	open.EndReason = flow.ForcedEnd
	want[open.ID] = open
	inv, err := OpenInventory(t.Context(), path, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	prefixes := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	err = errors.Join(inv.AddNode(t.Context(), node.Node{Name: "dc-2", Prefixes: prefixes}), inv.AddToGroup(t.Context(), "all", []string{"dc-2", "node-1"}), inv.Close())
	if err != nil {
		t.Fatal(err)
	}
	before := files(t, path)
	to := filepath.Join(t.TempDir(), "new.db")
	done, err := Salvage(t.Context(), path, to, WriterOptions{Now: func() time.Time { return epoch }}, func(what string) { t.Errorf("told: %s", what) })
	if err != nil || done.Flows != 2_008 || done.Lost != 0 || done.Names != 0 || done.NoHeader != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	for name, data := range before {
		if !bytes.Equal(data, files(t, path)[name]) {
			t.Errorf("%s was changed", name)
		}
	}
	r := readerOf(t, to)
	got := storetest.All(t, r)
	for _, rec := range got {
		if rec != want[rec.ID] {
			t.Errorf("flow %d is\n%+v, want\n%+v", rec.ID, rec, want[rec.ID])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d flows, want %d", len(got), len(want))
	}
	nodes, err := r.Nodes(t.Context())
	if i := slices.IndexFunc(nodes, func(n node.Node) bool { return n.Name == "dc-2" }); err != nil || i < 0 || !slices.Equal(nodes[i].Prefixes, prefixes) {
		t.Errorf("nodes %v, %v", nodes, err)
	}
	if groups, err := r.Groups(t.Context()); err != nil || groups.Find("all") == nil || len(groups.Find("all").Members) != 2 {
		t.Errorf("groups %v, %v", groups, err)
	}
	if _, err := Salvage(t.Context(), path, to, WriterOptions{}, func(string) {}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("into a file that exists: %v", err)
	}
}

// files returns the content of a store and its log.
func files(t *testing.T, path string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		out[name] = data
	}
	return out
}

func TestSalvageReadsWhatSQLiteCannot(t *testing.T) {
	file, want := tornStore(t)
	path := filepath.Join(t.TempDir(), "weir.db")
	for name, c := range map[string]struct {
		damage  func(data []byte) []byte
		missing int // flows at most
	}{
		"no header":               {func(d []byte) []byte { clear(d[:100]); return d }, 0},
		"no first page":           {func(d []byte) []byte { clear(d[:4096]); return d }, 0},
		"another page size":       {func(d []byte) []byte { d[16] ^= 1; return d }, 0},
		"no inner pages":          {clearInner, 0},
		"cut in the middle":       {func(d []byte) []byte { return d[:len(d)/2] }, 2_600},
		"the end of a page":       {func(d []byte) []byte { return d[:len(d)-2_000] }, 400},
		"a page of zeros":         {func(d []byte) []byte { clear(d[40*4096 : 41*4096]); return d }, 400},
		"a sector of other bytes": {func(d []byte) []byte { copy(d[50*4096:], bytes.Repeat([]byte{0xa5}, 512)); return d }, 400},
	} {
		writeTorn(t, path, c.damage(bytes.Clone(file)))
		got, done := salvaged(t, path)
		if missing := wantFlows(t, name, got, want); missing > c.missing {
			t.Errorf("%s: %d of %d flows are missing, want at most %d: %+v", name, missing, len(want), c.missing, done)
		}
	}
}

// clearInner clears the pages that are inner nodes of a tree.
func clearInner(d []byte) []byte {
	for at := 4096; at < len(d); at += 4096 {
		if d[at] == 5 || d[at] == 2 {
			clear(d[at : at+4096])
		}
	}
	return d
}

func TestSalvageOfFlippedBitsIsRight(t *testing.T) {
	file, want := tornStore(t)
	rng := rand.New(rand.NewPCG(*tornSeed, 3))
	path := filepath.Join(t.TempDir(), "weir.db")
	whole := 0
	for range max(*flips/4, 10) {
		at, bit := rng.IntN(len(file)), rng.IntN(8)
		broken := bytes.Clone(file)
		broken[at] ^= 1 << bit
		writeTorn(t, path, broken)
		what := "bit " + strconv.Itoa(bit) + " of byte " + strconv.Itoa(at)
		got, done := salvaged(t, path)
		missing := wantFlows(t, what, got, want)
		if missing == 0 {
			whole++
		}
		if int64(missing) != done.Lost && done.NoHeader == 0 {
			t.Errorf("%s: %d flows are missing, said are %+v", what, missing, done)
		}
	}
	t.Logf("%d of %d are whole", whole, max(*flips/4, 10))
}

func TestSalvageOfBrokenSectorsIsRight(t *testing.T) {
	file, want := tornStore(t)
	rng := rand.New(rand.NewPCG(*tornSeed, 5))
	path := filepath.Join(t.TempDir(), "weir.db")
	lost := 0
	for range max(*flips/6, 10) {
		data, what := broken(rng, file)
		writeTorn(t, path, data)
		got, done := salvaged(t, path)
		missing := wantFlows(t, what, got, want)
		if int64(missing) != done.Lost && done.NoHeader == 0 {
			t.Errorf("%s: %d flows are missing, said are %+v", what, missing, done)
		}
		lost += missing
	}
	t.Logf("%d flows of %d are lost", lost, max(*flips/6, 10)*len(want))
}

func TestSalvageDoesNotBringRemovedFlowsBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	w := openAt(t, path)
	w.blockRows = 100
	stop := run(t, w)
	store(t, w, numbered(0, 1_000)...)
	err := w.transact(t.Context(), func(c connection) error { // as retention does
		for id := range int64(5) {
			if err := c.removeBlock(id + 1); err != nil {
				return err
			}
		}
		return c.recordRemoval()
	})
	stop()
	if err != nil {
		t.Fatal(err)
	}
	left := storetest.All(t, w)
	if err := w.checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := salvaged(t, path); len(got) != len(left) || len(left) == 1_000 {
		t.Errorf("%d flows, want %d", len(got), len(left))
	}
}

func TestSalvageReadsTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	w := openAt(t, path)
	w.blockRows = 400
	run(t, w)
	store(t, w, traffic(1, 1_200)...)
	want := map[int64]flow.Record{}
	for _, r := range storetest.All(t, w) {
		want[r.ID] = r
	}
	torn := filepath.Join(t.TempDir(), "torn.db")
	for name, data := range files(t, path) {
		if len(data) == 0 {
			t.Fatalf("%s is empty", name)
		}
		if err := os.WriteFile(torn+name[len(path):], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, done := salvaged(t, torn); wantFlows(t, "with its log", got, want) != 0 {
		t.Errorf("with its log: %+v", done)
	}
	// A bad frame in the middle: SQLite stops there.
	log, err := os.ReadFile(torn + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	log[len(log)/2/4120*4120+32+24+2000] ^= 1
	if err := os.WriteFile(torn+"-wal", log, 0o600); err != nil {
		t.Fatal(err)
	}
	got, done := salvaged(t, torn)
	if missing := wantFlows(t, "with a bad frame", got, want); missing > 400 {
		t.Errorf("with a bad frame: %d flows are missing, %+v", missing, done)
	}
	if _, err := Salvage(t.Context(), torn+"-wal", filepath.Join(t.TempDir(), "x.db"), WriterOptions{}, func(string) {}); err == nil {
		t.Error("a log is taken for a store")
	}
}
