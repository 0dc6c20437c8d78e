package sqlitefile

import (
	"encoding/binary"
	"math"
)

// Types of pages: section 1.6 of the format.
const (
	indexLeaf = 10
	tableLeaf = 13
)

// maxPayload is the longest row that is read, in bytes: several times the largest of a flow store.
const maxPayload = 8 << 20

// pageHead returns where the header of a page's tree begins.
func pageHead(number uint32) int {
	if number == 1 {
		return 100 // after the header of the file
	}
	return 0
}

// cellCount returns how many cells a page seems to have. A page of unknown type may be a leaf whose
// type is damaged.
func cellCount(page []byte, number uint32) int {
	head := pageHead(number)
	switch page[head] {
	case 2, 5: // inner pages
		return 0
	}
	return min(int(binary.BigEndian.Uint16(page[head+3:])), (len(page)-head-8)/2)
}

// row reads a cell of a leaf.
func (f *File) row(page []byte, at Place) (r Row, ok bool) {
	head := pageHead(at.page)
	pointer := head + 8 + 2*int(at.cell)
	if pointer+2 > len(page) {
		return r, false
	}
	cell := int(binary.BigEndian.Uint16(page[pointer:]))
	if cell < pointer+2 || cell >= len(page) {
		return r, false
	}
	r = Row{Place: at, Indexed: page[head] == indexLeaf}
	data := page[cell:]
	size, n := varint(data)
	if n == 0 || size <= 0 || size > maxPayload {
		return r, false
	}
	data = data[n:]
	if !r.Indexed {
		if r.ID, n = varint(data); n == 0 {
			return r, false
		}
		data = data[n:]
	}
	payload, ok := f.payload(data, int(size), r.Indexed, at.later)
	if !ok {
		return r, false
	}
	r.Values, ok = values(payload)
	return r, ok
}

// payload returns the payload of a cell, with its overflow pages: section 1.6.
func (f *File) payload(data []byte, size int, indexed, later bool) ([]byte, bool) {
	usable := f.pageSize // weir reserves no bytes at the end of pages
	most := usable - 35
	least := (usable-12)*32/255 - 23
	if indexed {
		most = (usable-12)*64/255 - 23
	}
	if size <= most {
		if size > len(data) {
			return nil, false
		}
		return data[:size], true
	}
	local := least + (size-least)%(usable-4)
	if local > most {
		local = least
	}
	if local+4 > len(data) {
		return nil, false
	}
	out := append(make([]byte, 0, size), data[:local]...)
	next := binary.BigEndian.Uint32(data[local:])
	for len(out) < size {
		page, err := f.page(next, later)
		if err != nil {
			return nil, false
		}
		next = binary.BigEndian.Uint32(page)
		out = append(out, page[4:min(len(page), 4+size-len(out))]...)
	}
	return out, true
}

// varint reads a SQLite varint: big endian, 7 bits per byte, 8 in the ninth. n is 0 if the data ends early.
func varint(data []byte) (v int64, n int) {
	for i := range min(9, len(data)) {
		if i == 8 {
			return v<<8 | int64(data[i]), 9
		}
		if v = v<<7 | int64(data[i]&0x7f); data[i] < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}

// values parses a record: section 2.1.
func values(record []byte) ([]any, bool) {
	size, n := varint(record)
	if n == 0 || size < int64(n) || size > int64(len(record)) {
		return nil, false
	}
	types, body := record[n:size], record[size:]
	var out []any
	for len(types) > 0 {
		kind, n := varint(types)
		if n == 0 {
			return nil, false
		}
		types = types[n:]
		length, ok := valueSize(kind)
		if !ok || length > int64(len(body)) {
			return nil, false
		}
		out = append(out, value(kind, body[:length]))
		body = body[length:]
	}
	return out, len(body) == 0
}

// valueSize returns the size of a value in bytes by its serial type.
func valueSize(kind int64) (int64, bool) {
	switch {
	case kind < 0 || kind == 10 || kind == 11:
		return 0, false
	case kind >= 12:
		return (kind - 12) / 2, true
	}
	return [...]int64{0, 1, 2, 3, 4, 6, 8, 8, 0, 0}[kind], true
}

func value(kind int64, data []byte) any {
	switch {
	case kind == 0:
		return nil
	case kind == 7:
		return math.Float64frombits(binary.BigEndian.Uint64(data))
	case kind == 8 || kind == 9:
		return kind - 8
	case kind >= 12 && kind%2 == 0:
		return data
	case kind >= 12:
		return string(data)
	}
	v := int64(int8(data[0]))
	for _, b := range data[1:] {
		v = v<<8 | int64(b)
	}
	return v
}
