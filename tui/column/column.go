package column

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"weir/field"
	"weir/flow"
	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/ui"
)

// Column is a column of the flow table.
type Column uint8

// The columns: those of the reference's table in its order, then those that are shown
// only if chosen. They are in the order of [field.All]; those after RTTMean have no name
// here.
const (
	Start Column = iota
	End
	Proto
	SrcNode
	SrcIP
	SrcPort
	DstNode
	DstIP
	DstPort
	Recv
	Sent
	Flags
	Verdict
	Node
	Payload
	Retrans
	OutOfOrder
	ZeroWindow
	RTTMin
	RTTMean

	Num = Column(field.Count)
)

// Info describes a column.
type Info struct {
	Name  string // in settings and configuration
	Title string
	Long  string // title where the column is wide enough; empty: Title
	Right bool   // aligned right
	Min   int    // width in terminal columns
	Max   int    // grows up to this width with its content
	Desc  bool   // the first sort is descending
}

// LeavesRoom reports whether the head of a column at the edge of the screen has room
// for the mark that there are more columns.
func (c *Info) LeavesRoom() bool { return c.Right && ui.Width(c.Title) < c.Min }

// Least is the minimum width that the user can set, in terminal columns.
const Least = 3

// CompactProto is the width of PROTO in a narrow window, where "ICMPv6" is written
// "ICMP6".
const CompactProto = 5

// InBounds returns the width nearest to w that the user can set; 0 (automatic) stays 0.
func (c *Info) InBounds(w int) int {
	if w == 0 {
		return 0
	}
	return min(max(w, Least), c.Max)
}

// All describes the columns.
var All = addFields([Num]Info{
	Start:   {Name: "start", Title: "START", Min: 12, Max: 18, Desc: true},
	End:     {Name: "end", Title: "END", Min: 6, Max: 6, Desc: true},
	Proto:   {Name: "proto", Title: "PROTO", Min: 6, Max: 6},
	SrcNode: {Name: "snode", Title: "SNODE", Long: "SRC NODE", Min: 6, Max: 16},
	SrcIP:   {Name: "src", Title: "SRC IP", Min: 15, Max: 39},
	SrcPort: {Name: "sport", Title: "PORT", Right: true, Min: 5, Max: 5},
	DstNode: {Name: "dnode", Title: "DNODE", Long: "DST NODE", Min: 6, Max: 16},
	DstIP:   {Name: "dst", Title: "DST IP", Min: 15, Max: 39},
	DstPort: {Name: "dport", Title: "PORT", Right: true, Min: 5, Max: 5},
	Recv:    {Name: "recv", Title: "RECV", Right: true, Min: 5, Max: 5, Desc: true},
	Sent:    {Name: "sent", Title: "SENT", Right: true, Min: 5, Max: 5, Desc: true},
	Flags:   {Name: "flags", Title: "FLAGS", Min: 8, Max: 8, Desc: true},
	Verdict: {Name: "verdict", Title: "VERDICT", Min: 11, Max: 20},
	Node:    {Name: "node", Title: "NODE", Min: 6, Max: 16},

	Payload:    {Name: "payload", Title: "PAYLOAD", Right: true, Min: 8, Max: 8, Desc: true},
	Retrans:    {Name: "retrans", Title: "RETRANS", Right: true, Min: 8, Max: 8, Desc: true},
	OutOfOrder: {Name: "outoforder", Title: "OOO", Right: true, Min: 5, Max: 5, Desc: true},
	ZeroWindow: {Name: "zerowindow", Title: "ZEROWIN", Right: true, Min: 8, Max: 8, Desc: true},
	RTTMin:     {Name: "rttmin", Title: "RTTMIN", Right: true, Min: 7, Max: 7, Desc: true},
	RTTMean:    {Name: "rttmean", Title: "RTTMEAN", Right: true, Min: 8, Max: 8, Desc: true},
})

// Optional returns the columns that are shown only if chosen.
func Optional() []Column {
	var list []Column
	for c := Payload; c < Num; c++ {
		list = append(list, c)
	}
	return list
}

// Preset is a set of columns with a name.
type Preset struct {
	Name    string
	Columns []Column // none: chosen by the width of the window
}

// Presets returns the sets of columns.
func Presets() []Preset {
	var list []Preset
	for _, name := range field.PresetNames() {
		p := Preset{Name: name}
		for _, f := range field.Preset(name) {
			for c := range Num {
				if name != "default" && All[c].Name == f.Name {
					p.Columns = append(p.Columns, c)
				}
			}
		}
		list = append(list, p)
	}
	return list
}

// Words returns the name of the column in a sentence.
func (c Column) Words() string {
	switch c {
	case SrcPort:
		return "source port"
	case DstPort:
		return "destination port"
	case Node:
		return "reporting node"
	}
	if long := All[c].Long; long != "" {
		return strings.ToLower(long)
	}
	return All[c].Title
}

// About returns what the column shows.
func (c Column) About() string {
	about := [Num]string{
		Start: "time of the first packet", End: "end, as time after START", Proto: "protocol",
		SrcNode: "node of the source", SrcIP: "source address", SrcPort: "source port",
		DstNode: "node of the destination", DstIP: "destination address", DstPort: "destination port, ICMP type",
		Recv: "bytes the source received", Sent: "bytes the source sent",
		Flags: "TCP flags of both sides", Verdict: "result", Node: "reporting node",
		Payload: "bytes without headers", Retrans: "segments sent again", OutOfOrder: "segments out of order",
		ZeroWindow: "segments with window 0", RTTMin: "smallest round trip", RTTMean: "mean round trip",
	}[c]
	if about == "" {
		about = fields[c].Help()
	}
	return about
}

