package db

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"slices"
)

// packer makes blocks. Its memory serves one after the other.
type packer struct {
	block   block
	parts   []part // of the block, in order of their numbers
	data    []byte // what they hold
	tuples  []*tuple
	columns [rowsOnly]bitWriter
	part    []byte // the one that is being made
	places  addressTable
}

// part is a piece of a block, packer.data[from:to].
type part struct{ number, from, to int }

// each calls fn with the parts of the block, in the order of their numbers.
func (p *packer) each(fn func(number int, data []byte) error) error {
	for _, part := range p.parts {
		if err := fn(part.number, p.data[part.from:part.to]); err != nil {
			return err
		}
	}
	return nil
}

// bitWriter appends numbers of some bits to data.
type bitWriter struct {
	data []byte
	rest uint64 // bits that are not in data yet
	n    int    // how many
}

// reset makes w empty, with room for n bytes.
func (w *bitWriter) reset(n int) { *w = bitWriter{data: slices.Grow(w.data[:0], n+8)} }

func (w *bitWriter) put(v uint64, width int) {
	w.rest |= v << w.n
	if w.n += width; w.n >= 64 {
		w.data = binary.LittleEndian.AppendUint64(w.data, w.rest)
		w.n -= 64
		w.rest = v >> (width - w.n) // in Go nothing is left of a shift by 64
	}
}

// end returns the data in n bytes.
func (w *bitWriter) end(n int) []byte {
	for len(w.data) < n {
		w.data = binary.LittleEndian.AppendUint64(w.data, w.rest)
		w.rest = 0
	}
	w.data = w.data[:n]
	return w.data
}

// pack makes a block of tuples, which are sorted by (start, id). It sets their
// address columns.
func (p *packer) pack(tuples []*tuple) {
	p.tuples = tuples
	p.block = block{rows: len(tuples), format: inBits}
	p.parts, p.data = p.parts[:0], slices.Grow(p.data[:0], packedBytes*len(tuples))
	dict := p.places.collect(tuples)
	p.measure()
	p.block.layout()
	p.sumNodes()
	p.part = appendAddresses(p.part[:0], dict)
	p.part = append(p.part, zeroes[:]...)
	p.add(partDictionary)
	p.packColumns()
	p.packRows()
}

// add makes what is in p.part a part of the block.
func (p *packer) add(number int) {
	p.part = appendSum(p.part)
	from := len(p.data)
	p.data = append(p.data, p.part...)
	p.parts = append(p.parts, part{number, from, len(p.data)})
}

// measure finds the smallest and largest number of each column.
func (p *packer) measure() {
	zones := &p.block.zones
	for c := range zones {
		zones[c].min, zones[c].max = p.tuples[0].nums[c], p.tuples[0].nums[c]
	}
	for _, t := range p.tuples[1:] {
		for c := range zones {
			z, v := &zones[c], t.nums[c]
			if v < z.min {
				z.min = v
			}
			if v > z.max {
				z.max = v
			}
		}
	}
}

// packColumns writes some rows of all columns, then the next ones, so that the rows stay in the cache of the processor.
func (p *packer) packColumns() {
	for c := range p.columns {
		p.columns[c].reset(p.block.columnBytes(&p.block.zones[c]))
	}
	for rows := range slices.Chunk(p.tuples, 32) {
		for c := range p.columns {
			z, w := &p.block.zones[c], &p.columns[c]
			if z.width == 0 {
				continue
			}
			for _, t := range rows {
				w.put(uint64(t.nums[c])-uint64(z.min), z.width)
			}
		}
	}
	for c := range p.columns {
		z := &p.block.zones[c]
		if z.width == 0 {
			continue
		}
		p.part = append(p.part[:0], p.columns[c].end(p.block.columnBytes(z))...)
		p.add(partColumn + c)
	}
}

