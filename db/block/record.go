package block

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// A record of the table hot, where schemas before 7 stored flows that are not in a block, holds the
// numbers of all columns from ColNode on except the addresses, as varints, then the addresses, each
// preceded by its length. It starts with countedMark; the numbers and the addresses are preceded by how
// many follow. The oldest form has neither mark nor counts. It starts with the id of a node as a zigzag
// varint (Protocol Buffers' sint64), an even byte because ids are not negative.
const (
	countedMark = 0x01

	uncountedNumbers   = 36 // in a record without counts
	uncountedAddresses = 3
)

// unknown is the part of a row that belongs to columns which this program does not know, undecoded.
type unknown struct {
	numbers, addrs       int // how many
	numberData, addrData []byte
}

// HasUnknownColumns reports whether the flow was parsed from a row with columns that this program does
// not know. AppendPiece preserves them; Packer and PieceRows would lose them.
func (t *Tuple) HasUnknownColumns() bool { return t.unknown != nil }

// SameColumns reports whether both flows have the same number of unknown columns, so that a piece can
// hold both.
func (t *Tuple) SameColumns(u *Tuple) bool {
	a, b := t.more(), u.more()
	return a.numbers == b.numbers && a.addrs == b.addrs
}

// more returns the unknown columns of the flow.
func (t *Tuple) more() unknown {
	if t.unknown == nil {
		return unknown{}
	}
	return *t.unknown
}

// ParseRecord sets t to a row of the table hot. Columns that the record lacks are 0: not known. The
// error is ErrDamaged.
func (t *Tuple) ParseRecord(id, start int64, record []byte) error {
	t.Nums = [NumColumns]int64{ColID: id, ColStart: start}
	r := varints{data: record}
	n, addrs := uncountedNumbers, uncountedAddresses
	hasCounts := len(record) > 0 && record[0]%2 == 1
	if hasCounts {
		r.data, r.bad = record[1:], record[0] != countedMark
		n = r.count()
	}
	var more unknown
	more.numbers, more.numberData = t.parseNumbers(&r, n)
	if hasCounts {
		addrs = r.count()
	}
	more.addrs, more.addrData = t.parseAddrs(&r, addrs)
	if r.bad || len(r.data) > 0 {
		return ErrDamaged
	}
	t.keep(more)
	return nil
}

// parse reads n numbers and addrs addresses.
func (t *Tuple) parse(r *varints, n, addrs int) {
	var more unknown
	more.numbers, more.numberData = t.parseNumbers(r, n)
	more.addrs, more.addrData = t.parseAddrs(r, addrs)
	t.keep(more)
}

// keep sets the unknown columns of the flow.
func (t *Tuple) keep(more unknown) {
	t.unknown = nil
	if more.numbers+more.addrs > 0 {
		t.unknown = &unknown{more.numbers, more.addrs, bytes.Clone(more.numberData), bytes.Clone(more.addrData)}
	}
}

// count reads the number of columns that follow.
func (r *varints) count() int {
	n := r.unsigned()
	if n > maxColumns {
		r.bad = true
		return 0
	}
	return int(n)
}

// parseNumbers reads n numbers. It returns how many of them belong to unknown columns, and their
// encoding.
func (t *Tuple) parseNumbers(r *varints, n int) (more int, data []byte) {
	rest := r.data
	for c := ColNode; c < NumColumns && n > 0; c++ {
		if c.IsAddress() {
			continue
		}
		n--
		if len(rest) > 0 && rest[0] < 0x80 { // the common case
			t.Nums[c], rest = int64(rest[0]>>1)^-int64(rest[0]&1), rest[1:]
			continue
		}
		v, size := binary.Varint(rest)
		if size <= 0 {
			r.bad = true
			break
		}
		t.Nums[c], rest = v, rest[size:]
	}
	data, r.data = rest, rest
	for range n {
		r.signed()
	}
	return n, data[:len(data)-len(r.data)]
}

// parseAddrs reads n addresses. It returns how many of them belong to unknown columns, and their
// encoding.
func (t *Tuple) parseAddrs(r *varints, n int) (more int, data []byte) {
	known := min(n, len(t.Addrs))
	for i := range t.Addrs {
		if i < known {
			t.Addrs[i] = r.address()
		} else {
			t.Addrs[i] = netip.Addr{}
		}
	}
	data = r.data
	for range n - known {
		r.address()
	}
	return n - known, data[:len(data)-len(r.data)]
}

// address reads an address after its length; length 0 means no address.
func (r *varints) address() (a netip.Addr) {
	if len(r.data) == 0 || len(r.data) < 1+int(r.data[0]) {
		r.bad = true
		return a
	}
	n := int(r.data[0])
	a, ok := netip.AddrFromSlice(r.data[1 : 1+n])
	if !ok && n > 0 {
		r.bad = true
		return a
	}
	r.data = r.data[1+n:]
	return a
}
