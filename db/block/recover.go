package block

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Recovered is what can be read of a block in which some parts are damaged. Each number is stored
// twice, in the part of its column and in that of its row, except those of rarely tested columns,
// which are in rows only.
type Recovered struct {
	Flows []*Tuple // the flows that can be read, in the order of the block
	Lost  int      // flows that can't: their row is damaged, and a column or the address list is, too

	// Unknown is the number of flows in Flows that lack the columns which only rows have: IP ids,
	// TTLs, round trips, how the source was identified, the ICMP identifier, payload and TCP health.
	// These are 0, or not Seen.
	Unknown int

	Damage   []string // the damaged parts in words; empty: the block is whole
	Fixed    int      // of these, parts in which one flipped bit was corrected
	Readable bool     // searches can read all flows of the block as it is
}

// Whole reports whether the block can be rebuilt without a loss.
func (r *Recovered) Whole() bool { return r.Lost == 0 && r.Unknown == 0 }

// Recover reads what it can of the block of header k. part returns a part as it is stored, with its
// checksum, valid until the next call; its error is ErrVanished or ErrDamaged if there is none. Other
// errors of part are returned. Blocks with columns that this program does not know are an error unless
// they are whole.
func Recover(k *Header, part func(number int) ([]byte, error)) (Recovered, error) {
	r := recovery{head: k, parts: map[int][]byte{}, fixed: map[int]bool{}}
	numbers := []int{partDictionary}
	for c := range k.columns {
		if c < int(rowsOnly) && k.zones[c].width > 0 || c >= int(NumColumns) {
			numbers = append(numbers, partColumn+c)
		}
	}
	for n := range k.chunks() {
		numbers = append(numbers, partRows+n)
	}
	for _, number := range numbers {
		if err := r.load(number, part); err != nil {
			return r.out, err
		}
	}
	if len(r.out.Damage) > 0 && k.HasUnknownColumns() {
		return r.out, errors.New("written by a newer weir: repair it with that version")
	}
	r.out.Readable = r.readable()
	r.read()
	return r.out, nil
}

// Parts returns the number of parts that a block has, without those of columns that this program does
// not know.
func (b *Header) Parts() int {
	n := 1 + b.chunks()
	for c := range rowsOnly {
		if b.zones[c].width > 0 {
			n++
		}
	}
	return n
}

// chunks returns the number of parts with rows.
func (b *Header) chunks() int { return (b.Rows + b.perChunk - 1) / b.perChunk }

// recovery is the work of Recover. It is a Source of the parts that are there.
type recovery struct {
	head  *Header
	parts map[int][]byte // without checksums
	fixed map[int]bool
	out   Recovered

	contradictions []string
}

// load reads a part.
func (r *recovery) load(number int, part func(int) ([]byte, error)) error {
	stored, err := part(number)
	switch {
	case errors.Is(err, ErrVanished):
		if number > int(NumColumns) && number < partRows {
			return nil // a column of another program may be in rows only
		}
		r.damaged(number, "missing")
		return nil
	case errors.Is(err, ErrDamaged):
		r.damaged(number, "damaged")
		return nil
	case err != nil:
		return err
	}
	stored = bytes.Clone(stored)
	data, err := r.head.CheckPart(number, stored)
	if err != nil {
		r.damaged(number, "damaged")
		if !r.head.fixPart(number, stored) {
			return nil
		}
		r.fixed[number], data = true, stored[:len(stored)-4]
	}
	if size := r.size(number); size >= 0 && len(data) != size {
		if r.fixed[number] = false; err == nil {
			r.damaged(number, "damaged")
		}
		return nil
	}
	r.parts[number] = data
	return nil
}

func (r *recovery) damaged(number int, how string) {
	what := fmt.Sprintf("column %d", number-partColumn)
	switch {
	case number == partDictionary:
		what = "its address list"
	case number >= partRows:
		from := (number - partRows) * r.head.perChunk
		what = fmt.Sprintf("rows %d to %d", from, min(from+r.head.perChunk, r.head.Rows)-1)
	}
	r.out.Damage = append(r.out.Damage, what+" "+how)
}

// size returns the size of a part, -1 if it varies.
func (r *recovery) size(number int) int {
	switch {
	case number >= partRows:
		rows := min(r.head.perChunk, r.head.Rows-(number-partRows)*r.head.perChunk)
		return rows*r.head.rowBytes + padding
	case number >= partColumn && number-partColumn < int(NumColumns):
		return r.head.columnBytes(&r.head.zones[number-partColumn])
	}
	return -1
}

// readable reports whether a search can give all flows: from their rows, and with the start and id of
// old blocks from the columns.
func (r *recovery) readable() bool {
	ok := func(number int) bool { return r.parts[number] != nil && !r.fixed[number] }
	for n := range r.head.chunks() {
		if !ok(partRows + n) {
			return false
		}
	}
	for c := range r.head.firstInRows() {
		if r.head.zones[c].width > 0 && !ok(partColumn+int(c)) {
			return false
		}
	}
	return ok(partDictionary)
}

// Part implements Source.
func (r *recovery) Part(number int) ([]byte, error) {
	if data := r.parts[number]; data != nil {
		return data, nil
	}
	return nil, ErrVanished
}

