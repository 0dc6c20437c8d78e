package search

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"weir/flow"
)

// Order is the order of results: by a field, in one direction. Flows for which the field is not known come
// last in either direction. Flows with equal values, or without one, are in the order of Newest.
type Order uint16 // the field, shifted left by one, and in the lowest bit whether smallest values come first; FieldNone is FieldStart

// The orders by start time, then by record id.
const (
	Newest Order = iota // latest start first
	Oldest              // earliest start first
)

// orderFields are the fields of an order, with one number per flow.
var orderFields = [...]Field{
	FieldStart, FieldEnd, FieldDuration, FieldBytes, FieldSent, FieldRecv, FieldPackets, FieldSentPkts, FieldRecvPkts,
	FieldPayload, FieldSentPayload, FieldRecvPayload, FieldRTT, FieldServerRTT, FieldClientRTT, FieldRTTMin, FieldRTTMean,
	FieldRetrans, FieldSentRetrans, FieldRecvRetrans, FieldRetransBytes, FieldOutOfOrder, FieldZeroWindow, FieldSYNRetries,
	FieldProto, FieldSport, FieldDport, FieldSrcTTL, FieldDstTTL, FieldID,
}

// OrderFields returns the fields of [OrderBy].
func OrderFields() []Field { return slices.Clone(orderFields[:]) }

// CanOrder reports whether f is one of OrderFields.
func CanOrder(f Field) bool { return slices.Contains(orderFields[:], f) }

// OrderBy returns the order by one of OrderFields, with the largest values first or the smallest. By start
// it is Newest or Oldest.
func OrderBy(f Field, smallestFirst bool) Order {
	if f == FieldStart {
		f = FieldNone
	}
	o := Order(f) << 1
	if smallestFirst {
		o++
	}
	return o
}

// Field returns the field, FieldStart for Newest and Oldest.
func (o Order) Field() Field {
	if o.ByStart() {
		return FieldStart
	}
	return Field(o >> 1)
}

// ByStart reports whether o is Newest or Oldest.
func (o Order) ByStart() bool { return o <= Oldest }

// SmallestFirst reports whether the smallest value comes first.
func (o Order) SmallestFirst() bool { return o&1 == 1 }

// Reverse returns the other direction.
func (o Order) Reverse() Order { return o ^ 1 }

// String returns "newest", "oldest", "bytes" or, with the smallest first, "bytes:asc".
func (o Order) String() string {
	switch {
	case o == Newest:
		return "newest"
	case o == Oldest:
		return "oldest"
	case o.SmallestFirst():
		return o.Field().String() + ":asc"
	}
	return o.Field().String()
}

// Words returns the order for a sentence: "newest first", "bytes, largest first".
func (o Order) Words() string {
	switch {
	case o.ByStart():
		return o.String() + " first"
	case o.SmallestFirst():
		return o.Field().String() + ", smallest first"
	}
	return o.Field().String() + ", largest first"
}

// ParseOrder is the inverse of String. It ignores case and also accepts other names of fields, and ":desc".
func ParseOrder(s string) (Order, error) {
	word := strings.ToLower(s)
	switch word {
	case "newest":
		return Newest, nil
	case "oldest":
		return Oldest, nil
	}
	name, smallestFirst := strings.CutSuffix(word, ":asc")
	if f := fieldByWord(strings.TrimSuffix(name, ":desc")); CanOrder(f) {
		return OrderBy(f, smallestFirst), nil
	}
	return Newest, fmt.Errorf("unknown order %q: expected newest, oldest, or a number or time such as bytes or duration:asc", s)
}

// OrderWords returns the texts of orders that completion offers.
func OrderWords() []string {
	words := []string{"newest", "oldest"}
	for _, f := range orderFields[1:] {
		words = append(words, f.String())
	}
	return words
}