func (p *packer) packRows() {
	number := partRows
	var w bitWriter
	for rows := range slices.Chunk(p.tuples, p.block.perChunk) {
		size := len(rows)*p.block.rowBytes + padding
		w = bitWriter{data: p.part[:0]}
		for i, t := range rows {
			for c := range p.block.zones {
				if z := &p.block.zones[c]; z.width > 0 {
					at := 8*i*p.block.rowBytes + z.offset
					w.skip(at)
					w.put(uint64(t.nums[c])-uint64(z.min), z.width)
				}
			}
		}
		p.part = w.end(size)
		p.add(number)
		number++
	}
}

// skip goes on at a bit that lies ahead.
func (w *bitWriter) skip(to int) {
	if gap := to - 8*len(w.data) - w.n; gap > 0 {
		w.put(0, gap)
	}
}

func (p *packer) sumNodes() {
	places := map[int64]int{}
	for _, t := range p.tuples {
		node := t.nums[colNode]
		i, ok := places[node]
		if !ok {
			i = len(p.block.sums)
			places[node] = i
			p.block.sums = append(p.block.sums, nodeSum{node: node})
		}
		s := &p.block.sums[i]
		s.flows++
		s.octets = addUp(s.octets, uint64(t.nums[colSentOctets])+uint64(t.nums[colRecvOctets]))
	}
}

// addressTable numbers the addresses of a block. It is a hash table with open addressing: Go's map took a
// seventh of all that the writer does. The hash is seeded, so that nobody who picks addresses can make them collide.
type addressTable struct {
	seed  [2]uint64
	slots []int32 // one more than a place in seen
	seen  []netip.Addr
	order []int32 // places in seen, by address
	rank  []int64 // of each in seen
	dict  []netip.Addr
}

// collect sets the address columns of tuples to the places of their addresses
// in the sorted list that it returns.
func (k *addressTable) collect(tuples []*tuple) []netip.Addr {
	if k.seed == [2]uint64{} {
		k.seed = [2]uint64{rand.Uint64(), rand.Uint64()}
	}
	size := 64
	for size < 4*len(tuples) {
		size *= 2
	}
	if len(k.slots) != size {
		k.slots = make([]int32, size)
	}
	clear(k.slots)
	k.seen, k.order, k.dict = k.seen[:0], k.order[:0], k.dict[:0]
	for _, t := range tuples {
		for i, c := range addressColumns {
			t.nums[c] = int64(k.place(t.addrs[i]))
		}
	}
	for i := range k.seen {
		k.order = append(k.order, int32(i))
	}
	slices.SortFunc(k.order, func(a, b int32) int { return k.seen[a].Compare(k.seen[b]) })
	k.rank = slices.Grow(k.rank[:0], len(k.seen))[:len(k.seen)]
	for rank, i := range k.order {
		k.rank[i] = int64(rank)
		k.dict = append(k.dict, k.seen[i])
	}
	for _, t := range tuples {
		for _, c := range addressColumns {
			t.nums[c] = k.rank[t.nums[c]]
		}
	}
	return k.dict
}

// place is where a is in seen.
func (k *addressTable) place(a netip.Addr) int32 {
	mask := uint64(len(k.slots) - 1)
	for at := k.hash(a); ; at++ {
		switch slot := &k.slots[at&mask]; {
		case *slot == 0:
			k.seen = append(k.seen, a)
			*slot = int32(len(k.seen))
			return *slot - 1
		case k.seen[*slot-1] == a:
			return *slot - 1
		}
	}
}

// hash is a folded multiplication (as in wyhash).
func (k *addressTable) hash(a netip.Addr) uint64 {
	b := a.As16() // zero for no address
	hi, lo := bits.Mul64(binary.BigEndian.Uint64(b[:])^k.seed[0], binary.BigEndian.Uint64(b[8:])^k.seed[1])
	return hi ^ lo
}

// byStart orders tuples as blocks have them.
func byStart(a, b *tuple) int {
	return cmp.Or(cmp.Compare(a.nums[colStart], b.nums[colStart]), cmp.Compare(a.nums[colID], b.nums[colID]))
}
