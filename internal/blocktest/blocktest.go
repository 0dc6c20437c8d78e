// Package blocktest encodes flows as blocks and as pieces, with
// fewer or more columns than this version of weir has. It implements
// docs/schema.md independently of package db/block, whose tests use it.
package blocktest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"net/netip"
	"slices"
)

// Flow is a flow as column values.
type Flow struct {
	Nums  []int64            // by column; ignored for address columns
	Addrs map[int]netip.Addr // by address column, with the same keys in all flows; invalid: no address
}

// The columns with a special role in the format.
const (
	id, start, node, sent, received = 0, 1, 2, 13, 14
)

// Key is what a block's row in the table blocks says of it, as far as its
// checksums cover it.
type Key struct {
	ID, Stored int64
	Format     int64 // 1: the checksums don't cover the key; 2
}

func (k Key) header() []int64 {
	if k.Format < 2 {
		return nil
	}
	return []int64{k.ID, k.Stored, k.Format}
}

func (k Key) part(number int) []int64 {
	if k.Format < 2 {
		return nil
	}
	return []int64{k.ID, int64(number)}
}

// Block encodes flows as a block with the columns 0 to columns-1. hasPart reports
// which columns are also stored in a separate part. The result has the parts by
// number; header and parts end with their checksums.
func Block(k Key, flows []Flow, columns int, hasPart func(column int) bool) (header []byte, parts map[int][]byte) {
	flows = slices.Clone(flows)
	slices.SortFunc(flows, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.Nums[start], b.Nums[start]), cmp.Compare(a.Nums[id], b.Nums[id]))
	})
	dict := dictionary(flows, columns)
	parts = map[int][]byte{0: withSum(append(encodeAddresses(dict), make([]byte, 8)...), k.part(0)...)}
	header = binary.AppendUvarint(nil, uint64(len(flows)))
	header = binary.AppendUvarint(header, uint64(columns))
	numbers := make([][]uint64, columns) // by column, minus the smallest value
	widths := make([]int, columns)
	offsets := make([]int, columns)
	row := 0 // width of a row in bits
	for c := range columns {
		column := make([]int64, len(flows))
		for i, f := range flows {
			column[i] = f.Nums[c]
			if a, ok := f.Addrs[c]; ok {
				column[i] = int64(slices.Index(dict, a))
			}
		}
		least, most := slices.Min(column), slices.Max(column)
		header = binary.AppendVarint(header, least)
		header = binary.AppendUvarint(header, uint64(most)-uint64(least))
		for _, v := range column {
			numbers[c] = append(numbers[c], uint64(v)-uint64(least))
		}
		if widths[c] = bits.Len64(uint64(most) - uint64(least)); widths[c] > 57 {
			widths[c] = 64
		}
		if row%8+widths[c] > 64 {
			row += 8 - row%8
		}
		offsets[c] = row
		row += widths[c]
		if widths[c] > 0 && hasPart(c) {
			data := make([]byte, (len(flows)*widths[c]+7)/8+8)
			for i, v := range numbers[c] {
				setBits(data, i*widths[c], widths[c], v)
			}
			parts[1+c] = withSum(data, k.part(1+c)...)
		}
	}
	header = HeaderSum(k, appendSums(header, flows))
	rowBytes := (row + 7) / 8
	perPart := 3992 / max(1, rowBytes)
	for first := 0; first < len(flows); first += perPart {
		n := min(perPart, len(flows)-first)
		data := make([]byte, n*rowBytes+8)
		for i := range n {
			for c := range columns {
				setBits(data, 8*i*rowBytes+offsets[c], widths[c], numbers[c][first+i])
			}
		}
		parts[128+first/perPart] = withSum(data, k.part(128+first/perPart)...)
	}
	return header, parts
}

// dictionary returns the addresses in the columns 0 to columns-1, sorted and
// without duplicates.
func dictionary(flows []Flow, columns int) (dict []netip.Addr) {
	for _, f := range flows {
		for c, a := range f.Addrs {
			if c < columns {
				dict = append(dict, a)
			}
		}
	}
	slices.SortFunc(dict, netip.Addr.Compare)
	return slices.Compact(dict)
}

