package db

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weir/db/block"
	"weir/flow"
	"weir/internal/blocktest"
	"weir/internal/storetest"
	"weir/search"
)

func TestABlockWithUnknownColumnsIsReadAndLeftAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	path := emptyStore(t)
	var want []flow.Record
	var later []int64
	for range 3 {
		recs := someRecords(rng, int64(len(want)+1), 40)
		later = append(later, writeBlock(t, path, recs, laterColumns))
		want = append(want, recs...)
	}
	s := openAt(t, path)
	run(t, s)
	compareAll(t, s.Reader, want)
	before := map[int64][]byte{}
	for _, id := range later {
		before[id] = blockBytes(t, s.Reader, id)
	}
	for range 3 { // blocks of this program, to be merged
		recs := someRecords(rng, int64(len(want)+1), 40)
		store(t, s, recs...)
		if _, err := s.packNow(); err != nil {
			t.Fatal(err)
		}
		want = append(want, recs...)
	}
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st, err := s.Stat(t.Context()); err != nil || st.Blocks != len(later)+1 {
		t.Errorf("%d blocks, %v, want those of the later program and a merged one", st.Blocks, err)
	}
	for _, id := range later {
		if after := blockBytes(t, s.Reader, id); len(after) == 0 || !bytes.Equal(before[id], after) {
			t.Errorf("block %d is not what the later program wrote", id)
		}
	}
	store(t, s, want[7]) // ended long ago
	compareAll(t, s.Reader, want)
}

func TestValuesOfUnknownColumnsAreNotFound(t *testing.T) {
	path := emptyStore(t)
	writeBlock(t, path, someRecords(rand.New(rand.NewPCG(1, 9)), 1, 40), laterColumns)
	s := openAt(t, path)
	for _, field := range []search.Field{search.FieldIP, search.FieldSrc, search.FieldErrorIP} {
		only := netip.AddrFrom4([4]byte{203, 0, 113, 7}) // only in an unknown column
		x := search.Addrs{Field: field, Ranges: []search.AddrRange{{Lo: only, Hi: only}}}
		if n, err := s.Count(t.Context(), search.Request{Query: search.Query{Filter: x}}, -1); err != nil || n != 0 {
			t.Errorf("%s: %d flows, %v, want none", field, n, err)
		}
		if n, err := s.Count(t.Context(), search.Request{Query: search.Query{Filter: search.Not{X: x}}}, -1); err != nil || n != 40 {
			t.Errorf("not %s: %d flows, %v, want 40", field, n, err)
		}
	}
}

func TestMissingColumnsReadAsNotKnown(t *testing.T) {
	for name, columns := range map[string]block.Column{
		"what is behind the headers":            block.ColSrcPayload,
		"retransmitted octets and what follows": block.ColSrcRetransOctets,
		"the round trip from the source on":     block.ColClientRTT,
		"no ICMP error":                         block.ColErrorFrom,
		"source without destination":            block.ColDst,
		"all but id, start, node, and times":    block.ColProto,
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(columns), 1))
			path := emptyStore(t)
			var want []flow.Record
			for range 2 {
				recs := someRecords(rng, int64(len(want)+1), 50)
				writeBlock(t, path, recs, int(columns))
				want = append(want, without(recs, columns)...)
			}
			s := openAt(t, path)
			run(t, s)
			compareAll(t, s.Reader, want)
			if err := s.Compact(t.Context()); err != nil { // into a block with all columns
				t.Fatal(err)
			}
			if st, err := s.Stat(t.Context()); err != nil || st.Blocks != 1 {
				t.Errorf("%d blocks, %v, want one merged block", st.Blocks, err)
			}
			compareAll(t, s.Reader, want)
		})
	}
}