// Compare compares two flows by the column, as cmp.Compare. A missing value is less
// than any other.
func (c Column) Compare(a, b *flow.Record) int {
	switch c {
	case Start:
		return a.Start.Compare(b.Start)
	case End:
		return cmp.Compare(a.Duration(), b.Duration())
	case Proto:
		return cmp.Compare(a.Proto, b.Proto)
	case SrcNode:
		return strings.Compare(a.Src.Node, b.Src.Node)
	case SrcIP:
		return a.Src.Addr.Compare(b.Src.Addr)
	case SrcPort:
		return cmp.Compare(a.Src.Port, b.Src.Port)
	case DstNode:
		return strings.Compare(a.Dst.Node, b.Dst.Node)
	case DstIP:
		return a.Dst.Addr.Compare(b.Dst.Addr)
	case DstPort:
		return cmp.Compare(a.Dst.Port, b.Dst.Port)
	case Recv:
		return cmp.Compare(a.Recv.Octets, b.Recv.Octets)
	case Sent:
		return cmp.Compare(a.Sent.Octets, b.Sent.Octets)
	case Flags:
		return cmp.Compare(a.Flags(), b.Flags())
	case Verdict:
		return cmp.Compare(a.Verdict, b.Verdict)
	case Node:
		return strings.Compare(a.Node, b.Node)
	}
	return c.byField(a, b)
}

// Style is how cells are formatted.
type Style struct {
	Loc          *time.Location
	Dates        bool   // START includes the date
	Offset       string // layout of the UTC offset after START; empty: none
	Years        string // of the flows, for the head of START; empty: the current year
	StartWidth   int    // width of START; without room it omits the milliseconds
	ProtoWidth   int    // width of PROTO
	VerdictWidth int    // width of VERDICT

	Services bool                  // service names instead of port numbers
	Names    map[netip.Addr]string // host names, safe to draw; nil: show addresses
}

// Append appends what column c shows of r, safe to draw, and returns its role.
func (st *Style) Append(b []byte, c Column, r *flow.Record) ([]byte, ui.Role) {
	switch c {
	case Start:
		return st.appendStart(b, r.Start), ui.Text
	case End:
		if r.Open() {
			return append(b, "open"...), ui.Dim
		}
		return ui.AppendDuration(b, r.Duration()), ui.Text
	case Proto:
		if r.Proto == flow.ICMPv6 && st.ProtoWidth == CompactProto {
			return append(b, "ICMP6"...), ui.Text
		}
		return append(b, r.Proto.String()...), ui.Text
	case SrcNode:
		return append(b, termsafe.Text(r.Src.Node)...), ui.Text
	case SrcIP:
		return st.appendAddr(b, r.Src.Addr), ui.Text
	case SrcPort:
		return st.appendPort(b, r, r.Src.Port), ui.Text
	case DstNode:
		return append(b, termsafe.Text(r.Dst.Node)...), ui.Text
	case DstIP:
		return st.appendAddr(b, r.Dst.Addr), ui.Text
	case DstPort:
		if r.Proto.IsICMP() {
			return appendICMP(b, r.ICMP), ui.Text
		}
		return st.appendPort(b, r, r.Dst.Port), ui.Text
	case Recv:
		return ui.AppendSize(b, r.Recv.Octets), ui.Text
	case Sent:
		return ui.AppendSize(b, r.Sent.Octets), ui.Text
	case Flags:
		return AppendFlags(b, r), ui.Text
	case Verdict:
		look, _ := Looks(r)
		if words := r.VerdictWords(); len(words) <= st.VerdictWidth {
			return append(b, words...), look
		}
		return append(b, shortVerdict(r.Verdict)...), look
	case Node:
		return append(b, termsafe.Text(r.Node)...), ui.Text
	}
	return appendField(b, c, r), ui.Text
}

func (st *Style) appendStart(b []byte, t time.Time) []byte {
	layout := "15:04:05.000"
	if st.Dates {
		layout = "01-02 15:04:05.000"
	}
	if st.StartWidth > 0 && st.StartWidth < len(layout)+len(st.Offset) {
		layout = strings.TrimSuffix(layout, ".000")
	}
	return t.In(st.Loc).AppendFormat(b, layout+st.Offset)
}

// appendAddr appends the host name if it is known and enabled, else the address.
func (st *Style) appendAddr(b []byte, a netip.Addr) []byte {
	if name := st.Names[a]; name != "" {
		return append(b, name...)
	}
	return a.AppendTo(b)
}

// appendPort appends nothing for protocols without ports, and the number if the
// service name is too long for the column.
func (st *Style) appendPort(b []byte, r *flow.Record, port uint16) []byte {
	if !r.Proto.HasPorts() {
		return b
	}
	if st.Services {
		if name := search.ServiceName(port); name != "" && len(name) <= All[DstPort].Max {
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

// AppendFlags appends a letter or a dot for each TCP flag, from CWR to FIN, so that
// each flag has a fixed place; nothing for other protocols.
func AppendFlags(b []byte, r *flow.Record) []byte {
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

// CutMiddle shortens an ASCII address in the middle to w columns, so that the beginning
// of its network and the end of its host part stay.
func CutMiddle(b []byte, w int) []byte {
	head := (w - 1) / 2
	tail := w - 1 - head
	copy(b[head+1:], b[len(b)-tail:])
	b[head] = ui.CutMark[0]
	return b[:w]
}

// Chosen is a column of the settings.
type Chosen struct {
	Column Column
	Width  int // in terminal columns; 0: automatic
}