func encodeAddresses(dict []netip.Addr) []byte {
	var none, four byte
	var data []byte
	for _, a := range dict {
		switch {
		case !a.IsValid():
			none = 1
		case a.Is4():
			four++ // tests have fewer than 128
		}
		data = append(data, a.AsSlice()...)
	}
	return append([]byte{none, four}, data...)
}

// appendSums appends the number of flows and octets by node.
func appendSums(b []byte, flows []Flow) []byte {
	type sum struct {
		flows  int64
		octets uint64
	}
	sums := map[int64]sum{}
	for _, f := range flows {
		s := sums[f.Nums[node]]
		octets, carry := bits.Add64(s.octets, uint64(f.Nums[sent])+uint64(f.Nums[received]), 0)
		if carry > 0 {
			octets = 1<<64 - 1
		}
		sums[f.Nums[node]] = sum{s.flows + 1, octets}
	}
	b = binary.AppendUvarint(b, uint64(len(sums)))
	for n, s := range sums {
		b = binary.AppendVarint(binary.AppendVarint(b, n), s.flows)
		b = binary.AppendUvarint(b, s.octets)
	}
	return b
}

// setBits writes the low width bits of v to data at bit offset at, least
// significant bit first.
func setBits(data []byte, at, width int, v uint64) {
	for i := range width {
		data[(at+i)/8] |= byte(v>>i&1) << ((at + i) % 8)
	}
}

// withSum appends the CRC-32C of keys, 8 bytes each, and data to data.
func withSum(data []byte, keys ...int64) []byte {
	var all []byte
	for _, k := range keys {
		all = binary.LittleEndian.AppendUint64(all, uint64(k))
	}
	all = append(all, data...)
	return binary.LittleEndian.AppendUint32(data, crc32.Checksum(all, crc32.MakeTable(crc32.Castagnoli)))
}

// Piece encodes flows as the piece with a number, with the columns 0 to columns-1.
func Piece(id, session int64, flows []Flow, columns int) []byte {
	lo, hi := flows[0].Nums[start], flows[0].Nums[start]
	var rows []byte
	var n, a int
	for i, f := range flows {
		lo, hi = min(lo, f.Nums[start]), max(hi, f.Nums[start])
		var before Flow
		if before.Nums = make([]int64, 2); i > 0 {
			before = flows[i-1]
		}
		rows = binary.AppendVarint(rows, f.Nums[0]-before.Nums[0])
		rows = binary.AppendVarint(rows, f.Nums[start]-before.Nums[start])
		var numbers, addrs []byte
		numbers, addrs, n, a = record(f, columns)
		rows = append(append(rows, numbers...), addrs...)
	}
	b := []byte{1}
	for _, v := range []int{int(session), len(flows), n, a} {
		b = binary.AppendUvarint(b, uint64(v))
	}
	b = binary.AppendVarint(b, lo)
	b = binary.AppendUvarint(b, uint64(hi)-uint64(lo))
	return PieceSum(id, append(b, rows...))
}

// PieceSum appends the checksum of a piece, or of its superseded rows.
func PieceSum(id int64, data []byte) []byte {
	return withSum(bytes.Clone(data), id)
}

// Record encodes a flow as a row of the table hot with the columns 0 to
// columns-1.
func Record(f Flow, columns int) []byte {
	numbers, addrs, n, a := record(f, columns)
	b := binary.AppendUvarint([]byte{1}, uint64(n))
	b = append(b, numbers...)
	return append(binary.AppendUvarint(b, uint64(a)), addrs...)
}

// FirstRecord encodes a flow as a row of the table hot in the first format,
// which has no column counts.
func FirstRecord(f Flow) []byte {
	numbers, addrs, _, _ := record(f, 41)
	return append(numbers, addrs...)
}

// record encodes and counts the numbers and the addresses of the columns from 2
// on.
func record(f Flow, columns int) (numbers, addrs []byte, n, a int) {
	for c := 2; c < columns; c++ {
		addr, ok := f.Addrs[c]
		if !ok {
			numbers = binary.AppendVarint(numbers, f.Nums[c])
			n++
			continue
		}
		addrs = append(addrs, byte(addr.BitLen()/8))
		addrs = append(addrs, addr.AsSlice()...)
		a++
	}
	return numbers, addrs, n, a
}

// HeaderSum returns a copy of a header with a valid checksum appended, for tests
// that damage its content.
func HeaderSum(k Key, data []byte) []byte { return withSum(bytes.Clone(data), k.header()...) }
