package column

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"weir/field"
	"weir/flow"
	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/ui"
)

// fields are the fields of the columns, by column.
var fields = field.All()

// Most columns look as the kind of their field asks. Their cells are empty where the
// record lacks the field.

// addFields adds the columns that are not in described.
func addFields(described [Num]Info) [Num]Info {
	for c := range described {
		if described[c].Name != "" {
			continue
		}
		f := &fields[c]
		info := Info{Name: f.Name, Title: f.Title}
		switch f.Kind() {
		case search.KindAddr:
			info.Min, info.Max = 15, 39
		case search.KindFlags:
			info.Min, info.Max, info.Desc = 8, 8, true
		case search.KindName:
			info.Min, info.Max = 9, 32
		case search.KindEnum:
			info.Min, info.Max = 9, 16
		default:
			info.Right, info.Desc = true, true
			info.Min, info.Max = len(f.Title)+1, 20
			if f.Field == search.FieldSrcISN || f.Field == search.FieldDstISN || f.Field == search.FieldTunnelID {
				info.Min = len("4294967295")
			}
			info.Min = max(info.Min, 6)
		}
		described[c] = info
	}
	return described
}

// byField is Compare for columns that look as their kind asks.
func (c Column) byField(a, b *flow.Record) int {
	v, w := fields[c].Of(a), fields[c].Of(b)
	switch {
	case v.Known != w.Known && v.Known:
		return 1
	case v.Known != w.Known:
		return -1
	}
	return cmp.Or(v.Addr.Compare(w.Addr), cmp.Compare(v.Number, w.Number), strings.Compare(v.Text, w.Text))
}

// appendField is Append for these columns.
func appendField(b []byte, c Column, r *flow.Record) []byte {
	f := &fields[c]
	v := f.Of(r)
	if !v.Known {
		return b
	}
	switch f.Kind() {
	case search.KindAddr:
		return v.Addr.AppendTo(b)
	case search.KindName, search.KindEnum:
		return append(b, termsafe.Text(v.Text)...)
	case search.KindDuration:
		return appendRTT(b, time.Duration(v.Number))
	case search.KindCount:
		return ui.AppendSize(b, v.Number)
	case search.KindFlags:
		return append(b, flow.Flags(v.Number).Columns()...)
	}
	return strconv.AppendUint(b, v.Number, 10)
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

// fieldTerm is Term for these columns.
func fieldTerm(c Column, r *flow.Record) (term search.Expr, why string) {
	f := &fields[c]
	v := f.Of(r)
	number := func(of search.Field, n uint64) search.Expr {
		n = min(n, search.MaxNumber)
		return search.Numbers{Field: of, Ranges: []search.Interval{{Lo: int64(n), Hi: int64(n)}}}
	}
	switch {
	case f.Field == search.FieldNone:
		return nil, f.Title + " can't be filtered: filter by addresses and ports"
	case f.Field == search.FieldTunnel && r.Tunnel.Kind != flow.NoTunnel:
		return search.And{number(search.FieldTunnel, uint64(r.Tunnel.Kind)), number(search.FieldTunnelID, uint64(r.Tunnel.ID))}, ""
	case f.Field == search.FieldVLAN && r.VLAN != flow.VLANs{}:
		outer, inner := number(search.FieldVLAN, uint64(r.VLAN[0])), number(search.FieldVLAN, uint64(r.VLAN[1]))
		if r.VLAN[1] == 0 {
			return outer, ""
		}
		return search.And{outer, inner}, ""
	case f.Field == search.FieldTunnel || f.Field == search.FieldVLAN:
		return nil, "the flow has none: filter by " + f.Name + ":none"
	case !v.Known && f.Kind() == search.KindDuration:
		return nil, "it was not measured: filter by " + f.Name + ":none"
	case !v.Known:
		return nil, "this flow has no " + f.Name
	}
	switch f.Kind() {
	case search.KindAddr:
		return search.Addrs{Field: f.Field, Ranges: []search.AddrRange{{Lo: v.Addr, Hi: v.Addr}}}, ""
	case search.KindName:
		return search.Names{Field: f.Field, Patterns: []string{v.Text}}, ""
	case search.KindFlags:
		return search.FlagTest{Field: f.Field, All: flow.Flags(v.Number), Exact: true}, ""
	}
	return number(f.Field, v.Number), ""
}
