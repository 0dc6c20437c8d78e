package db

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/flow"
	"weir/internal/storetest"
	"weir/node"
	"weir/search"
)

// unpackStore unpacks a store of testdata.
func unpackStore(t *testing.T, name string) (path string) {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "weir.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOldSchemasAreMigrated opens stores of earlier versions: 300 records of storetest.Record with the
// seed (1, 1), and a declared node in the first store.
func TestOldSchemasAreMigrated(t *testing.T) {
	for _, name := range []string{"schema1.db.gz", "blocks2.db.gz"} {
		t.Run(name, func(t *testing.T) {
			path := unpackStore(t, name)
			if _, err := OpenReader(t.Context(), path, ReaderOptions{}); err == nil || !strings.Contains(err.Error(), "weir db compact") {
				t.Errorf("a reader of the old file: %v", err)
			}
			s := openAt(t, path)
			run(t, s)
			want := ofSeed1()
			checkOld(t, s, want)
			if nodes, err := s.Nodes(t.Context()); name == "schema1.db.gz" {
				if i := slices.IndexFunc(nodes, func(n node.Node) bool { return n.Name == "dc-2" }); err != nil || i < 0 || len(nodes[i].Prefixes) != 1 {
					t.Errorf("nodes %+v, %v, want dc-2 among them", nodes, err)
				}
			}
			if err := s.Compact(t.Context()); err != nil { // rewrites the small blocks in today's format
				t.Fatal(err)
			}
			checkOld(t, s, want)
		})
	}
}

// TestFlowsOfSchema2AreMigrated opens a store of the version before groups: one flow, and a declared
// node.
func TestFlowsOfSchema2AreMigrated(t *testing.T) {
	path := unpackStore(t, "schema2.db.gz")
	inv, err := OpenInventory(t.Context(), path, WriterOptions{}) // migrates it
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(inv.AddToGroup(t.Context(), "cluster", []string{"dc-2"}), inv.Close()); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	if got := storetest.All(t, s); len(got) != 1 || got[0].Proto != flow.TCP || got[0].Src.Port == 0 {
		t.Errorf("the flow has become %+v", got)
	}
	groups, err := s.Groups(t.Context())
	if err != nil || !slices.Equal(groups.Of("DC-2"), []string{"cluster"}) {
		t.Errorf("groups %+v, %v", groups, err)
	}
	checkIntegrity(t, s)
}

func ofSeed1() (recs []flow.Record) {
	rng := rand.New(rand.NewPCG(1, 1))
	then := storetest.Enums{Verdicts: flow.Verdicts()[:flow.Unreachable+1], Directions: flow.Directions()[:flow.BySyn+1], Tunnels: flow.TunnelKinds()[:flow.TunnelAYIYA+1]} // of the versions that wrote the stores
	for id := int64(1); id <= 300; id++ {
		r := then.Record(rng, id)
		if r.Open() {
			r.EndReason = flow.ForcedEnd // left open by a process that is gone
		}
		recs = append(recs, r)
	}
	return recs
}

// checkOld compares all flows of a store and random queries with want, and checks the store.
func checkOld(t *testing.T, s *Writer, want []flow.Record) {
	t.Helper()
	if got := storetest.All(t, s); !slices.Equal(got, storetest.Matching(want, search.Query{Order: search.Oldest})) {
		t.Errorf("%d flows, not those that were stored", len(got))
	}
	storetest.DeclareGroups(t, inventoryOf(t, s.path))
	storetest.Compare(t, s, rand.New(rand.NewPCG(3, 4)), 80, want)
	if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != int64(len(want)) {
		t.Errorf("check: %d flows, %v, want %d", n, err, len(want))
	}
	checkIntegrity(t, s)
}

// TestAnInterruptedMigrationContinues stops the migration of schema 1 after its first portion.
func TestAnInterruptedMigrationContinues(t *testing.T) {
	path := unpackStore(t, "schema1.db.gz")
	steps, err := migrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	onFile(t, path, func(c connection) error {
		if err := migrate(c, steps[:packedVersion-1], time.Now, nil); err != nil {
			return err
		}
		n, err := convertSome(c, time.Now, convertFlows, 100)
		if n != 100 {
			t.Errorf("%d flows migrated, want 100", n)
		}
		return err
	})
	var told []int64
	s, err := Open(t.Context(), path, WriterOptions{Now: func() time.Time { return epoch }, Migrating: func(done, total int64) { told = append(told, done, total) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !slices.Equal(told, []int64{200, 200}) {
		t.Errorf("progress %d, want 200 of 200 flows", told)
	}
	checkOld(t, s, ofSeed1())
}

// TestAStoreWithUncountedRecordsIsReadAndWritten opens a store of schema 5, which an earlier program
// wrote from two captures: 1,500 flows in a block and 99 rows of the table hot, whose records do not
// have counts of columns. The expected values are those of that program.
func TestAStoreWithUncountedRecordsIsReadAndWritten(t *testing.T) {
	path := unpackStore(t, "schema5.db.gz")
	counts := map[string]int64{
		"": 1599, "proto:udp": 759, "proto:icmp,icmpv6": 86, "port:443": 837, "node:edge-2": 99, "ip:2001:db8::/32": 299, "src:10.1.5.218": 1, "flags:S": 754,
		"verdict:closed": 739, "rtt:>1ms": 688, "ttl:64": 1590, "ipid:>30000": 59, "bytes:>10000": 25, "isn:>2147483648": 554, "!dport:53,443": 152, "icmpid:>0": 77,
	}
	check := func(s *Reader, more int64) {
		t.Helper()
		for text, want := range counts {
			q, err := search.ParseQuery(text, epoch, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			if text == "" || text == "proto:udp" {
				want += more
			}
			if n, err := s.Count(t.Context(), search.Request{Query: q}, -1); err != nil || n != want {
				t.Errorf("%q: %d flows, %v, want %d", text, n, err, want)
			}
		}
		top, err := s.Top(t.Context(), search.TopRequest{By: search.Grouping{search.ByNode}, N: 2})
		want := []string{"edge-1 1500 5805876 12000", "edge-2 99 475877 1155"}
		var got []string
		for _, row := range top.Rows {
			got = append(got, fmt.Sprint(row.Values[0].Name, " ", row.Flows, " ", row.Octets, " ", row.Packets))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("the nodes reported %q, %v, want %q", got, err, want)
		}
		if n, err := s.Check(t.Context(), func(p string) { t.Error(p) }); err != nil || n != counts[""]+more {
			t.Errorf("check: %d flows, %v, want %d", n, err, counts[""]+more)
		}
	}
	then := func() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) } // the day after it was made
	if _, err := OpenReader(t.Context(), path, ReaderOptions{Now: then}); !errors.Is(err, errOlder) {
		t.Errorf("a reader of the old file: %v", err)
	}
	s, err := Open(t.Context(), path, WriterOptions{Now: then})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stop := run(t, s)
	defer stop()
	check(s.Reader, 0)
	want := storetest.All(t, s)
	for range 10 {
		r := flow.Record{ID: s.NextID(), Start: epoch, Last: epoch, EndReason: flow.EndOfFlow, Proto: flow.UDP, Dst: flow.Endpoint{Port: 53}}
		if r.ID <= 1599 {
			t.Errorf("id %d is used again", r.ID)
		}
		store(t, s, r)
		want = append(want, r)
	}
	check(s.Reader, 10)
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(s.Reader, 10)
	if st, err := s.Stat(t.Context()); err != nil || st.Blocks != 1 || st.Waiting != 0 {
		t.Errorf("%+v, %v, want all flows in one block", st, err)
	}
	if got := storetest.All(t, s); !slices.Equal(got, storetest.Matching(want, search.Query{Order: search.Oldest})) {
		t.Errorf("%d flows, not those that were stored", len(got))
	}
}
