package column

import (
	"math"
	"strconv"
	"time"

	"weir/flow"
	"weir/search"
	"weir/tui/ui"
)

// Payload, Retrans, OutOfOrder, ZeroWindow, RTTMin and RTTMean are empty for a flow in
// which they were not counted or measured.

// healthOf returns the number that one of these columns shows, with the filter field
// of the same name; known is false for an empty cell.
func healthOf(c Column, r *flow.Record) (n uint64, f search.Field, known bool) {
	switch c {
	case Payload:
		return r.Payload(), search.FieldPayload, !r.Uncounted
	case Retrans:
		return r.Retransmitted().Packets, search.FieldRetrans, r.HasHealth()
	case OutOfOrder:
		return r.OutOfOrder(), search.FieldOutOfOrder, r.HasHealth()
	case ZeroWindow:
		return r.ZeroWindows(), search.FieldZeroWindow, r.HasHealth()
	case RTTMin:
		return uint64(r.RTTMin()), search.FieldRTTMin, r.RTTMin() > 0
	case RTTMean:
		return uint64(r.RTTMean()), search.FieldRTTMean, r.RTTMean() > 0
	}
	return 0, search.FieldNone, false
}

// healthOrder returns what [Column.Compare] compares.
func healthOrder(c Column, r *flow.Record) int64 {
	n, _, known := healthOf(c, r)
	if !known {
		return -1
	}
	return int64(min(n, math.MaxInt64))
}

// appendHealth appends the cell of one of these columns.
func appendHealth(b []byte, c Column, r *flow.Record) []byte {
	n, _, known := healthOf(c, r)
	switch {
	case !known:
		return b
	case c == RTTMin || c == RTTMean:
		return appendRTT(b, time.Duration(n))
	}
	return ui.AppendSize(b, n)
}

// appendRTT appends a round trip in at most six columns: "412us", "9.87ms", "98.7ms",
// "987ms", "1.23s", "12.3s", "+9m59s" without its sign from a minute on. It rounds down.
func appendRTT(b []byte, d time.Duration) []byte {
	const us, ms = time.Microsecond, time.Millisecond
	switch {
	case d < us:
		return append(strconv.AppendInt(b, int64(d), 10), "ns"...)
	case d < ms:
		return append(strconv.AppendInt(b, int64(d/us), 10), "us"...)
	case d < 10*ms:
		return append(strconv.AppendFloat(b, float64(d/(10*us))/100, 'f', 2, 64), "ms"...)
	case d < 100*ms:
		return append(strconv.AppendFloat(b, float64(d/(100*us))/10, 'f', 1, 64), "ms"...)
	}
	return append(b, ui.Duration(d)...)
}

// healthTerm is Term for these columns.
func healthTerm(c Column, r *flow.Record) (term search.Expr, why string) {
	n, f, known := healthOf(c, r)
	switch {
	case known:
		n := int64(min(n, search.MaxNumber))
		return search.Numbers{Field: f, Ranges: []search.Interval{{Lo: n, Hi: n}}}, ""
	case c == RTTMin || c == RTTMean:
		return nil, "no round trip was measured: filter by " + f.String() + ":none"
	case c == Payload:
		return nil, "payload was not counted: filter by payload:none"
	case r.Proto != flow.TCP:
		return nil, "only TCP has segments"
	}
	return nil, All[c].Title + " was not counted"
}
