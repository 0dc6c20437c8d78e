package tui

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/ui"
)

// column is a column of the table.
type column uint8

const (
	colStart column = iota
	colEnd
	colProto
	colSrcNode
	colSrcIP
	colSrcPort
	colDstNode
	colDstIP
	colDstPort
	colRecv
	colSent
	colFlags
	colVerdict
	colNode
	numColumns
)

// columnInfo is what the layout needs to know of a column.
type columnInfo struct {
	name  string // in the settings
	title string
	long  string // title where the column is wide enough for it; empty: title
	right bool   // aligned right
	min   int    // columns of the screen
	max   int    // grows up to this with what is in it
	desc  bool   // sorted from the largest down at first
}

// leavesRoom reports whether the head of a column at the edge of the screen can
// give up a place for the mark that says that there are more.
func (c *columnInfo) leavesRoom() bool { return c.right && ui.Width(c.title) < c.min }

// leastColumn is how narrow a column may be made by hand.
const leastColumn = 3

// inBounds is the nearest to w that the column may be made by hand; 0 stays.
func (c *columnInfo) inBounds(w int) int {
	if w == 0 {
		return 0
	}
	return min(max(w, leastColumn), c.max)
}

var columns = [numColumns]columnInfo{
	colStart:   {name: "start", title: "START", min: 12, max: 18, desc: true},
	colEnd:     {name: "end", title: "END", min: 6, max: 6, desc: true},
	colProto:   {name: "proto", title: "PROTO", min: 6, max: 6},
	colSrcNode: {name: "snode", title: "SNODE", long: "SRC NODE", min: 6, max: 16},
	colSrcIP:   {name: "src", title: "SRC IP", min: 15, max: 39},
	colSrcPort: {name: "sport", title: "PORT", right: true, min: 5, max: 5},
	colDstNode: {name: "dnode", title: "DNODE", long: "DST NODE", min: 6, max: 16},
	colDstIP:   {name: "dst", title: "DST IP", min: 15, max: 39},
	colDstPort: {name: "dport", title: "PORT", right: true, min: 5, max: 5},
	colRecv:    {name: "recv", title: "RECV", right: true, min: 5, max: 5, desc: true},
	colSent:    {name: "sent", title: "SENT", right: true, min: 5, max: 5, desc: true},
	colFlags:   {name: "flags", title: "FLAGS", min: 8, max: 8, desc: true},
	colVerdict: {name: "verdict", title: "VERDICT", min: 11, max: 20},
	colNode:    {name: "node", title: "NODE", min: 6, max: 16},
}

// words names the column in a sentence.
func (c column) words() string {
	switch c {
	case colSrcPort:
		return "source port"
	case colDstPort:
		return "destination port"
	case colNode:
		return "reporting node"
	}
	if long := columns[c].long; long != "" {
		return strings.ToLower(long)
	}
	return columns[c].title
}

// about says what the column shows.
func (c column) about() string {
	return [numColumns]string{
		colStart: "when the first packet came", colEnd: "how long after the last did", colProto: "protocol",
		colSrcNode: "node of the source", colSrcIP: "who started it", colSrcPort: "source port",
		colDstNode: "node of the destination", colDstIP: "who was asked", colDstPort: "destination port, ICMP type",
		colRecv: "bytes the source received", colSent: "bytes the source sent",
		colFlags: "TCP flags of both sides", colVerdict: "how it went", colNode: "who reported it",
	}[c]
}

// compare orders two flows by the column, from small to large. What is missing
// counts as smallest, so that 0 bytes are the lowest.
func (c column) compare(a, b *flow.Record) int {
	switch c {
	case colStart:
		return a.Start.Compare(b.Start)
	case colEnd:
		return cmp.Compare(a.Duration(), b.Duration())
	case colProto:
		return cmp.Compare(a.Proto, b.Proto)
	case colSrcNode:
		return strings.Compare(a.Src.Node, b.Src.Node)
	case colSrcIP:
		return a.Src.Addr.Compare(b.Src.Addr)
	case colSrcPort:
		return cmp.Compare(a.Src.Port, b.Src.Port)
	case colDstNode:
		return strings.Compare(a.Dst.Node, b.Dst.Node)
	case colDstIP:
		return a.Dst.Addr.Compare(b.Dst.Addr)
	case colDstPort:
		return cmp.Compare(a.Dst.Port, b.Dst.Port)
	case colRecv:
		return cmp.Compare(a.Recv.Octets, b.Recv.Octets)
	case colSent:
		return cmp.Compare(a.Sent.Octets, b.Sent.Octets)
	case colFlags:
		return cmp.Compare(a.Flags(), b.Flags())
	case colVerdict:
		return cmp.Compare(a.Verdict, b.Verdict)
	case colNode:
		return strings.Compare(a.Node, b.Node)
	}
	return 0
}

