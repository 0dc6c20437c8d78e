package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/db"
	"weir/flow"
)

const damagedFlows = 1100 // in each block of the store of damagedStore: enough for one at the end of a capture

// damagedStore returns a store of two blocks, one of which has a damaged address list.
func damagedStore(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "weir.db")
	for part := range 2 {
		store, err := db.Open(t.Context(), path, db.WriterOptions{FailFast: true})
		if err != nil {
			t.Fatal(err)
		}
		recs := make([]flow.Record, damagedFlows)
		for i := range recs {
			recs[i] = someFlow(int64(part*damagedFlows+i+1), time.Now().Add(-time.Duration(part*damagedFlows+i)*time.Second), uint16(1024+part*damagedFlows+i))
			recs[i].EndReason = flow.EndOfFlow
		}
		fillStore(t, store, recs)
	}
	// An address list begins with "no address", for the sender of an ICMP error, and two IPv4 addresses.
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := []byte{1, 2, 10, 0, 0, 1, 10, 0, 0, 2}
	at := bytes.LastIndex(data, list)
	if at < 0 {
		t.Fatal("the store has no address list")
	}
	data[at+5] ^= 1
	writeFile(t, path, data)
	return path
}

// fillStore writes recs into one block, and closes the store.
func fillStore(t *testing.T, store *db.Writer, recs []flow.Record) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- store.Run(ctx) }()
	err := store.Put(t.Context(), recs)
	stop()
	if err = errors.Join(err, <-ran, store.Close()); err != nil {
		t.Fatal(err)
	}
}

// runHere runs one command line.
func runHere(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), code
}

func TestDamageCostsTheFlowsOfItsBlockAndIsTold(t *testing.T) {
	path := damagedStore(t)
	for name, c := range map[string]struct {
		args  []string
		lines int // on stdout
	}{
		"rows":  {[]string{"query", "--all", "--csv"}, 1 + damagedFlows},
		"JSON":  {[]string{"query", "--all", "--json"}, damagedFlows},
		"sums":  {[]string{"query", "--by", "src", "--csv"}, 2},
		"nodes": {[]string{"query", "--by", "dst", "--since", "1d"}, 3},
	} {
		stdout, stderr, code := runHere(t, append(c.args, "--db", path)...)
		if n := strings.Count(stdout, "\n"); n != c.lines || code != exitFailed {
			t.Errorf("%s: %d lines, exit code %d: %s", name, n, code, stderr)
		}
		for _, what := range []string{"weir: 1,100 flows ", "of edge-1 are missing here: block ", " is damaged: weir db check, then weir db repair\n"} {
			if !strings.Contains(stderr, what) {
				t.Errorf("%s: no %q in %q", name, what, stderr)
			}
		}
	}
	if stdout, stderr, code := runHere(t, "query", "--limit", "5", "--csv", "--order", "oldest", "--db", path); code == exitOK && strings.Count(stdout, "\n") != 6 {
		t.Errorf("the oldest flows: %q, %q", stdout, stderr)
	}
}

