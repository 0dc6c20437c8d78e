package flows

import (
	"strconv"
	"strings"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/ui"
)

// sideColumn is a field that both endpoints have.
type sideColumn struct {
	head, src, dst string
	right          bool
}

// wide returns its width in terminal columns, with the gap after it.
func (c *sideColumn) wide() int {
	const gap = 2
	return max(ui.Width(c.head), ui.Width(c.src), ui.Width(c.dst)) + gap
}

// sideColumns returns the fields of the endpoints, most important first.
func (d *detailWriter) sideColumns(r *flow.Record) []sideColumn {
	src, dst := &r.SrcSide, &r.DstSide
	known := func(name string) string {
		if name == "" {
			return "-"
		}
		return termsafe.Text(name)
	}
	cols := []sideColumn{
		{head: "NODE", src: known(r.Src.Node), dst: known(r.Dst.Node)},
		{head: "ADDRESS", src: r.Src.Addr.String(), dst: r.Dst.Addr.String()},
	}
	if r.Proto.HasPorts() {
		cols = append(cols, sideColumn{"PORT", strconv.Itoa(int(r.Src.Port)), strconv.Itoa(int(r.Dst.Port)), true})
	}
	cols = append(cols,
		sideColumn{"PACKETS", ui.Count(r.Sent.Packets), ui.Count(r.Recv.Packets), true},
		sideColumn{"BYTES", ui.Count(r.Sent.Octets), ui.Count(r.Recv.Octets), true})
	if r.HasFlags() {
		cols = append(cols, sideColumn{head: "FLAGS", src: src.Flags.String(), dst: dst.Flags.String()})
	}
	cols = append(cols, sideColumn{"TTL", ttlShort(src.MinTTL), ttlShort(dst.MinTTL), true})
	if r.HasFlags() {
		cols = append(cols, sideColumn{"ISN", seqShort(src.ISN), seqShort(dst.ISN), true})
	}
	if src.IPID.Seen || dst.IPID.Seen {
		cols = append(cols, sideColumn{"IP ID", seqShort(src.IPID), seqShort(dst.IPID), true})
	}
	return append(cols, healthColumns(r)...)
}

func ttlShort(ttl uint8) string {
	if ttl == 0 {
		return "-"
	}
	return strconv.Itoa(int(ttl))
}

func seqShort(s flow.Seq32) string {
	if !s.Seen {
		return "-"
	}
	return strconv.FormatUint(uint64(s.Value), 10)
}

// sides writes the endpoints as two rows of a table, so that they can be compared.
// Columns that don't fit follow on separate lines. It writes nothing and reports
// false where not even the bytes fit.
func (d *detailWriter) sides(r *flow.Record) bool {
	const least = 4 // node, address, packets and bytes, or the port
	cols := d.sideColumns(r)
	total := func() int {
		sum := labelWidth
		for i := range cols {
			sum += cols[i].wide()
		}
		return sum - 1
	}
	var rest []string
	for total() > d.width && len(cols) > least {
		last := cols[len(cols)-1]
		cols = cols[:len(cols)-1]
		rest = append([]string{last.head + " " + last.src + " > " + last.dst}, rest...)
	}
	if total() > d.width {
		return false
	}
	line := func(label string, look ui.Role, cell func(c *sideColumn) string) {
		var text strings.Builder
		text.WriteString(" " + d.th.Paint(ui.Dim, label) + ui.Spaces(labelWidth-1-ui.Width(label)))
		for i := range cols {
			c := &cols[i]
			s := cell(c)
			fill := ui.Spaces(c.wide() - 2 - ui.Width(s))
			if c.right {
				text.WriteString(fill)
				fill = ""
			}
			text.WriteString(d.th.Paint(look, s))
			text.WriteString(fill)
			text.WriteString("  ")
		}
		d.lines = append(d.lines, strings.TrimRight(text.String(), " "))
	}
	line("", ui.Dim, func(c *sideColumn) string { return c.head })
	line("source", ui.Text, func(c *sideColumn) string { return c.src })
	line("destination", ui.Text, func(c *sideColumn) string { return c.dst })
	d.row("", rest...)
	return true
}
