package block

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"sort"
)

// Addresses is a list of sorted addresses, as they stand in a part: whether the first is "none" (one byte), how
// many are IPv4 (uvarint), and their bytes; the rest is IPv6. It is searched as it is.
type Addresses struct {
	none, v4, v6 int
	data         []byte // of the addresses
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

// readAddresses undoes appendAddresses.
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

// noPlace is the place of the addresses of a column that a block does not have.
const noPlace = -1

// At returns the address at a place; invalid: none. The error is ErrDamaged if there is no such place.
func (l *Addresses) At(i int64) (netip.Addr, error) {
	switch k := int(i) - l.none; {
	case i == noPlace:
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

// find returns the place of the first address that is not less than a, among those of a's family, and
// whether it is a.
func (l *Addresses) find(a netip.Addr) (place int, found bool) {
	want := a.AsSlice()
	data, n, before := l.data[:4*l.v4], l.v4, l.none
	if !a.Is4() {
		data, n, before = l.data[4*l.v4:], l.v6, l.none+l.v4
	}
	size := len(want)
	i, found := sort.Find(n, func(i int) int { return bytes.Compare(want, data[size*i:size*(i+1)]) })
	return before + i, found
}
