package cli

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/search"
)

// storeOfOrders returns a store with n ended flows of the last days, and the directory of a program that finds it.
func storeOfOrders(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	store, path := writtenStore(t)
	rng := rand.New(rand.NewPCG(7, 8))
	now := time.Now().Add(-time.Hour).Truncate(time.Second)
	recs := make([]flow.Record, n)
	for i := range recs {
		recs[i] = anyFlow(rng, int64(i+1), now)
		recs[i].Sent.Octets, recs[i].Recv.Octets = uint64(rng.IntN(3000)), rng.Uint64N(1<<20)
		recs[i].EndReason = flow.EndOfFlow
	}
	put(t, store, recs...)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if data, err := os.ReadFile(path + suffix); err == nil {
			if err := os.WriteFile(filepath.Join(dir, "weir.db"+suffix), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// TestTheScreenExportsWhatQueryPrints exports from the whole program in a terminal and compares the file with the
// output of weir query for the same text, byte by byte, for each limit and order.
func TestTheScreenExportsWhatQueryPrints(t *testing.T) {
	const flows = 10_500
	dir := storeOfOrders(t, flows)
	p := startProgram(t, dir, "--db", filepath.Join(dir, "weir.db"))
	p.shows("READING weir.db")
	var before []string
	compare := func(order search.Order, limit int) {
		t.Helper()
		// The nodes leave out what the program itself captures meanwhile.
		text := fmt.Sprintf("since:30d limit:%d order:%s node:edge-1,edge-2,core", limit, order)
		p.keys("/\x15" + text + "\r")
		name := strings.ToUpper(order.Field().String())
		switch {
		case order == search.Newest:
			p.shows("newest first")
		case order == search.Oldest:
			p.shows("OLDEST FIRST")
		case order.SmallestFirst():
			p.shows(fmt.Sprintf("lowest %s of %s by %s▲", grouped(limit), grouped(flows), name))
		default:
			p.shows(fmt.Sprintf("top %s of %s by %s▼", grouped(limit), grouped(flows), name))
		}
		if limit > 1000 {
			p.shows(fmt.Sprintf("1,000 loaded of %s (limit)", grouped(limit)))
		} else {
			p.shows(fmt.Sprintf("%s of %s (limit)", grouped(limit), grouped(flows)))
		}
		p.keys("e")
		var names []string
		p.waitFor("a new file", func() string { // the screen is drawn again when a file is complete
			var err error
			if names, err = filepath.Glob(filepath.Join(dir, "[^.]*.csv")); err == nil && len(names) == len(before)+1 {
				return "a new file"
			}
			return p.vt.String()
		})
		newest := names[slices.IndexFunc(names, func(name string) bool { return !slices.Contains(before, name) })]
		before = names
		exported, err := os.ReadFile(newest)
		if err != nil {
			t.Fatal(err)
		}
		printed := new(bytes.Buffer)
		cmd := weirCommand(t, dir, "query", "--csv", "--db", filepath.Join(dir, "weir.db"), text)
		cmd.Stdout = printed
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(printed.String(), "\n") - 1; n != limit || !bytes.Equal(exported, printed.Bytes()) {
			t.Errorf("%s: query prints %d flows, %d bytes, and the screen exports %d bytes", text, n, printed.Len(), len(exported))
		}
	}
	for _, limit := range []int{100, 5000, 10_000} {
		for _, f := range search.OrderFields() {
			compare(search.OrderBy(f, false), limit)
		}
	}
	for _, f := range search.OrderFields() {
		compare(search.OrderBy(f, true), 100)
	}
	p.keys("q")
	p.ends()
}

// grouped returns a number as the screen shows it.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
