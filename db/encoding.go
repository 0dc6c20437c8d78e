package db

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"net/netip"
	"sort"
)

// appendSum ends data with its checksum (CRC-32C). SQLite has none of its own, and
// a bit that flips within a part would be a wrong number that nobody notices.
func appendSum(data []byte) []byte {
	return binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
}

// checkSum undoes appendSum.
func checkSum(data []byte) ([]byte, error) {
	n := len(data) - 4
	if n < 0 || crc32.Checksum(data[:n], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(data[n:]) {
		return nil, errDamaged
	}
	return data[:n], nil
}

// addressList is sorted addresses, as they stand in a part: whether the first is "none" (one byte), how
// many are IPv4 (uvarint), and their bytes; the rest is IPv6. It is searched as it is.
type addressList struct {
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
func readAddresses(b []byte) (l addressList, err error) {
	if len(b) < 2 || b[0] > 1 {
		return l, errDamaged
	}
	v4, n := binary.Uvarint(b[1:])
	if n <= 0 || v4 > uint64(len(b))/4 {
		return l, errDamaged
	}
	l = addressList{none: int(b[0]), v4: int(v4), data: b[1+n:]}
	rest := len(l.data) - 4*l.v4
	if l.v6 = rest / 16; rest < 0 || rest%16 != 0 {
		return l, errDamaged
	}
	return l, nil
}

func (l *addressList) len() int { return l.none + l.v4 + l.v6 }

// at returns the address at a place.
func (l *addressList) at(i int64) (netip.Addr, error) {
	switch k := int(i) - l.none; {
	case i < 0 || i >= int64(l.len()):
		return netip.Addr{}, errDamaged
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
func (l *addressList) find(a netip.Addr) (place int, found bool) {
	want := a.AsSlice()
	data, n, before := l.data[:4*l.v4], l.v4, l.none
	if !a.Is4() {
		data, n, before = l.data[4*l.v4:], l.v6, l.none+l.v4
	}
	size := len(want)
	i, found := sort.Find(n, func(i int) int { return bytes.Compare(want, data[size*i:size*(i+1)]) })
	return before + i, found
}

// appendHeader appends what a reader needs to know of a block before it looks into it.
func appendHeader(b []byte, k *block) []byte {
	b = binary.AppendUvarint(b, uint64(k.rows))
	b = binary.AppendUvarint(b, uint64(len(k.zones)))
	for _, z := range k.zones {
		b = binary.AppendVarint(b, z.min)
		b = binary.AppendUvarint(b, uint64(z.max)-uint64(z.min))
	}
	b = binary.AppendUvarint(b, uint64(len(k.sums)))
	for _, s := range k.sums {
		b = binary.AppendVarint(b, s.node)
		b = binary.AppendVarint(b, s.flows)
		b = binary.AppendUvarint(b, s.octets)
	}
	return appendSum(b)
}

// readBlockHeader undoes appendHeader.
func readBlockHeader(data []byte, how int64) (*block, error) {
	if how < int64(inBytes) || how > int64(inBits) {
		return nil, errDamaged
	}
	data, err := checkSum(data)
	if err != nil {
		return nil, err
	}
	r := varints{data: data}
	k := &block{rows: int(r.unsigned()), format: format(how)}
	if columns := r.unsigned(); columns != uint64(numColumns) || k.rows < 1 || k.rows > maxBlockRows {
		return nil, errDamaged
	}
	for c := range k.zones {
		z := &k.zones[c]
		z.min = r.signed()
		z.max = int64(uint64(z.min) + r.unsigned())
	}
	k.sums = make([]nodeSum, min(r.unsigned(), uint64(k.rows)))
	for i := range k.sums {
		k.sums[i] = nodeSum{r.signed(), r.signed(), r.unsigned()}
	}
	if r.bad {
		return nil, errDamaged
	}
	k.layout()
	return k, nil
}

// varints reads numbers one after the other; bad says that there were too few.
type varints struct {
	data []byte
	bad  bool
}

func (r *varints) signed() int64 {
	v, n := binary.Varint(r.data)
	r.skip(n)
	return v
}

func (r *varints) unsigned() uint64 {
	v, n := binary.Uvarint(r.data)
	r.skip(n)
	return v
}

func (r *varints) skip(n int) {
	if n <= 0 {
		r.bad = true
		return
	}
	r.data = r.data[n:]
}