func TestPiecesKeepUnknownColumnsAndAreNotPacked(t *testing.T) {
	path := emptyStore(t)
	recs := someRecords(rand.New(rand.NewPCG(6, 6)), 1, 60)
	for i := range recs {
		if i%3 == 0 {
			recs[i].EndReason = flow.StillOpen
		}
	}
	writePiece(t, path, recs, laterColumns)
	want := slices.Clone(recs)
	for i := range want {
		if want[i].Open() {
			want[i].EndReason = flow.ForcedEnd // as the program that left them open has died
		}
	}
	s := openAt(t, path)
	run(t, s)
	compareAll(t, s.Reader, want)
	mine := someRecords(rand.New(rand.NewPCG(6, 7)), 61, 60)
	store(t, s, mine...)
	if err := s.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	store(t, s, recs[0], recs[1]) // ended already
	compareAll(t, s.Reader, append(mine, want...))
	if st, err := s.Stat(t.Context()); err != nil || st.Waiting != 60 || st.Blocks != 1 {
		t.Errorf("%+v, %v, want the rows of the later program waiting, and a block of the others", st, err)
	}
	// The later program finds what it wrote, except how flows ended.
	other := emptyStore(t)
	writePiece(t, other, want, laterColumns)
	r := openAt(t, other)
	if got, wrote := flowsInPieces(t, s.Reader), flowsInPieces(t, r.Reader); len(got) != 60 || !maps.Equal(got, wrote) {
		t.Errorf("the pieces have %d flows, not those of the later program", len(got))
	}
}

func TestRowsOfEarlierProgramsAreMigrated(t *testing.T) {
	for name, c := range map[string]struct {
		encode func(blocktest.Flow) []byte
		known  block.Column
	}{
		"of the form without counts":  {blocktest.FirstRecord, block.ColICMPID + 1},
		"without the last columns":    {func(f blocktest.Flow) []byte { return blocktest.Record(f, int(block.ColClientRTT)) }, block.ColClientRTT},
		"without an address":          {func(f blocktest.Flow) []byte { return blocktest.Record(f, int(block.ColErrorFrom)) }, block.ColErrorFrom},
		"with id, start, node, times": {func(f blocktest.Flow) []byte { return blocktest.Record(f, int(block.ColProto)) }, block.ColProto},
	} {
		t.Run(name, func(t *testing.T) {
			path := unpackStore(t, "schema2.db.gz")
			recs := someRecords(rand.New(rand.NewPCG(3, uint64(c.known))), 10, 50)
			recs[5].EndReason, recs[6].EndReason = flow.StillOpen, flow.StillOpen
			writeHot(t, path, recs, c.encode)
			want := without(recs, c.known)
			for i := range want {
				if want[i].Open() { // the end reason is not known, so this program ends the flow
					want[i].EndReason = flow.ForcedEnd
				}
			}
			s := openAt(t, path)
			want = append(want, storetest.All(t, s)[0]) // which the file had
			storetest.DeclareGroups(t, inventoryOf(t, path))
			run(t, s)
			compareAll(t, s.Reader, want)
			if err := s.Compact(t.Context()); err != nil {
				t.Fatal(err)
			}
			if st, err := s.Stat(t.Context()); err != nil || st.Waiting != 0 || st.Blocks != 1 {
				t.Errorf("%+v, %v, want one block more", st, err)
			}
			compareAll(t, s.Reader, want)
		})
	}
}

