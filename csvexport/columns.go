package csvexport

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/field"
	"weir/flow"
	"weir/search"
)

// timeLayout is MM/DD/YYYY HH:MM:SS AM/PM.
const timeLayout = "01/02/2006 03:04:05 PM"

// encoding is how a value is encoded.
type encoding uint8

const (
	number    encoding = iota // digits; unquoted in JSON
	plain                     // text produced by weir that needs no escaping; quoted in JSON
	untrusted                 // text from network or files; escaped in JSON, quoted and formula-escaped in CSV
)

// row is a record and the time zone of its times.
type row struct {
	*flow.Record
	loc *time.Location
}

// column is a key of the JSON export. The first csvColumns of them are also the
// default columns of the CSV export.
type column struct {
	name     string
	encoding encoding
	append   func(dst []byte, r row) []byte // appends nothing if the value is absent
}

// csvColumns is the number of columns that CSV has by default.
const csvColumns = 15

// columns lists the columns in output order: those of JSON, then the other fields of
// a flow. It is read-only.
var columns = slices.Concat(jsonColumns[:], otherColumns())

// jsonColumns are written to JSON by default. The first csvColumns are a contract
// with consumers, so new columns go to the end. It is read-only.
var jsonColumns = [...]column{
	{"startTime", plain, func(b []byte, r row) []byte { return appendTime(b, r.Start, r.loc) }},
	{"startTimeUnixMS", number, func(b []byte, r row) []byte { return appendUnixMS(b, r.Start) }},
	{"endTime", plain, func(b []byte, r row) []byte { return appendTime(b, r.End(), r.loc) }},
	{"endTimeUnixMS", number, func(b []byte, r row) []byte { return appendUnixMS(b, r.End()) }},
	{"protocol", plain, func(b []byte, r row) []byte { return append(b, r.Proto.String()...) }},
	{"sourceNode", untrusted, func(b []byte, r row) []byte { return append(b, r.Src.Node...) }},
	{"sourceIP", plain, func(b []byte, r row) []byte { return appendAddr(b, r.Src.Addr) }},
	{"sourcePort", number, func(b []byte, r row) []byte { return appendPort(b, r, r.Src.Port) }},
	{"destNode", untrusted, func(b []byte, r row) []byte { return append(b, r.Dst.Node...) }},
	{"destIP", plain, func(b []byte, r row) []byte { return appendAddr(b, r.Dst.Addr) }},
	{"destPort", number, func(b []byte, r row) []byte { return appendPort(b, r, r.Dst.Port) }},
	{"recvBytes", number, func(b []byte, r row) []byte { return appendUint(b, r.Recv.Octets) }},
	{"sentBytes", number, func(b []byte, r row) []byte { return appendUint(b, r.Sent.Octets) }},
	{"tcpFlags", plain, func(b []byte, r row) []byte { return appendFlags(b, r, r.Flags()) }},
	{"node", untrusted, func(b []byte, r row) []byte { return append(b, r.Node...) }},

	// JSON only.
	{"startTimeUnixNS", number, func(b []byte, r row) []byte { return appendUnixNS(b, r.Start) }},
	{"endTimeUnixNS", number, func(b []byte, r row) []byte { return appendUnixNS(b, r.End()) }},
	{"protocolNumber", number, func(b []byte, r row) []byte { return appendUint(b, uint64(r.Proto)) }},
	{"sentPackets", number, func(b []byte, r row) []byte { return appendUint(b, r.Sent.Packets) }},
	{"recvPackets", number, func(b []byte, r row) []byte { return appendUint(b, r.Recv.Packets) }},
	{"sourceFlags", plain, func(b []byte, r row) []byte { return appendFlags(b, r, r.SrcSide.Flags) }},
	{"destFlags", plain, func(b []byte, r row) []byte { return appendFlags(b, r, r.DstSide.Flags) }},
	{"verdict", plain, func(b []byte, r row) []byte { return append(b, r.Verdict.String()...) }},
	{"endReason", plain, appendEndReason},
	{"rttNS", number, func(b []byte, r row) []byte { return appendRTT(b, r.RTT()) }}, // Record.RTT
	{"sourceISN", number, func(b []byte, r row) []byte { return appendSeq(b, r.SrcSide.ISN) }},
	{"destISN", number, func(b []byte, r row) []byte { return appendSeq(b, r.DstSide.ISN) }},
	{"icmpType", number, func(b []byte, r row) []byte { return appendICMP(b, r, r.ICMP.Type) }},
	{"icmpCode", number, func(b []byte, r row) []byte { return appendICMP(b, r, r.ICMP.Code) }},
	{"vlan", plain, func(b []byte, r row) []byte { return append(b, r.VLAN.String()...) }},     // "100", "100.200" outer first
	{"tunnel", plain, func(b []byte, r row) []byte { return append(b, r.Tunnel.String()...) }}, // "vxlan:5001"
	{"interface", untrusted, func(b []byte, r row) []byte { return append(b, r.Interface...) }},
	{"sentPayload", number, func(b []byte, r row) []byte { return appendPayload(b, r, r.SrcSide.Payload) }},
	{"recvPayload", number, func(b []byte, r row) []byte { return appendPayload(b, r, r.DstSide.Payload) }},
	{"sentRetrans", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.SrcSide.Retransmitted.Packets) }},
	{"recvRetrans", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.DstSide.Retransmitted.Packets) }},
	{"sentRetransBytes", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.SrcSide.Retransmitted.Octets) }},
	{"recvRetransBytes", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.DstSide.Retransmitted.Octets) }},
	{"sentOutOfOrder", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.SrcSide.OutOfOrder) }},
	{"recvOutOfOrder", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.DstSide.OutOfOrder) }},
	{"sentZeroWindow", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.SrcSide.ZeroWindows) }},
	{"recvZeroWindow", number, func(b []byte, r row) []byte { return appendHealth(b, r, r.DstSide.ZeroWindows) }},
	{"rttMinNS", number, func(b []byte, r row) []byte { return appendRTT(b, r.RTTMin()) }},   // Record.RTTMin
	{"rttMeanNS", number, func(b []byte, r row) []byte { return appendRTT(b, r.RTTMean()) }}, // Record.RTTMean
	{"sourceRTTMinNS", number, func(b []byte, r row) []byte { return appendRTT(b, r.SrcSide.RTTMin) }},
	{"destRTTMinNS", number, func(b []byte, r row) []byte { return appendRTT(b, r.DstSide.RTTMin) }},
	{"sourceRTTMeanNS", number, func(b []byte, r row) []byte { return appendRTT(b, r.SrcSide.RTTMean) }},
	{"destRTTMeanNS", number, func(b []byte, r row) []byte { return appendRTT(b, r.DstSide.RTTMean) }},
	{"replyInterface", untrusted, func(b []byte, r row) []byte { return append(b, r.ReplyInterface...) }}, // Record.ReplyInterface
}

