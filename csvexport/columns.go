package csvexport

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/flow"
)

// timeLayout is MM/DD/YYYY HH:MM:SS AM/PM.
const timeLayout = "01/02/2006 03:04:05 PM"

// form is how a value is written.
type form uint8

const (
	number form = iota // digits: bare in JSON
	word               // our own text, which needs no escape: in quotes in JSON
	text               // text of unknown origin: escaped in JSON, quoted and defused in CSV
)

// row is a record and the time zone to write it in.
type row struct {
	*flow.Record
	loc *time.Location
}

// column is one key of the JSON export and, if it is among the first
// csvColumns, one column of the CSV export.
type column struct {
	name   string
	form   form
	append func(dst []byte, r row) []byte // appends nothing where there is no value
}

// csvColumns is how many of the columns the CSV has.
const csvColumns = 15

// columns are in the order in which they are written. The first csvColumns are
// a contract; new ones go to the end. It is never written to.
var columns = [...]column{
	{"startTime", word, func(b []byte, r row) []byte { return appendTime(b, r.Start, r.loc) }},
	{"startTimeUnixMS", number, func(b []byte, r row) []byte { return appendUnixMS(b, r.Start) }},
	{"endTime", word, func(b []byte, r row) []byte { return appendTime(b, r.End(), r.loc) }},
	{"endTimeUnixMS", number, func(b []byte, r row) []byte { return appendUnixMS(b, r.End()) }},
	{"protocol", word, func(b []byte, r row) []byte { return append(b, r.Proto.String()...) }},
	{"sourceNode", text, func(b []byte, r row) []byte { return append(b, r.Src.Node...) }},
	{"sourceIP", word, func(b []byte, r row) []byte { return appendAddr(b, r.Src.Addr) }},
	{"sourcePort", number, func(b []byte, r row) []byte { return appendPort(b, r, r.Src.Port) }},
	{"destNode", text, func(b []byte, r row) []byte { return append(b, r.Dst.Node...) }},
	{"destIP", word, func(b []byte, r row) []byte { return appendAddr(b, r.Dst.Addr) }},
	{"destPort", number, func(b []byte, r row) []byte { return appendPort(b, r, r.Dst.Port) }},
	{"recvBytes", number, func(b []byte, r row) []byte { return appendUint(b, r.Recv.Octets) }},
	{"sentBytes", number, func(b []byte, r row) []byte { return appendUint(b, r.Sent.Octets) }},
	{"tcpFlags", word, func(b []byte, r row) []byte { return appendFlags(b, r, r.Flags()) }},
	{"node", text, func(b []byte, r row) []byte { return append(b, r.Node...) }},

	// JSON only.
	{"startTimeUnixNS", number, func(b []byte, r row) []byte { return appendUnixNS(b, r.Start) }},
	{"endTimeUnixNS", number, func(b []byte, r row) []byte { return appendUnixNS(b, r.End()) }},
	{"protocolNumber", number, func(b []byte, r row) []byte { return appendUint(b, uint64(r.Proto)) }},
	{"sentPackets", number, func(b []byte, r row) []byte { return appendUint(b, r.Sent.Packets) }},
	{"recvPackets", number, func(b []byte, r row) []byte { return appendUint(b, r.Recv.Packets) }},
	{"sourceFlags", word, func(b []byte, r row) []byte { return appendFlags(b, r, r.SrcSide.Flags) }},
	{"destFlags", word, func(b []byte, r row) []byte { return appendFlags(b, r, r.DstSide.Flags) }},
	{"verdict", word, func(b []byte, r row) []byte { return append(b, r.Verdict.String()...) }},
	{"endReason", word, func(b []byte, r row) []byte { return appendEndReason(b, r) }},
	{"rttNS", number, func(b []byte, r row) []byte { return appendRTT(b, r) }}, // Record.RTT
	{"sourceISN", number, func(b []byte, r row) []byte { return appendSeq(b, r.SrcSide.ISN) }},
	{"destISN", number, func(b []byte, r row) []byte { return appendSeq(b, r.DstSide.ISN) }},
	{"icmpType", number, func(b []byte, r row) []byte { return appendICMP(b, r, r.ICMP.Type) }},
	{"icmpCode", number, func(b []byte, r row) []byte { return appendICMP(b, r, r.ICMP.Code) }},
	{"vlan", word, func(b []byte, r row) []byte { return append(b, r.VLAN.String()...) }},     // "100", "100.200" outer first
	{"tunnel", word, func(b []byte, r row) []byte { return append(b, r.Tunnel.String()...) }}, // "vxlan:5001"
	{"interface", text, func(b []byte, r row) []byte { return append(b, r.Interface...) }},
}

// Header returns the names of the CSV's columns.
func Header() []string {
	names := make([]string, csvColumns)
	for i := range names {
		names[i] = columns[i].name
	}
	return names
}

// ColumnNames returns the names of all columns: those of [Header] first, then
// those that only JSON has unless they are selected.
func ColumnNames() []string {
	names := make([]string, len(columns))
	for i := range names {
		names[i] = columns[i].name
	}
	return names
}

// columnsNamed finds columns by their names, whatever their case.
func columnsNamed(names []string) ([]int, error) {
	var found []int
	for _, name := range names {
		i := slices.IndexFunc(columns[:], func(c column) bool { return strings.EqualFold(c.name, name) })
		switch {
		case i < 0:
			return nil, fmt.Errorf("unknown column %q: known are %s", name, strings.Join(ColumnNames(), ", "))
		case slices.Contains(found, i):
			return nil, fmt.Errorf("column %s is there twice: name it once", columns[i].name)
		}
		found = append(found, i)
	}
	if len(found) == 0 {
		return nil, errors.New("no columns: name at least one")
	}
	return found, nil
}

func firstColumns(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func appendTime(b []byte, t time.Time, loc *time.Location) []byte {
	if t.IsZero() {
		return b
	}
	return t.In(loc).AppendFormat(b, timeLayout)
}

func appendUnixMS(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return strconv.AppendInt(b, t.UnixMilli(), 10)
}

func appendUnixNS(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return strconv.AppendInt(b, t.UnixNano(), 10)
}

func appendAddr(b []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return b
	}
	return a.AppendTo(b)
}

func appendPort(b []byte, r row, port uint16) []byte {
	if !r.Proto.HasPorts() {
		return b
	}
	return strconv.AppendUint(b, uint64(port), 10)
}

func appendUint(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }

func appendFlags(b []byte, r row, f flow.Flags) []byte {
	if !r.HasFlags() {
		return b
	}
	const hex = "0123456789abcdef"
	return append(b, '0', 'x', hex[f>>4], hex[f&15])
}

func appendEndReason(b []byte, r row) []byte {
	if r.Open() {
		return b
	}
	return append(b, r.EndReason.String()...)
}

func appendRTT(b []byte, r row) []byte {
	if r.RTT() == 0 {
		return b
	}
	return strconv.AppendInt(b, int64(r.RTT()), 10)
}

func appendSeq(b []byte, s flow.Seq32) []byte {
	if !s.Seen {
		return b
	}
	return strconv.AppendUint(b, uint64(s.Value), 10)
}

func appendICMP(b []byte, r row, n uint8) []byte {
	if !r.Proto.IsICMP() {
		return b
	}
	return strconv.AppendUint(b, uint64(n), 10)
}