// Value returns the number by which o orders r, and whether it is known. Times are in ns since 1970.
func (o Order) Value(r *flow.Record) (n int64, known bool) {
	size := func(n uint64) (int64, bool) { return int64(min(n, MaxNumber)), true }
	span := func(d time.Duration) (int64, bool) { return int64(d), d != 0 }
	switch o.Field() {
	case FieldStart:
		return nanos(r.Start)
	case FieldEnd:
		if r.Open() {
			return 0, false
		}
		return nanos(r.Last)
	case FieldDuration:
		start, _ := nanos(r.Start)
		last, _ := nanos(r.Last)
		return last - start, true // from or to an unknown time it wraps around, as in stores
	case FieldBytes:
		return size(r.Sent.Octets + r.Recv.Octets)
	case FieldSent:
		return size(r.Sent.Octets)
	case FieldRecv:
		return size(r.Recv.Octets)
	case FieldPackets:
		return size(r.Sent.Packets + r.Recv.Packets)
	case FieldSentPkts:
		return size(r.Sent.Packets)
	case FieldRecvPkts:
		return size(r.Recv.Packets)
	case FieldRTT:
		return span(r.RTT())
	case FieldServerRTT:
		return span(r.ServerRTT)
	case FieldClientRTT:
		return span(r.ClientRTT)
	case FieldRTTMin:
		return span(r.RTTMin())
	case FieldRTTMean:
		return span(r.RTTMean())
	case FieldProto:
		return int64(r.Proto), true
	case FieldSport:
		return int64(r.Src.Port), r.Proto.HasPorts()
	case FieldDport:
		return int64(r.Dst.Port), r.Proto.HasPorts()
	case FieldID:
		return r.ID, true
	}
	return o.healthValue(r)
}

// healthValue is Value for payload, TCP health and TTLs.
func (o Order) healthValue(r *flow.Record) (n int64, known bool) {
	size := func(n uint64, known bool) (int64, bool) { return int64(min(n, MaxNumber)), known }
	s, d := &r.SrcSide, &r.DstSide
	switch o.Field() {
	case FieldPayload:
		return size(r.Payload(), !r.Uncounted)
	case FieldSentPayload:
		return size(s.Payload, !r.Uncounted)
	case FieldRecvPayload:
		return size(d.Payload, !r.Uncounted)
	case FieldRetrans:
		return size(r.Retransmitted().Packets, r.HasHealth())
	case FieldSentRetrans:
		return size(s.Retransmitted.Packets, r.HasHealth())
	case FieldRecvRetrans:
		return size(d.Retransmitted.Packets, r.HasHealth())
	case FieldRetransBytes:
		return size(r.Retransmitted().Octets, r.HasHealth())
	case FieldOutOfOrder:
		return size(r.OutOfOrder(), r.HasHealth())
	case FieldZeroWindow:
		return size(r.ZeroWindows(), r.HasHealth())
	case FieldSYNRetries:
		return int64(r.SYNRetries), r.Proto == flow.TCP
	case FieldSrcTTL:
		return int64(s.MinTTL), s.MinTTL > 0
	case FieldDstTTL:
		return int64(d.MinTTL), d.MinTTL > 0
	}
	return 0, false
}

// nanos returns a time in ns since 1970, the smallest number if it is not known, and whether it is.
func nanos(t time.Time) (int64, bool) {
	if t.IsZero() {
		return math.MinInt64, false
	}
	return t.UnixNano(), true
}

// Cursor is a position in an ordered result: after the flow with this start time and id and, in an order by
// another field, this value. The zero Cursor is before the first flow.
type Cursor struct {
	Start time.Time
	ID    int64
	Value int64 // of the order's field, see [Order.Value]; 0 in an order by start
	Known bool  // the flow has a value; false in an order by start
}

// IsZero reports whether c is before the first record.
func (c Cursor) IsZero() bool { return c.ID == 0 && c.Start.IsZero() }

// After returns the cursor after r in the order o.
func (o Order) After(r *flow.Record) Cursor {
	c := Cursor{Start: r.Start, ID: r.ID}
	if !o.ByStart() {
		c.Value, c.Known = o.Value(r)
	}
	return c
}