// Parts implements Source.
func (r *recovery) Parts(from, to int, fn func([]byte) error) error {
	for number := from; number <= to; number++ {
		if data := r.parts[number]; data != nil {
			if err := fn(data); err != nil {
				return err
			}
		}
	}
	return nil
}

// Memory implements Source.
func (r *recovery) Memory(n int) []byte { return make([]byte, n) }

// read collects the flows.
func (r *recovery) read() {
	for r.tryRead() {
	}
	r.out.Damage = append(r.out.Damage, r.contradictions...)
	for number, fixed := range r.fixed {
		if fixed && r.parts[number] != nil {
			r.out.Fixed++
		}
	}
}

// tryRead collects the flows with the parts that are there. again is true if a part that was fixed
// contradicts another: then it is dropped, and the flows must be read again.
func (r *recovery) tryRead() (again bool) {
	r.out.Flows, r.out.Lost, r.out.Unknown, r.contradictions = make([]*Tuple, 0, r.head.Rows), 0, 0, nil
	var b Reader
	b.Reset(r.head, r)
	dict, err := b.Addresses()
	if err != nil || !dict.ascending() {
		r.out.Lost = r.head.Rows
		return r.unfix(partDictionary)
	}
	var columns columnParts
	for c := range rowsOnly {
		columns.cells[c], err = b.part(c)
		columns.there[c] = err == nil
	}
	for n := range r.head.chunks() {
		var rows []int
		for i := n * r.head.perChunk; i < min((n+1)*r.head.perChunk, r.head.Rows); i++ {
			rows = append(rows, i)
		}
		chunk, wrong, err := r.fromRows(&b, &columns, rows)
		switch {
		case err == nil:
			r.out.Flows = append(r.out.Flows, chunk...)
		case r.unfix(partRows + n), wrong >= 0 && r.unfix(partColumn+wrong):
			return true
		case wrong >= 0: // both have right checksums
			r.contradictions = append(r.contradictions, fmt.Sprintf("column %d contradicts the rows", wrong))
			r.out.Lost += len(rows)
		case r.parts[partRows+n] != nil: // an address or an old column is missing
			r.out.Lost += len(rows)
		default:
			r.fromColumns(dict, &columns, rows)
		}
	}
	return false
}

// unfix drops a part that was fixed, and reports whether it did.
func (r *recovery) unfix(number int) bool {
	if !r.fixed[number] || r.parts[number] == nil {
		return false
	}
	delete(r.parts, number)
	return true
}

// columnParts are the parts of columns, as far as they are there.
type columnParts struct {
	cells [rowsOnly]Cells
	there [rowsOnly]bool
}

// fromRows reads flows from their rows. wrong is a column that contradicts them, -1: none.
func (r *recovery) fromRows(b *Reader, columns *columnParts, rows []int) (flows []*Tuple, wrong int, err error) {
	wrong = -1
	err = b.Each(rows, func(k int, t *Tuple) error {
		for c := range rowsOnly {
			switch {
			case !columns.there[c] && c < r.head.firstInRows():
				return ErrVanished
			case !columns.there[c]:
			case c < r.head.firstInRows():
				t.Nums[c] = columns.cells[c].At(rows[k])
			case columns.cells[c].At(rows[k]) != t.Nums[c]:
				wrong = int(c)
				return ErrDamaged
			}
		}
		copied := *t
		flows = append(flows, &copied)
		return nil
	})
	return flows, wrong, err
}

// fromColumns reads flows whose rows are damaged.
func (r *recovery) fromColumns(dict *Addresses, columns *columnParts, rows []int) {
	if slices.Contains(columns.there[:], false) {
		r.out.Lost += len(rows)
		return
	}
	unknown := false
	for c := rowsOnly; c < NumColumns; c++ {
		unknown = unknown || r.head.zones[c].width > 0
	}
next:
	for _, row := range rows {
		t := new(Tuple)
		for c := range NumColumns {
			switch z := &r.head.zones[c]; {
			case c < rowsOnly:
				t.Nums[c] = columns.cells[c].At(row)
			case z.width == 0:
				t.Nums[c] = z.Min
			case c == ColSrcIPID:
				t.Nums[ColSeen] &^= SeenSrcIPID
			case c == ColDstIPID:
				t.Nums[ColSeen] &^= SeenDstIPID
			case ColSrcPayload <= c && c <= ColDstZeroWindows:
				t.Nums[ColSeen] &^= SeenHealth
			}
		}
		for i, c := range addressColumns {
			var err error
			if t.Addrs[i], err = dict.At(t.Nums[c]); err != nil {
				r.out.Lost++
				continue next
			}
		}
		r.out.Flows = append(r.out.Flows, t)
		if unknown {
			r.out.Unknown++
		}
	}
}

// ascending reports whether each address is greater than the one before it.
func (l *Addresses) ascending() bool {
	for i := l.none + 1; i < l.len(); i++ {
		before, _ := l.At(int64(i - 1))
		if now, _ := l.At(int64(i)); before.Compare(now) >= 0 {
			return false
		}
	}
	return true
}
