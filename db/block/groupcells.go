package block

import (
	"weir/flow"
	"weir/search"
)

// GroupCells are numbers of the rows of a batch that are equal within a group.
type GroupCells struct {
	At      func(row int) int64
	Address bool // the numbers are indexes of Batch.Addresses
	Raw     bool // the numbers are those of a column, in the range of Zone
	Zone    Zone
}

// GroupCellsOf returns the cells that tell the given rows apart by a field, as search.Value describes
// them: one, and for ByPair two. Names are the ids of names.
func GroupCellsOf(b Batch, by search.By, rows Bitmap) ([]GroupCells, error) {
	switch by {
	case search.ByPair:
		return rawCells(b, rows, true, ColSrc, ColDst)
	case search.ByPort:
		at, err := Ports(b)
		return []GroupCells{{At: at}}, err
	case search.ByVerdict:
		at, err := verdicts(b, rows)
		return []GroupCells{{At: at}}, err
	case search.ByOpen:
		reason, err := b.Cells(ColEndReason)
		return []GroupCells{{At: func(i int) int64 {
			if flow.EndReason(reason.At(i)) == flow.StillOpen {
				return 1
			}
			return 0
		}}}, err
	case search.ByVLAN:
		at, err := combined(b, rows, func(outer, inner, _ int64) int64 { return outer<<16 | inner }, ColVLANOuter, ColVLANInner)
		return []GroupCells{{At: at}}, err
	case search.ByFlags, search.BySrcFlags, search.ByDstFlags:
		at, err := combined(b, rows, func(proto, a, b int64) int64 {
			if flow.Proto(proto) != flow.TCP {
				return search.Absent
			}
			return a | b
		}, append([]Column{ColProto}, flagColumns(by.Field())...)...)
		return []GroupCells{{At: at}}, err
	}
	f := by.Field()
	if c := addrColumns(f); len(c) > 0 {
		return rawCells(b, rows, true, c[0])
	}
	if c := nameColumns(f); len(c) > 0 {
		return rawCells(b, rows, false, c[0])
	}
	v := numberValues(f)[0]
	if len(v.conditions) == 0 {
		return rawCells(b, rows, false, v.sum[0])
	}
	known := v.conditions[0] // no field that flows are grouped by has more
	at, err := combined(b, rows, func(n, of, _ int64) int64 {
		if known.ok(of) {
			return n
		}
		return search.Absent
	}, v.sum[0], known.col)
	return []GroupCells{{At: at}}, err
}

// rawCells returns the numbers of columns as they are.
func rawCells(b Batch, rows Bitmap, address bool, columns ...Column) ([]GroupCells, error) {
	out := make([]GroupCells, len(columns))
	for i, c := range columns {
		cells, err := b.sparseCells(c, rows)
		if err != nil {
			return nil, err
		}
		out[i] = GroupCells{At: cells.At, Address: address, Raw: true, Zone: b.Zone(c)}
	}
	return out, nil
}

// combined returns a function of the numbers of up to three columns, 0 for those that are not given.
func combined(b Batch, rows Bitmap, of func(x, y, z int64) int64, columns ...Column) (func(row int) int64, error) {
	cells := [3]Cells{Constant(0), Constant(0), Constant(0)}
	for i, c := range columns {
		var err error
		if cells[i], err = b.sparseCells(c, rows); err != nil {
			return nil, err
		}
	}
	return func(row int) int64 { return of(cells[0].At(row), cells[1].At(row), cells[2].At(row)) }, nil
}

// Ports returns protocol<<16 | destination port, without port for protocols that have none.
func Ports(b Batch) (func(row int) int64, error) {
	cells, err := cellsOf(b, ColProto, ColDport)
	if err != nil {
		return nil, err
	}
	return func(row int) int64 {
		proto := cells[0].At(row)
		if flow.Proto(proto).HasPorts() {
			return proto<<16 | cells[1].At(row)
		}
		return proto << 16
	}, nil
}

// verdicts returns the verdicts of rows as [Tuple.Join] gives them.
func verdicts(b Batch, rows Bitmap) (func(row int) int64, error) {
	cells, err := cellsOf(b, ColVerdict, ColProto, ColSrcFlags, ColDstFlags, ColSeen, ColSentPackets, ColRecvPackets, ColSport, ColDport)
	if err != nil {
		return nil, err
	}
	table := correctTCP()
	read := func(i int, direction func(int) flow.Direction) flow.Verdict {
		v, proto := flow.Verdict(cells[0].At(i)), flow.Proto(cells[1].At(i))
		switch {
		case v == flow.NoVerdict || v > flow.ReplyOnly:
			return v
		case proto == flow.TCP:
			return table[v][flagSet(flagsSeen(cells[2].At(i), cells[4].At(i)&SeenSrcISN))][flagSet(flagsSeen(cells[3].At(i), cells[4].At(i)&SeenDstISN))]
		case v < flow.Answered:
			return v
		}
		e := flow.Evidence{Proto: proto, Sent: cells[5].At(i) != 0, Recv: cells[6].At(i) != 0}
		if e.Sent && !e.Recv {
			e.SrcPort, e.DstPort, e.Direction = uint16(cells[7].At(i)), uint16(cells[8].At(i)), direction(i)
		}
		return e.Correct(v)
	}
	unknown := func(int) flow.Direction { return flow.ByUnknown }
	directed := make(Bitmap, len(rows)) // few; a block has the direction in its rows only
	rows.Each(func(i int) {
		if read(i, unknown) == flow.ReplyOnly {
			directed.Set(i)
		}
	})
	if directed.Empty() {
		return func(i int) int64 { return int64(read(i, unknown)) }, nil
	}
	direction, err := b.sparseCells(ColDirection, directed)
	if err != nil {
		return nil, err
	}
	known := func(i int) flow.Direction { return flow.Direction(direction.At(i)) }
	return func(i int) int64 {
		if directed.Has(i) {
			return int64(read(i, known))
		}
		return int64(read(i, unknown))
	}, nil
}

// flagsSeen returns stored flags, with SYN if an initial sequence number was seen, as flow.Side.Evidence.
func flagsSeen(flags, isn int64) flow.Flags {
	if isn != 0 {
		return flow.Flags(flags) | flow.SYN
	}
	return flow.Flags(flags)
}
