package block

import (
	"sync"

	"weir/flow"
	"weir/search"
)

// verdictFilter matches rows by their verdict as [Tuple.Join] gives it: earlier programs stored some
// that the other columns contradict.
type verdictFilter struct {
	list   []Interval // merged
	passes [256]bool  // by verdict as it is read
}

func newVerdictFilter(x search.Numbers) verdictFilter {
	f := verdictFilter{list: intervals(x)}
	for v := range f.passes {
		f.passes[v] = inIntervals(f.list, int64(v))
	}
	return f
}

// mayBecome reports whether a flow stored with verdict v can be read with verdict as. Of TCP flows any
// verdict can be wrong, of others only those on replies.
func mayBecome(v, as flow.Verdict) bool {
	onReply := func(v flow.Verdict) bool {
		return v == flow.Answered || v == flow.Unanswered || v == flow.ReplyOnly
	}
	switch {
	case v == as:
		return true
	case v == flow.NoVerdict || v > flow.ReplyOnly:
		return false
	case v == flow.Unreachable:
		return as == flow.ReplyOnly
	case onReply(as):
		return onReply(v)
	}
	return flow.NoVerdict < as && as < flow.Answered
}

// Zones decides from the range of stored verdicts.
func (f verdictFilter) Zones(b Zoned) Outcome {
	z := b.Zone(ColVerdict)
	if z.Min < 0 || z.Max > 255 {
		return SomeRows
	}
	hit, miss := false, false
	for v := z.Min; v <= z.Max; v++ {
		hit, miss = hit || f.passes[v], miss || !f.passes[v]
		for as := range flow.ReplyOnly + 1 {
			if mayBecome(flow.Verdict(v), as) {
				hit, miss = hit || f.passes[as], miss || !f.passes[as]
			}
		}
	}
	switch {
	case !hit:
		return NoRow
	case !miss:
		return EveryRow
	}
	return SomeRows
}

func (f verdictFilter) Narrow(b Batch, rows Bitmap) error {
	cells, err := cellsOf(b, ColVerdict, ColProto)
	if err != nil {
		return err
	}
	verdicts, protos := &cells[0], &cells[1]
	tcp, others := make(Bitmap, len(rows)), make(Bitmap, len(rows))
	onReply := [...]flow.Verdict{flow.Answered, flow.Unanswered, flow.ReplyOnly, flow.Unreachable}
	isSame := true // all verdicts on replies match, or none does
	for _, v := range onReply {
		isSame = isSame && f.passes[v] == f.passes[flow.Answered]
	}
	rows.Keep(func(i int) bool {
		v := flow.Verdict(verdicts.At(i))
		switch isTCP := flow.Proto(protos.At(i)) == flow.TCP; {
		case v == flow.NoVerdict || v > flow.ReplyOnly:
		case isTCP:
			tcp.Set(i)
			return false
		case !isSame && v >= flow.Answered:
			others.Set(i)
			return false
		}
		return f.passes[v]
	})
	if err := f.narrowTCP(b, tcp, verdicts); err != nil {
		return err
	}
	if err := f.narrowOthers(b, others, verdicts, protos); err != nil {
		return err
	}
	rows.Add(tcp)
	rows.Add(others)
	return nil
}

// tcpFlags is the number of sets of flags that [flow.Evidence.Correct] tells apart: SYN, ACK, FIN and
// RST, and whether there is any other.
const tcpFlags = 32

// flagSet numbers the sets of flags.
func flagSet(f flow.Flags) int {
	n := int(f&(flow.FIN|flow.SYN|flow.RST)) | int(f&flow.ACK)>>1
	if f&^(flow.FIN|flow.SYN|flow.RST|flow.ACK) != 0 {
		n |= 16
	}
	return n
}