func TestCheckSaysWhatCanBeReadAndRepairWhatItDid(t *testing.T) {
	path := damagedStore(t)
	stdout, stderr, code := runHere(t, "db", "check", "--db", path)
	if code != exitFailed || !strings.Contains(stdout, "(1100 flows from ") || !strings.Contains(stdout, "of edge-1): its address list damaged; no flow can be read; weir db repair restores them all\n") ||
		!strings.Contains(stderr, "damaged in 1 place; 1100 flows can be read") {
		t.Errorf("check: exit code %d\n%s%s", code, stdout, stderr)
	}
	stdout, stderr, code = runHere(t, "db", "repair", "--db", path)
	if code != exitOK || !strings.Contains(stdout, "its address list damaged: 1100 of 1100 flows are restored\n1 block rebuilt with 1100 flows") {
		t.Errorf("repair: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "query", "--count", "--db", path); code != exitOK || stdout != "2200\n" {
		t.Errorf("after the repair: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "db", "repair", "--db", path); code != exitOK || stdout != "no damage found\n" {
		t.Errorf("repair again: exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestRepairDropsOnlyWhenAsked(t *testing.T) {
	path := damagedStore(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(data, []byte{10, 0, 0, 2})
	data[at] ^= 0x55
	writeFile(t, path, data)
	stdout, stderr, code := runHere(t, "db", "repair", "--db", path)
	if code != exitFailed || !strings.Contains(stdout, "not changed, with 1100 flows from ") || !strings.Contains(stderr, "--drop-damaged") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	stdout, stderr, code = runHere(t, "db", "repair", "--drop-damaged", "--db", path)
	if code != exitOK || !strings.Contains(stdout, "1 block removed; lost: 1100 flows\n") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "query", "--count", "--db", path); code != exitOK || stdout != "1100\n" {
		t.Errorf("after the repair: exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestSalvageSaysInNumbersWhatItCopied(t *testing.T) {
	path := damagedStore(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(data[:4096])
	writeFile(t, path, data)
	if _, stderr, code := runHere(t, "query", "--db", path); code != exitFailed || !strings.Contains(stderr, "not a flow store") {
		t.Errorf("query: exit code %d: %s", code, stderr)
	}
	fresh := filepath.Join(t.TempDir(), "new.db")
	stdout, stderr, code := runHere(t, "db", "salvage", path, fresh)
	if code != exitOK || !strings.Contains(stdout, "2200 flows copied: from 2 blocks, and 0 that were not in a block\n") {
		t.Errorf("salvage: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "query", "--count", "--db", fresh); code != exitOK || stdout != "2200\n" {
		t.Errorf("the new store: exit code %d\n%s%s", code, stdout, stderr)
	}
	if _, stderr, code = runHere(t, "db", "salvage", path, fresh); code != exitFailed || !strings.Contains(stderr, "file already exists; name a new file") {
		t.Errorf("again: exit code %d: %s", code, stderr)
	}
	if _, stderr, code = runHere(t, "db", "salvage", path); code != exitUsage {
		t.Errorf("without a name: exit code %d: %s", code, stderr)
	}
}

// TestDamagedDeclarationsAreToldAndKeptOnDemand changes a digit of a declared prefix in the file.
func TestDamagedDeclarationsAreToldAndKeptOnDemand(t *testing.T) {
	path := damagedStore(t)
	for _, args := range [][]string{{"db", "repair"}, {"nodes", "add", "dc-2", "10.77.0.0/16"}, {"nodes", "group", "add", "both", "dc-2", "edge-1"}} {
		if _, stderr, code := runHere(t, append(args, "--db", path)...); code != exitOK {
			t.Fatal(stderr)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, bytes.ReplaceAll(data, []byte("10.77.0.0/16"), []byte("10.78.0.0/16")))
	const damaged = "the prefixes of nodes can't be read completely: damaged: weir db check, then weir db repair"
	stdout, stderr, code := runHere(t, "nodes", "--db", path)
	if code != exitFailed || !strings.Contains(stderr, damaged) || !strings.Contains(stdout, "dc-2") || !strings.Contains(stdout, "edge-1") || strings.Contains(stdout, "10.7") {
		t.Errorf("nodes: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "query", "--count", "group:both", "--db", path); code != exitOK || stdout != "2200\n" {
		t.Errorf("query: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "nodes", "add", "dc-3", "10.9.0.0/16", "--db", path); code != exitFailed || !strings.Contains(stderr, "weir db repair --drop-damaged") {
		t.Errorf("nodes add: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "db", "check", "--db", path); code != exitFailed || !strings.Contains(stdout, "the prefixes of nodes: ") {
		t.Errorf("check: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "db", "repair", "--db", path); code != exitFailed || !strings.Contains(stdout, "left unchanged") || !strings.Contains(stderr, "--drop-damaged") {
		t.Errorf("repair: exit code %d\n%s%s", code, stdout, stderr)
	}
	stdout, stderr, code = runHere(t, "db", "repair", "--drop-damaged", "--db", path)
	if code != exitOK || !strings.Contains(stdout, "kept: node dc-2 owns 10.78.0.0/16\n") {
		t.Errorf("repair: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code = runHere(t, "nodes", "--db", path); code != exitOK || !strings.Contains(stdout, "10.78.0.0/16") {
		t.Errorf("nodes: exit code %d\n%s%s", code, stdout, stderr)
	}
}
