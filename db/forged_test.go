package db

import (
	"fmt"
	"math"
	"testing"

	"weir/db/block"
	"weir/flow"
	"weir/search"
)

// TestForgedIDsDoNotEndTheWriter writes into stores with numbers that no writer makes, and with checksums
// that are right: the highest id is the largest number, so that the next ones are negative, or a piece
// has ended flows with negative ids.
func TestForgedIDsDoNotEndTheWriter(t *testing.T) {
	forge := map[string]func(c connection, s *state) error{
		"highest id": func(_ connection, s *state) error {
			s.lastID = math.MaxInt64
			return nil
		},
		"negative ids": func(c connection, s *state) error {
			var tuples []*block.Tuple
			for id := int64(-90); id < 0; id++ {
				u := new(block.Tuple)
				u.Nums[block.ColID], u.Nums[block.ColEndReason] = id, int64(flow.EndOfFlow)
				tuples = append(tuples, u)
			}
			s.inPieces += int64(len(tuples))
			return c.exec("INSERT INTO pieces (id, data) VALUES (?, ?)", int64(99), block.AppendPiece(nil, 99, s.session, tuples))
		},
	}
	for what, change := range forge {
		s := openTemp(t)
		s.blockRows = 50
		stop := run(t, s)
		store(t, s, numbered(0, 120)...)
		stop()
		err := s.transact(t.Context(), func(c connection) error {
			return c.changeState(func(st *state) {
				if err := change(c, st); err != nil {
					t.Fatal(err)
				}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		again := openAt(t, s.path)
		again.blockRows = 50
		run(t, again)
		want, err := again.Count(t.Context(), search.Request{}, -1)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 3 {
			var recs []flow.Record
			for range 60 {
				r := flow.Record{ID: again.NextID(), Node: fmt.Sprint(round), Start: epoch}
				if round%2 == 1 {
					r.EndReason = flow.EndOfFlow
				}
				recs = append(recs, r)
			}
			store(t, again, append(recs, flow.Record{ID: 3, Node: "a", Start: epoch})...) // has ended: its ids are looked up
			want += 60
			if n, err := again.Count(t.Context(), search.Request{}, -1); err != nil || n != want {
				t.Fatalf("%s, round %d: %d flows, %v, want %d", what, round, n, err, want)
			}
		}
	}
}