func TestInvalidColumnCountsAreDamage(t *testing.T) {
	recs := someRecords(rand.New(rand.NewPCG(2, 3)), 1, 20)
	header := func(counts ...byte) []byte {
		return blocktest.HeaderSum(keyOf(1), append(counts, make([]byte, 400)...))
	}
	for name, bytes := range map[string][]byte{
		"no column":             header(20, 0),
		"one column":            header(20, 1),
		"more than have parts":  header(20, 128, 1),
		"a number without end":  header(20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"fewer than it says":    blocktest.HeaderSum(keyOf(1), []byte{20, 41, 0, 0, 0}),
		"more rows than a part": header(0x80, 0x80, 0x01, 41),
		"nothing":               blocktest.HeaderSum(keyOf(1), nil),
	} {
		path := emptyStore(t)
		id := writeBlock(t, path, recs, int(block.NumColumns))
		editFile(t, path, func(c connection) error { return c.exec("UPDATE blocks SET header = ? WHERE id = ?", bytes, id) })
		s := openAt(t, path)
		if _, err := s.Count(t.Context(), search.Request{Query: search.Query{}}, -1); !errors.Is(err, block.ErrDamaged) || !strings.Contains(err.Error(), "block 1") {
			t.Errorf("a header with %s: %v", name, err)
		}
	}
}

func TestDamagedPiecesAreReported(t *testing.T) {
	recs := someRecords(rand.New(rand.NewPCG(2, 4)), 1, 20)
	for name, content := range map[string][]byte{
		"nothing":               {},
		"a form to come":        {2, 0, 1, 0, 0, 0, 0},
		"no rows":               {1, 0, 0, 0, 0, 0, 0},
		"too many rows":         {1, 0, 0x81, 8, 0, 0, 0, 0},
		"more columns than are": {1, 0, 1, 128, 1, 0, 0, 0},
		"fewer rows":            {1, 0, 2, 0, 0, 0, 0, 2, 0},
		"a number without end":  {1, 0, 1, 1, 0, 0, 0, 2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"half an address":       {1, 0, 1, 0, 1, 0, 0, 2, 0, 4, 10, 0},
		"a start out of range":  {1, 0, 1, 0, 0, 0, 0, 2, 2},
		"more than it says":     {1, 0, 1, 0, 0, 0, 0, 2, 0, 0},
	} {
		path := emptyStore(t)
		writePiece(t, path, recs, int(block.NumColumns))
		editFile(t, path, func(c connection) error { return c.exec("UPDATE pieces SET data = ?", blocktest.PieceSum(1, content)) })
		r := readerOf(t, path)
		wantMissing(t, r, name, 0, 20)
	}
}

// TestAWriterLeavesDamagedPiecesAlone damages one of two pieces in every way that leaves the file
// readable: the writer continues, and readers still report the missing flows.
func TestAWriterLeavesDamagedPiecesAlone(t *testing.T) {
	for name, c := range map[string]struct {
		damage  string
		missing int64
	}{
		"a flipped bit":                {"UPDATE pieces SET data = CAST(substr(data, 1, 40) || x'55' || substr(data, 42) AS BLOB) WHERE id = 1", 1023},
		"it is gone":                   {"DELETE FROM pieces WHERE id = 1", 1023},
		"its superseded rows are bad":  {"UPDATE superseded SET rows = x'00' WHERE piece = 1", 0},
		"its superseded rows are gone": {"DELETE FROM superseded WHERE piece = 1", 0},
		"it has another number":        {"UPDATE pieces SET id = 77 WHERE id = 1", 1023},
	} {
		path := emptyStore(t)
		w := openAt(t, path)
		stop := run(t, w)
		recs := someRecords(rand.New(rand.NewPCG(2, 4)), 1, 1500)
		recs[5].EndReason = flow.StillOpen
		store(t, w, recs...)
		recs[5].Sent.Packets++ // supersedes its row in piece 1
		store(t, w, recs[5])
		stop()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		editFile(t, path, func(file connection) error { return file.exec(c.damage) })
		w = openAt(t, path)
		run(t, w)
		store(t, w, flow.Record{ID: 3000, Node: "a", Start: epoch, Last: epoch, EndReason: flow.EndOfFlow})
		if c.missing == 0 { // it knows the latest state of each flow from the other piece
			if n, err := w.Count(t.Context(), search.Request{}, -1); err != nil || n != 1501 {
				t.Errorf("%s: %d flows, %v, want all 1501", name, n, err)
			}
			continue
		}
		wantMissing(t, w.Reader, name, 1501-c.missing, c.missing)
	}
}

// wantMissing checks that a count says that flows are missing which are not in a block.
func wantMissing(t *testing.T, r *Reader, name string, there, missing int64) {
	t.Helper()
	n, err := r.Count(t.Context(), search.Request{}, -1)
	gaps, ok := search.Incomplete(err)
	if want := (search.Gap{Block: search.NoBlock, Flows: missing}); !ok || n != there || len(gaps) != 1 || !reflect.DeepEqual(gaps[0], want) {
		t.Errorf("%s: %d flows, %v, gaps %+v, want %d and %+v", name, n, err, gaps, there, want)
	}
}
