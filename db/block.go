package db

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
)

// A block is a few thousand ended flows, in the order of (start, id), that never
// change again. It is stored three times over, in parts: its addresses, each once
// (the dictionary); the columns that filters look at, one part each; and whole
// rows, as many to a part as fit into a page of the file, from which results are read.
//
// In both, a number takes the bytes that the largest of its column needs once the
// smallest is subtracted, and none if all are equal. So any cell can be read
// without its neighbours: see cells.
type block struct {
	id       int64
	stored   int64 // when, ns since 1970
	rows     int
	zones    [numColumns]zone
	rowBytes int
	perChunk int // rows in a part of rows
	sums     []nodeSum
}

// zone is what a block says of a column.
type zone struct {
	min, max int64
	width    int // bytes a cell
	offset   int // of the cell in a row
}

// nodeSum is what one node reported of a block.
type nodeSum struct {
	node, flows int64
	octets      uint64
}

// The parts of a block, by number.
const (
	partDictionary = 0
	partColumn     = 1   // and one for each column
	partRows       = 128 // and one for each chunk of rows
	partsPerBlock  = 1024
)

// layout works out what follows from the zones.
func (b *block) layout() {
	b.rowBytes = 0
	for c := range b.zones {
		z := &b.zones[c]
		z.width = (bits.Len64(uint64(z.max)-uint64(z.min)) + 7) / 8
		if column(c) >= columnsOnly {
			z.offset = b.rowBytes
			b.rowBytes += z.width
		}
	}
	b.perChunk = (chunkBytes - padding) / max(1, b.rowBytes)
}

// cells are the numbers of one column, or of one place in rows: width bytes each
// (what mask lets through), stride apart, little-endian, less base. There
// are padding bytes behind the last one.
type cells struct {
	data       []byte
	stride     int
	mask, base uint64
}

// padding is how far the 8 bytes that cells.at reads can reach beyond a cell.
const padding = 8

func (c *cells) at(i int) int64 {
	return int64(binary.LittleEndian.Uint64(c.data[i*c.stride:])&c.mask + c.base)
}

func (z *zone) cells(data []byte, stride int) cells {
	return cells{data, stride, 1<<(8*z.width) - 1, uint64(z.min)} // in Go 1<<64 - 1 is all ones
}

// constant is a column whose cells are all the same.
func (z *zone) constant() cells { return cells{data: make([]byte, padding), base: uint64(z.min)} }

// packed is a block with its parts, ready to be stored.
type packed struct {
	block
	parts []packedPart
}

type packedPart struct {
	number int
	data   []byte
}

// pack makes a block out of tuples, which are sorted by (start, id). It sets
// their address columns.
func pack(tuples []*tuple) *packed {
	p := &packed{block: block{rows: len(tuples)}}
	dict := collect(tuples)
	p.add(partDictionary, append(appendAddresses(nil, dict), make([]byte, padding)...))
	for c := range p.zones {
		z := zone{min: tuples[0].nums[c], max: tuples[0].nums[c]}
		for _, t := range tuples[1:] {
			z.min, z.max = min(z.min, t.nums[c]), max(z.max, t.nums[c])
		}
		p.zones[c] = z
	}
	p.layout()
	p.sumNodes(tuples)
	for c := range rowsOnly {
		if z := &p.zones[c]; z.width > 0 {
			data := make([]byte, len(tuples)*z.width+padding)
			for i, t := range tuples {
				put(data[i*z.width:], uint64(t.nums[c])-uint64(z.min))
			}
			p.add(partColumn+int(c), data)
		}
	}
	for i := 0; i*p.perChunk < len(tuples); i++ {
		p.add(partRows+i, p.packRows(tuples[i*p.perChunk:min(len(tuples), (i+1)*p.perChunk)]))
	}
	return p
}

func (p *packed) packRows(tuples []*tuple) []byte {
	data := make([]byte, len(tuples)*p.rowBytes+padding)
	for i, t := range tuples {
		for c := columnsOnly; c < numColumns; c++ {
			if z := &p.zones[c]; z.width > 0 {
				put(data[i*p.rowBytes+z.offset:], uint64(t.nums[c])-uint64(z.min))
			}
		}
	}
	return data
}

// put writes a cell. What it writes beyond the cell's width is zero, and is
// overwritten by the next cells or lies in the padding.
func put(data []byte, n uint64) { binary.LittleEndian.PutUint64(data, n) }

func (p *packed) add(number int, data []byte) {
	p.parts = append(p.parts, packedPart{number, appendSum(data)})
}

func (p *packed) sumNodes(tuples []*tuple) {
	places := map[int64]int{}
	for _, t := range tuples {
		node := t.nums[colNode]
		i, ok := places[node]
		if !ok {
			i = len(p.sums)
			places[node] = i
			p.sums = append(p.sums, nodeSum{node: node})
		}
		s := &p.sums[i]
		s.flows++
		s.octets = addUp(s.octets, uint64(t.nums[colSentOctets])+uint64(t.nums[colRecvOctets]))
	}
}

// addUp is a + b, or the largest number if that is more.
func addUp(a, b uint64) uint64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return 1<<64 - 1
}

// collect sets the address columns of tuples to the places of their addresses
// in the dictionary that it returns.
func collect(tuples []*tuple) []netip.Addr {
	places := make(map[netip.Addr]int64, len(tuples)/2)
	for _, t := range tuples {
		for _, a := range t.addrs {
			places[a] = 0
		}
	}
	dict := make([]netip.Addr, 0, len(places))
	for a := range places {
		dict = append(dict, a)
	}
	slices.SortFunc(dict, netip.Addr.Compare)
	for i, a := range dict {
		places[a] = int64(i)
	}
	for _, t := range tuples {
		for i, c := range addressColumns {
			t.nums[c] = places[t.addrs[i]]
		}
	}
	return dict
}

// keep takes those rows out of a set whose cell is not in x.
func (c *cells) keep(rows bitmap, x interval) {
	span := uint64(x.hi) - uint64(x.lo)
	base := c.base - uint64(x.lo)
	for i, w := range rows {
		for rest := w; rest != 0; rest &= rest - 1 {
			bit := bits.TrailingZeros64(rest)
			cell := binary.LittleEndian.Uint64(c.data[(i*64+bit)*c.stride:]) & c.mask
			if cell+base > span {
				w &^= 1 << bit
			}
		}
		rows[i] = w
	}
}
