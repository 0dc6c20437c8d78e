package db

import (
	"encoding/binary"
	"net/netip"

	"weir/db/block"
	"weir/search"
)

// The key of a group identifies it in all batches: the values of its fields one after another, numbers
// as zigzag varints, addresses after their length.

// appendKeyPart appends the number n of a batch.
func appendKeyPart(key []byte, n int64, address bool, dict *block.Addresses) ([]byte, error) {
	if !address {
		return binary.AppendVarint(key, n), nil
	}
	a, err := dict.At(n)
	if err != nil {
		return key, err
	}
	switch {
	case a.Is4():
		b := a.As4()
		return append(append(key, 4), b[:]...), nil
	case a.IsValid():
		b := a.As16()
		return append(append(key, 16), b[:]...), nil
	}
	return append(key, 0), nil
}

// appendValues appends the values of a key.
func appendValues(values []search.Value, key []byte, g search.Grouping, names *dictionary) []search.Value {
	addr := func() netip.Addr {
		n := int(key[0])
		a, _ := netip.AddrFromSlice(key[1 : 1+n])
		key = key[1+n:]
		return a
	}
	for _, by := range g {
		var v search.Value
		switch kind := by.Field().Info().Kind; {
		case by == search.ByPair:
			v.Addr, v.Peer = addr(), addr()
		case by != search.ByPort && kind == search.KindAddr:
			v.Addr = addr()
		default:
			n, size := binary.Varint(key)
			key = key[size:]
			if by != search.ByPort && kind == search.KindName {
				v.Name = names.name(n)
			} else {
				v.Number = n
			}
		}
		values = append(values, v)
	}
	return values
}