// cellStyle is what a cell depends on besides its flow.
type cellStyle struct {
	loc   *time.Location
	dates bool   // START shows the date too
	years string // of the flows, for the head of START; empty: this year
	start int    // columns of START; without room it leaves out the milliseconds
	proto int    // columns of PROTO
	wide  int    // columns of VERDICT

	services bool                  // ports by the name of their service
	names    map[netip.Addr]string // of hosts, safe to draw; nil: addresses
}

// appendCell appends what column c shows of r, safe to draw, and returns its look.
func (st *cellStyle) appendCell(b []byte, c column, r *flow.Record) ([]byte, ui.Role) {
	switch c {
	case colStart:
		return st.appendStart(b, r.Start), ui.Text
	case colEnd:
		switch {
		case !r.Open():
			return ui.AppendDuration(b, r.Duration()), ui.Text
		case over(r.Verdict):
			return ui.AppendDuration(b, r.Duration()), ui.Dim
		}
		return append(b, "open"...), ui.Dim
	case colProto:
		if r.Proto == flow.ICMPv6 && st.proto == compactProto {
			return append(b, "ICMP6"...), ui.Text
		}
		return append(b, r.Proto.String()...), ui.Text
	case colSrcNode:
		return append(b, termsafe.Text(r.Src.Node)...), ui.Text
	case colSrcIP:
		return st.appendAddr(b, r.Src.Addr), ui.Text
	case colSrcPort:
		return st.appendPort(b, r, r.Src.Port), ui.Text
	case colDstNode:
		return append(b, termsafe.Text(r.Dst.Node)...), ui.Text
	case colDstIP:
		return st.appendAddr(b, r.Dst.Addr), ui.Text
	case colDstPort:
		if r.Proto.IsICMP() {
			return appendICMP(b, r.ICMP), ui.Text
		}
		return st.appendPort(b, r, r.Dst.Port), ui.Text
	case colRecv:
		return ui.AppendSize(b, r.Recv.Octets), ui.Text
	case colSent:
		return ui.AppendSize(b, r.Sent.Octets), ui.Text
	case colFlags:
		return appendFlags(b, r), ui.Text
	case colVerdict:
		look, _ := looks(r)
		if words := r.VerdictWords(); len(words) <= st.wide {
			return append(b, words...), look
		}
		return append(b, shortVerdict(r.Verdict)...), look
	case colNode:
		return append(b, termsafe.Text(r.Node)...), ui.Text
	}
	return b, ui.Text
}

func (st *cellStyle) appendStart(b []byte, t time.Time) []byte {
	layout := "15:04:05.000"
	if st.dates {
		layout = "01-02 15:04:05.000"
	}
	if st.start > 0 && st.start < len(layout) {
		layout = strings.TrimSuffix(layout, ".000")
	}
	return t.In(st.loc).AppendFormat(b, layout)
}

// appendAddr appends the name of a host if it is known and asked for.
func (st *cellStyle) appendAddr(b []byte, a netip.Addr) []byte {
	if name := st.names[a]; name != "" {
		return append(b, name...)
	}
	return a.AppendTo(b)
}

// appendPort appends nothing for protocols without ports. A name that is too
// long for the column stays a number.
func (st *cellStyle) appendPort(b []byte, r *flow.Record, port uint16) []byte {
	if !r.Proto.HasPorts() {
		return b
	}
	if st.services {
		if name := search.ServiceName(port); name != "" && len(name) <= columns[colDstPort].max {
			return append(b, name...)
		}
	}
	return strconv.AppendUint(b, uint64(port), 10)
}

// appendICMP appends type/code.
func appendICMP(b []byte, t flow.ICMPType) []byte {
	b = strconv.AppendUint(b, uint64(t.Type), 10)
	return strconv.AppendUint(append(b, '/'), uint64(t.Code), 10)
}

// appendFlags appends one fixed place for each flag, from CWR to FIN, so that
// flags are read by where they stand; nothing for other protocols than TCP.
func appendFlags(b []byte, r *flow.Record) []byte {
	if !r.HasFlags() {
		return b
	}
	const letters = "CEUAPRSF"
	flags := r.Flags()
	for i := range len(letters) {
		if flags&(1<<(7-i)) != 0 {
			b = append(b, letters[i])
		} else {
			b = append(b, '.')
		}
	}
	return b
}
