package block

import (
	"encoding/binary"
	"net/netip"
)

// AppendRecord appends a record as it stands in the table hot: the numbers of all columns from ColNode on as
// varints, then each address after its length. Id and start are columns of the table.
func AppendRecord(b []byte, t *Tuple) []byte {
	for c := ColNode; c < NumColumns; c++ {
		if !c.IsAddress() {
			b = binary.AppendVarint(b, t.Nums[c])
		}
	}
	for _, a := range t.Addrs {
		b = append(b, byte(a.BitLen()/8))
		b = append(b, a.AsSlice()...)
	}
	return b
}

// Parse undoes AppendRecord. The error is ErrDamaged.
func (t *Tuple) Parse(id, start int64, b []byte) error {
	t.Nums = [NumColumns]int64{ColID: id, ColStart: start}
	for c := ColNode; c < NumColumns; c++ {
		if c.IsAddress() {
			continue
		}
		v, n := binary.Varint(b)
		if n <= 0 {
			return ErrDamaged
		}
		t.Nums[c], b = v, b[n:]
	}
	for i := range t.Addrs {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return ErrDamaged
		}
		n := int(b[0])
		a, ok := netip.AddrFromSlice(b[1 : 1+n])
		if !ok && n > 0 {
			return ErrDamaged
		}
		t.Addrs[i], b = a, b[1+n:]
	}
	if len(b) > 0 {
		return ErrDamaged
	}
	return nil
}
