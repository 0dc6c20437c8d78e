package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"

	"weir/db/block"
	"weir/flow"
)

// tracker knows the state of each flow: open or ended in a piece, or in a block.
type tracker struct {
	session     int64
	open, ended map[int64]pieceRow // by id of the flow
	pinned      map[int64]pieceRow // ended flows that can't be packed: they have columns that this program does not know
	chunks      map[int64]*idSet   // ids in blocks, for the ranges of ids that were asked for
	pieces      map[int64]*piece   // by number
	nextPiece   int64
	lost        int64 // flows in damaged pieces, which are not changed
	doubled     int64 // rows that the file should have marked as superseded
}

// pieceRow is the row of a flow in a piece.
type pieceRow struct {
	piece int64
	row   int32
}

// piece is the writer's state of a piece.
type piece struct {
	rows, live int // all rows, and those not superseded
	ended      int // live rows of ended flows that are not pinned
	superseded block.Bitmap
	changed    bool // superseded differs from the file
}

// newTracker reads the pieces of the file, except damaged ones. Flows that an earlier session left open
// count as ended. If only the list of superseded rows of a piece is damaged, it is rebuilt from the later
// pieces and the blocks, provided that the number of flows is right then.
func newTracker(c connection, s state) (*tracker, error) {
	k, rebuilt, err := readTracker(c, s, true)
	if err == nil && rebuilt && k.count() != s.inPieces {
		k, _, err = readTracker(c, s, false)
	}
	if err != nil {
		return nil, fmt.Errorf("read flows that are not in a block: %w", err)
	}
	k.lost = max(0, s.inPieces-k.count())
	return k, nil
}

// readTracker reads the pieces. If rebuild is set, it assumes that no row is superseded in pieces whose list
// is damaged, except by flows it finds elsewhere; rebuilt says whether there were any.
func readTracker(c connection, s state, rebuild bool) (k *tracker, rebuilt bool, err error) {
	k = &tracker{session: s.session, open: map[int64]pieceRow{}, ended: map[int64]pieceRow{}, pinned: map[int64]pieceRow{}, chunks: map[int64]*idSet{},
		pieces: map[int64]*piece{}, nextPiece: 1}
	rows := block.NewPieceRows(block.MaxPieceRows)
	err = c.readPieces("", nil, func(id int64, p *block.Piece, superseded block.Bitmap, err error) error {
		k.nextPiece = max(k.nextPiece, id+1)
		damagedMarks := errors.Is(err, errMarksDamaged)
		if damagedMarks && rebuild {
			superseded, err = make(block.Bitmap, (p.Rows+63)/64), nil
		}
		if err != nil {
			return nil //nolint:nilerr // readers report it
		}
		rows.Clear()
		if rows.Add(p, k.session, superseded) != nil {
			return nil //nolint:nilerr // as above
		}
		rebuilt = rebuilt || damagedMarks
		k.addPiece(p, superseded, rows.Tuples)
		k.pieces[p.ID].changed = k.pieces[p.ID].changed || damagedMarks
		return nil
	})
	if err == nil && k.count() != s.inPieces {
		err = k.dropPacked(c)
	}
	return k, rebuilt, err
}

// addPiece adds a piece, with its rows that are not superseded. Later pieces were added before.
func (k *tracker) addPiece(p *block.Piece, superseded block.Bitmap, tuples []*block.Tuple) {
	k.pieces[p.ID] = &piece{rows: p.Rows, superseded: superseded}
	n := 0
	for row := range p.Rows {
		if superseded.Has(row) {
			continue
		}
		t := tuples[n]
		n++
		if k.hasInPiece(t.Nums[block.ColID]) { // the mark that this row is superseded was lost
			superseded.Set(row)
			k.pieces[p.ID].changed = true
			k.doubled++
			continue
		}
		k.add(t, pieceRow{p.ID, int32(row)})
	}
}

// dropPacked supersedes the flows that are in a block as well. This happens only after damage: what was
// superseded in a piece is lost, and its rows seem to be the latest ones.
func (k *tracker) dropPacked(c connection) error {
	for _, flows := range []map[int64]pieceRow{k.open, k.ended, k.pinned} {
		for _, id := range slices.Sorted(maps.Keys(flows)) {
			packed, err := k.isPacked(c, id)
			if err != nil {
				return err
			}
			if packed {
				k.supersede(id)
				k.doubled++
			}
		}
	}
	return nil
}

