package block

import (
	"cmp"
	"encoding/binary"
	"runtime"
	"slices"
)

// Packer makes one block after another and reuses its memory. The zero value is ready to use.
type Packer struct {
	header    Header
	parts     []part   // of the block, by number
	data      []byte   // what parts refers to
	tuples    []*Tuple // the flows of the block
	columns   [rowsOnly]bitWriter
	part      []byte // the part being built
	addresses addressTable
}

// part is Packer.data[from:to].
type part struct{ number, from, to int }

// Header returns the header of the last block packed. It is valid until the next Pack.
func (p *Packer) Header() *Header { return &p.header }

// Each calls fn with the parts of the last block packed, in the order of their numbers, which are less
// than PartsPerBlock. It stops at an error of fn and returns it. The data is valid until the next
// Pack.
func (p *Packer) Each(fn func(number int, data []byte) error) error {
	for _, part := range p.parts {
		if err := fn(part.number, p.data[part.from:part.to]); err != nil {
			return err
		}
	}
	return nil
}

// bitWriter appends numbers of any width in bits.
type bitWriter struct {
	data []byte
	rest uint64 // bits that are not in data yet
	n    int    // number of bits in rest
}

// reset empties w, with room for n bytes.
func (w *bitWriter) reset(n int) { *w = bitWriter{data: slices.Grow(w.data[:0], n+8)} }

func (w *bitWriter) put(v uint64, width int) {
	w.rest |= v << w.n
	if w.n += width; w.n >= 64 {
		w.data = binary.LittleEndian.AppendUint64(w.data, w.rest)
		w.n -= 64
		w.rest = v >> (width - w.n) // in Go a shift by 64 leaves 0
	}
}

// end returns the data, n bytes long.
func (w *bitWriter) end(n int) []byte {
	for len(w.data) < n {
		w.data = binary.LittleEndian.AppendUint64(w.data, w.rest)
		w.rest = 0
	}
	w.data = w.data[:n]
	return w.data
}

// Pack makes the block with the number id, made at the time stored, of 1 to MaxRows tuples, which are
// sorted by ByStart. It sets the numbers of their address columns.
func (p *Packer) Pack(id, stored int64, tuples []*Tuple) {
	p.tuples = tuples
	p.header = Header{ID: id, Stored: stored, Rows: len(tuples), Format: Keyed, columns: int(NumColumns)}
	p.parts, p.data = p.parts[:0], slices.Grow(p.data[:0], bytesPerRowHint*len(tuples))
	dict := p.addresses.collect(tuples)
	p.measure()
	for c := range p.header.zones {
		p.header.layOut(c, &p.header.zones[c])
	}
	p.header.finishLayout()
	p.sumNodes()
	p.part = appendAddresses(p.part[:0], dict)
	p.part = append(p.part, zeroes[:]...)
	p.add(partDictionary)
	p.packColumns()
	p.packRows()
}

// add appends p.part with its checksum to the block.
func (p *Packer) add(number int) {
	p.part = appendSum(p.part, 0, p.header.ID, int64(number))
	from := len(p.data)
	p.data = append(p.data, p.part...)
	p.parts = append(p.parts, part{number, from, len(p.data)})
}

// measure sets the smallest and largest number of each column.
func (p *Packer) measure() {
	zones := &p.header.zones
	for c := range zones {
		zones[c].Min, zones[c].Max = p.tuples[0].Nums[c], p.tuples[0].Nums[c]
	}
	for _, t := range p.tuples[1:] {
		for c := range zones {
			z, v := &zones[c], t.Nums[c]
			if v < z.Min {
				z.Min = v
			}
			if v > z.Max {
				z.Max = v
			}
		}
	}
}

// chunksPerTurn is how many chunks of 32 rows are packed before other goroutines get their turn: half a millisecond. A
// search beside a writer that needs all cores would wait for 10 ms, until Go takes one from it.
const chunksPerTurn = 16

// packColumns writes 32 rows of every column at a time, so that the rows stay in the CPU cache.
func (p *Packer) packColumns() {
	for c := range p.columns {
		p.columns[c].reset(p.header.columnBytes(&p.header.zones[c]))
	}
	turn := 0
	for rows := range slices.Chunk(p.tuples, 32) {
		if turn++; turn%chunksPerTurn == 0 {
			runtime.Gosched()
		}
		for c := range p.columns {
			z, w := &p.header.zones[c], &p.columns[c]
			if z.width == 0 {
				continue
			}
			for _, t := range rows {
				w.put(uint64(t.Nums[c])-uint64(z.Min), z.width)
			}
		}
	}
	for c := range p.columns {
		z := &p.header.zones[c]
		if z.width == 0 {
			continue
		}
		p.part = append(p.part[:0], p.columns[c].end(p.header.columnBytes(z))...)
		p.add(partColumn + c)
	}
}

func (p *Packer) packRows() {
	number := partRows
	var w bitWriter
	for rows := range slices.Chunk(p.tuples, p.header.perChunk) {
		size := len(rows)*p.header.rowBytes + padding
		w = bitWriter{data: p.part[:0]}
		for i, t := range rows {
			for c := range p.header.zones {
				if z := &p.header.zones[c]; z.width > 0 {
					at := 8*i*p.header.rowBytes + z.offset
					w.skip(at)
					w.put(uint64(t.Nums[c])-uint64(z.Min), z.width)
				}
			}
		}
		p.part = w.end(size)
		p.add(number)
		number++
	}
}

// skip pads with zero bits up to bit to.
func (w *bitWriter) skip(to int) {
	if gap := to - 8*len(w.data) - w.n; gap > 0 {
		w.put(0, gap)
	}
}

func (p *Packer) sumNodes() {
	index := map[int64]int{} // of a node in Sums
	for _, t := range p.tuples {
		node := t.Nums[ColNode]
		i, ok := index[node]
		if !ok {
			i = len(p.header.Sums)
			index[node] = i
			p.header.Sums = append(p.header.Sums, NodeSum{Node: node})
		}
		s := &p.header.Sums[i]
		s.Flows++
		s.Octets = AddSaturating(s.Octets, uint64(t.Nums[ColSentOctets])+uint64(t.Nums[ColRecvOctets]))
	}
}

// ByStart compares tuples by start, then by id: the order of the rows of a block.
func ByStart(a, b *Tuple) int {
	return cmp.Or(cmp.Compare(a.Nums[ColStart], b.Nums[ColStart]), cmp.Compare(a.Nums[ColID], b.Nums[ColID]))
}

// AddSaturating returns a + b, or the largest uint64 if that overflows: counters don't wrap.
func AddSaturating(a, b uint64) uint64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return 1<<64 - 1
}
