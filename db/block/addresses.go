package block

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"sort"
)

// Addresses is a sorted list of addresses as it is stored in a part: one byte, 1 if the first entry is
// no address; the number of IPv4 addresses (uvarint); their bytes; then the IPv6 addresses. Look-ups
// work on the stored form.
type Addresses struct {
	none, v4, v6 int
	data         []byte // all addresses, 4 or 16 bytes each
}

func appendAddresses(b []byte, sorted []netip.Addr) []byte {
	none, v4 := 0, 0
	for _, a := range sorted {
		switch {
		case !a.IsValid():
			none++
		case a.Is4():
			v4++
		}
	}
	b = binary.AppendUvarint(append(b, byte(none)), uint64(v4))
	for _, a := range sorted {
		b = append(b, a.AsSlice()...)
	}
	return b
}

// readAddresses parses what appendAddresses wrote. The error is ErrDamaged.
func readAddresses(b []byte) (l Addresses, err error) {
	if len(b) < 2 || b[0] > 1 {
		return l, ErrDamaged
	}
	v4, n := binary.Uvarint(b[1:])
	if n <= 0 || v4 > uint64(len(b))/4 {
		return l, ErrDamaged
	}
	l = Addresses{none: int(b[0]), v4: int(v4), data: b[1+n:]}
	rest := len(l.data) - 4*l.v4
	if l.v6 = rest / 16; rest < 0 || rest%16 != 0 {
		return l, ErrDamaged
	}
	return l, nil
}

func (l *Addresses) len() int { return l.none + l.v4 + l.v6 }

// noAddress is the index of every address in a column that a block does not have.
const noAddress = -1

// At returns the address at an index; the zero Addr means no address. The error is ErrDamaged if the
// index is out of range.
func (l *Addresses) At(i int64) (netip.Addr, error) {
	switch k := int(i) - l.none; {
	case i == noAddress:
		return netip.Addr{}, nil
	case i < 0 || i >= int64(l.len()):
		return netip.Addr{}, ErrDamaged
	case k < 0:
		return netip.Addr{}, nil
	case k < l.v4:
		return netip.AddrFrom4([4]byte(l.data[4*k:])), nil
	default:
		return netip.AddrFrom16([16]byte(l.data[4*l.v4+16*(k-l.v4):])), nil
	}
}

// find returns the index of the first address of a's family that is not less than a, and whether it
// equals a.
func (l *Addresses) find(a netip.Addr) (index int, found bool) {
	want := a.AsSlice()
	data, n, before := l.data[:4*l.v4], l.v4, l.none
	if !a.Is4() {
		data, n, before = l.data[4*l.v4:], l.v6, l.none+l.v4
	}
	size := len(want)
	i, found := sort.Find(n, func(i int) int { return bytes.Compare(want, data[size*i:size*(i+1)]) })
	return before + i, found
}