// hasInPiece reports whether a flow is in a piece.
func (k *tracker) hasInPiece(id int64) bool {
	_, open := k.open[id]
	_, ended := k.ended[id]
	_, pinned := k.pinned[id]
	return open || ended || pinned
}

// add records that a flow is in a piece. The piece must be in pieces.
func (k *tracker) add(t *block.Tuple, at pieceRow) {
	p, id := k.pieces[at.piece], t.Nums[block.ColID]
	p.live++
	switch {
	case flow.EndReason(t.Nums[block.ColEndReason]) == flow.StillOpen:
		k.open[id] = at
	case t.HasUnknownColumns():
		k.pinned[id] = at
	default:
		k.ended[id] = at
		p.ended++
	}
}

// supersede marks the row of a flow in its piece as superseded.
func (k *tracker) supersede(id int64) {
	at, ok := k.open[id]
	if ok {
		delete(k.open, id)
	} else if at, ok = k.ended[id]; ok {
		delete(k.ended, id)
		k.pieces[at.piece].ended--
	} else if at, ok = k.pinned[id]; ok {
		delete(k.pinned, id)
	} else {
		return
	}
	p := k.pieces[at.piece]
	p.live--
	p.superseded.Set(int(at.row))
	p.changed = true
}

// count returns how many flows are in pieces, damaged ones included.
func (k *tracker) count() int64 { return int64(len(k.open)+len(k.ended)+len(k.pinned)) + k.lost }

// hasEnded reports whether the flow was stored as ended. last is the highest id ever stored.
func (k *tracker) hasEnded(c connection, id, last int64) (bool, error) {
	if id > last {
		return false, nil
	}
	if _, ok := k.open[id]; ok {
		return false, nil
	}
	if k.hasInPiece(id) {
		return true, nil
	}
	return k.isPacked(c, id)
}

// mayReplace reports whether r, a record of a flow that has ended, replaces what is stored: it has
// packets that came after the end, and the flow still waits for a block.
func (k *tracker) mayReplace(r *flow.Record) bool {
	_, waits := k.ended[r.ID]
	return waits && !r.Open()
}

// isPacked reports whether a flow is in a block.
func (k *tracker) isPacked(c connection, id int64) (bool, error) {
	number := id >> chunkBits // unlike a quotient, right for negative ids of a forged file as well
	set, ok := k.chunks[number]
	if !ok {
		if len(k.chunks) >= maxChunks {
			clear(k.chunks)
		}
		var err error
		if set, err = readIDs(c, number); err != nil {
			return false, fmt.Errorf("look up flow %d: %w", id, err)
		}
		k.chunks[number] = set
	}
	return set.has(id), nil
}

// markPacked records that flows went into a block.
func (k *tracker) markPacked(tuples []*block.Tuple) {
	for _, t := range tuples {
		id := t.Nums[block.ColID]
		if set, ok := k.chunks[id>>chunkBits]; ok {
			set.add(id)
		}
	}
}

// readIDs collects the ids of a chunk from the blocks that can hold any. It skips damaged blocks, because
// damage must not end a capture. A flow whose id is not found is written, as a new flow is.
func readIDs(c connection, chunk int64) (set *idSet, err error) {
	set = new(idSet)
	lo := chunk << chunkBits
	hi := lo + idsPerChunk - 1
	var blocks []*block.Header
	err = c.each(selectBlocks+" WHERE id_min <= ? AND id_max >= ?", []any{hi, lo}, func(row []driver.Value) error {
		if b, err := readBlock(row); err == nil {
			blocks = append(blocks, b)
		}
		return nil
	})
	if isDamage(err) {
		err = nil
	}
	if err != nil || len(blocks) == 0 {
		return set, err
	}
	r := newPartReader(c)
	defer func() { err = errors.Join(err, r.close()) }()
	for _, b := range blocks {
		ids, err := r.open(b).Cells(block.ColID)
		if isDamage(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range b.Rows {
			if id := ids.At(i); lo <= id && id <= hi {
				set.add(id)
			}
		}
	}
	return set, nil
}
