package block

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// A record of the table hot is the numbers of all columns from ColNode on but the addresses, as varints, then the
// addresses, each after its length. The byte counted comes first, and before the numbers and the addresses how
// many they are, so that a program with fewer or more columns can read it: the first ones are those of the columns
// that it knows. The first form had neither. It begins with the id of a node, which is not negative, and
// so with an even byte (Protocol Buffers' sint64).
const (
	counted = 0x01

	firstNumbers   = 36 // in a record of the first form
	firstAddresses = 3

	numbers = int(NumColumns-ColNode) - len(addressColumns) // in a record of this program
)

// unknown is what a record holds of columns that this program does not know, as it stands there.
type unknown struct {
	numbers, addrs       int // how many
	numberData, addrData []byte
}

// HasUnknownColumns reports whether the record was read from one with columns that this program does not know.
// AppendRecord keeps them, Packer and Hot have no place for them.
func (t *Tuple) HasUnknownColumns() bool { return t.unknown != nil }

// AppendRecord appends a record as it stands in the table hot, without id and start, which are columns of the table.
func AppendRecord(b []byte, t *Tuple) []byte {
	more := t.unknown
	if more == nil {
		more = &unknown{}
	}
	b = append(b, counted)
	b = binary.AppendUvarint(b, uint64(numbers+more.numbers))
	for c := ColNode; c < NumColumns; c++ {
		if !c.IsAddress() {
			b = binary.AppendVarint(b, t.Nums[c])
		}
	}
	b = append(b, more.numberData...)
	b = binary.AppendUvarint(b, uint64(len(t.Addrs)+more.addrs))
	for _, a := range t.Addrs {
		b = append(b, byte(a.BitLen()/8))
		b = append(b, a.AsSlice()...)
	}
	return append(b, more.addrData...)
}

// Parse undoes AppendRecord. The error is ErrDamaged. Columns that the record does not have are zero: not known.
func (t *Tuple) Parse(id, start int64, record []byte) error {
	t.Nums = [NumColumns]int64{ColID: id, ColStart: start}
	t.unknown = nil
	r := varints{data: record}
	n, addrs := firstNumbers, firstAddresses
	hasCounts := len(record) > 0 && record[0]%2 == 1
	if hasCounts {
		r.data, r.bad = record[1:], record[0] != counted
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
	if more.numbers+more.addrs > 0 {
		t.unknown = &unknown{more.numbers, more.addrs, bytes.Clone(more.numberData), bytes.Clone(more.addrData)}
	}
	return nil
}

// count reads how many columns of a kind follow.
func (r *varints) count() int {
	n := r.unsigned()
	if n > MaxColumns {
		r.bad = true
		return 0
	}
	return int(n)
}

// parseNumbers reads n numbers, and returns how many of them are of unknown columns, and where those stand.
func (t *Tuple) parseNumbers(r *varints, n int) (more int, data []byte) {
	rest := r.data
	for c := ColNode; c < NumColumns && n > 0; c++ {
		if c.IsAddress() {
			continue
		}
		n--
		if len(rest) > 0 && rest[0] < 0x80 { // as most are
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

// parseAddrs reads n addresses, and returns how many of them are of unknown columns, and where those stand.
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

// address reads an address behind its length; 0 is no address.
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