// otherColumns returns the fields that are not in jsonColumns, under their keys.
func otherColumns() []column {
	var list []column
	for _, f := range field.All() {
		if slices.ContainsFunc(jsonColumns[:], func(c column) bool { return c.name == f.Key }) {
			continue
		}
		col := column{f.Key, number, func(b []byte, r row) []byte { return appendValue(b, &f, r.Record) }}
		switch f.Kind() {
		case search.KindName, search.KindEnum, search.KindAddr:
			col.encoding = plain // none is a text from network or files
		}
		list = append(list, col)
	}
	return list
}

// appendValue appends the value of a field, nothing if the record has none.
func appendValue(b []byte, f *field.Info, r *flow.Record) []byte {
	v := f.Of(r)
	switch f.Kind() {
	case search.KindName, search.KindEnum:
		return append(b, v.Text...)
	case search.KindAddr:
		return appendAddr(b, v.Addr)
	}
	if !v.Known {
		return b
	}
	return strconv.AppendUint(b, v.Number, 10)
}

// Header returns the names of the default CSV columns.
func Header() []string {
	names := make([]string, csvColumns)
	for i := range names {
		names[i] = columns[i].name
	}
	return names
}

// ColumnNames returns the names of all columns: those of [Header], then the ones
// that CSV contains only if selected. Select also accepts the names of the search
// language and [field.PresetNames].
func ColumnNames() []string {
	names := make([]string, len(columns))
	for i := range names {
		names[i] = columns[i].name
	}
	return names
}

// FieldNames returns the other names that Select accepts: those of the search language,
// without their aliases, and the presets.
func FieldNames() []string {
	var names []string
	for _, f := range field.All() {
		if !slices.ContainsFunc(columns, func(c column) bool { return c.name == f.Name }) {
			names = append(names, f.Name)
		}
	}
	return append(names, field.PresetNames()...)
}

// columnIndices looks up columns by name, ignoring case.
func columnIndices(names []string) ([]int, error) {
	var found []int
	for _, name := range names {
		list, err := columnsNamed(name)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			if slices.Contains(found, i) {
				return nil, fmt.Errorf("duplicate column %s: name it once", columns[i].name)
			}
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("no columns: name at least one")
	}
	return found, nil
}

// columnsNamed returns the column of a name, or those of a preset or of a field that
// matches either side.
func columnsNamed(name string) ([]int, error) {
	index := func(key string) int {
		return slices.IndexFunc(columns, func(c column) bool { return strings.EqualFold(c.name, key) })
	}
	if i := index(name); i >= 0 {
		return []int{i}, nil
	}
	if strings.EqualFold(name, "default") {
		return firstColumns(csvColumns), nil
	}
	infos := field.Preset(strings.ToLower(name))
	if infos == nil {
		var err error
		if infos, err = field.Find(name); err != nil {
			return nil, fmt.Errorf("%w: expected %s, a name of the search language, or %s", err, strings.Join(ColumnNames(), ", "), strings.Join(field.PresetNames(), ", "))
		}
	}
	var list []int
	for _, f := range infos {
		list = append(list, index(f.Key))
	}
	return list, nil
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

// appendRTT appends a round trip in nanoseconds, nothing if it was not measured.
func appendRTT(b []byte, rtt time.Duration) []byte {
	if rtt == 0 {
		return b
	}
	return strconv.AppendInt(b, int64(rtt), 10)
}

func appendPayload(b []byte, r row, n uint64) []byte {
	if r.Uncounted {
		return b
	}
	return strconv.AppendUint(b, n, 10)
}

func appendHealth(b []byte, r row, n uint64) []byte {
	if !r.HasHealth() {
		return b
	}
	return strconv.AppendUint(b, n, 10)
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