// correctTCP returns the verdicts of TCP flows as they are read, by stored verdict and the flags of source
// and destination: looking one up is several times as fast as to correct it.
var correctTCP = sync.OnceValue(func() *[flow.ReplyOnly + 1][tcpFlags][tcpFlags]flow.Verdict {
	table := new([flow.ReplyOnly + 1][tcpFlags][tcpFlags]flow.Verdict)
	for v := range table {
		for src := range 64 { // URG stands for the other flags
			for dst := range 64 {
				e := flow.Evidence{Proto: flow.TCP, SrcFlags: flow.Flags(src), DstFlags: flow.Flags(dst)}
				table[v][flagSet(e.SrcFlags)][flagSet(e.DstFlags)] = e.Correct(flow.Verdict(v))
			}
		}
	}
	return table
})

// narrowTCP removes the rows of TCP flows that don't match.
func (f verdictFilter) narrowTCP(b Batch, rows Bitmap, verdicts *Cells) error {
	if rows.Empty() {
		return nil
	}
	cells, err := cellsOf(b, ColSrcFlags, ColDstFlags, ColSeen)
	if err != nil {
		return err
	}
	table := correctTCP()
	rows.Keep(func(i int) bool {
		src, dst, seen := flow.Flags(cells[0].At(i)), flow.Flags(cells[1].At(i)), cells[2].At(i)
		if seen&SeenSrcISN != 0 { // as flow.Side.Evidence
			src |= flow.SYN
		}
		if seen&SeenDstISN != 0 {
			dst |= flow.SYN
		}
		return f.passes[table[uint8(verdicts.At(i))][flagSet(src)][flagSet(dst)]]
	})
	return nil
}

// narrowOthers removes the rows of other flows that don't match.
func (f verdictFilter) narrowOthers(b Batch, rows Bitmap, verdicts, protos *Cells) error {
	if rows.Empty() {
		return nil
	}
	packets, err := cellsOf(b, ColSentPackets, ColRecvPackets)
	if err != nil {
		return err
	}
	oneWay := make(Bitmap, len(rows))
	rows.Keep(func(i int) bool {
		e := flow.Evidence{Proto: flow.Proto(protos.At(i)), Sent: packets[0].At(i) != 0, Recv: packets[1].At(i) != 0}
		if e.Sent && !e.Recv {
			oneWay.Set(i)
			return false
		}
		return f.passes[e.Correct(flow.Verdict(verdicts.At(i)))]
	})
	if err := f.narrowOneWay(b, oneWay, verdicts, protos); err != nil {
		return err
	}
	rows.Add(oneWay)
	return nil
}

// narrowOneWay is narrowOthers for flows of which the source alone sent packets: their verdict depends on
// the ports, and on how the source was identified.
func (f verdictFilter) narrowOneWay(b Batch, rows Bitmap, verdicts, protos *Cells) error {
	if rows.Empty() {
		return nil
	}
	ports, err := cellsOf(b, ColSport, ColDport)
	if err != nil {
		return err
	}
	read := func(i int, d flow.Direction) flow.Verdict {
		e := flow.Evidence{Proto: flow.Proto(protos.At(i)), Sent: true, SrcPort: uint16(ports[0].At(i)), DstPort: uint16(ports[1].At(i)), Direction: d}
		return e.Correct(flow.Verdict(verdicts.At(i)))
	}
	directed := make(Bitmap, len(rows)) // few; a block has the direction in its rows only
	rows.Keep(func(i int) bool {
		v := read(i, flow.ByUnknown)
		if v == flow.ReplyOnly {
			directed.Set(i)
			return false
		}
		return f.passes[v]
	})
	if directed.Empty() {
		return nil
	}
	direction, err := b.sparseCells(ColDirection, directed)
	if err != nil {
		return err
	}
	directed.Keep(func(i int) bool { return f.passes[read(i, flow.Direction(direction.At(i)))] })
	rows.Add(directed)
	return nil
}

// cellsOf returns the numbers of several columns.
func cellsOf(b Batch, columns ...Column) ([]Cells, error) {
	out := make([]Cells, len(columns))
	for i, c := range columns {
		var err error
		if out[i], err = b.Cells(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}
