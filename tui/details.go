package tui

import (
	"strconv"
	"strings"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
)

// leastRows is how many lines of the table stay visible above the details.
const leastRows = 4

// detailLines is the details of the selected flow, in at most rows-leastRows
// lines, or none when they are closed.
func (m *model) detailLines(rows int) []string {
	r := m.table.rows.selected()
	if !m.details || r == nil {
		return nil
	}
	d := detailWriter{th: m.th, loc: m.cfg.Loc, width: m.width}
	d.title(r)
	d.body(r)
	if room := max(rows-leastRows, 2); len(d.lines) > room {
		rest := len(d.lines) - room + 1
		d.lines = append(d.lines[:room-1], m.th.paint(roleDim, " "+strconv.Itoa(rest)+" more lines: enlarge the window"))
	}
	return d.lines
}

// body is all but the title.
func (d *detailWriter) body(r *flow.Record) {
	d.why(r)
	d.side("source", &r.Src, &r.Sent, &r.SrcSide, r)
	d.side("destination", &r.Dst, &r.Recv, &r.DstSide, r)
	d.times(r)
	d.protocol(r)
	d.observed(r)
}

// detailWriter puts every kept field of a flow into words.
type detailWriter struct {
	th    *theme
	loc   *time.Location
	width int
	lines []string
}

// labelWidth is the column of the values.
const labelWidth = 14

// title is the rule above the details: id, verdict and flags.
func (d *detailWriter) title(r *flow.Record) {
	parts := []string{"flow " + strconv.FormatInt(r.ID, 10)}
	if words := r.VerdictWords(); words != "" {
		parts = append(parts, words)
	}
	if r.HasFlags() {
		parts = append(parts, r.Flags().Hex()+" "+r.Flags().Binary()+" "+r.Flags().String())
	}
	look, _ := looks(r)
	if look == roleText {
		look = roleAccent
	}
	line, used := d.th.paint(roleBorder, rule(d.th, 1)), 1
	for _, part := range parts {
		part = cut(part, d.width-used-5)
		line += " " + d.th.paint(look, part) + " " + d.th.paint(roleBorder, rule(d.th, 2))
		used += textWidth(part) + 4
		look = roleText
	}
	d.lines = append(d.lines, line+d.th.paint(roleBorder, rule(d.th, d.width-used)))
}

func (d *detailWriter) why(r *flow.Record) {
	for _, line := range boxWrap(termsafe.Text(r.Explain()), d.width-2, 3) {
		d.lines = append(d.lines, " "+strings.TrimRight(line, " "))
	}
}

// row writes a label and items; items that don't fit go to the next line.
func (d *detailWriter) row(label string, items ...string) {
	line, used := " "+d.th.paint(roleDim, label)+strings.Repeat(" ", max(labelWidth-1-textWidth(label), 1)), labelWidth
	empty := true
	for _, item := range items {
		if item == "" {
			continue
		}
		item = cut(item, d.width-labelWidth-1)
		if !empty && used+2+textWidth(item) >= d.width {
			d.lines = append(d.lines, line)
			line, used, empty = strings.Repeat(" ", labelWidth), labelWidth, true
		}
		if !empty {
			line += "  "
			used += 2
		}
		line += item
		used += textWidth(item)
		empty = false
	}
	if !empty {
		d.lines = append(d.lines, line)
	}
}

// side is one end of the flow and what it sent.
func (d *detailWriter) side(label string, e *flow.Endpoint, c *flow.Counters, s *flow.Side, r *flow.Record) {
	node := "no node"
	if e.Node != "" {
		node = termsafe.Text(e.Node)
	}
	where := e.Addr.String()
	if r.Proto.HasPorts() {
		where += " port " + strconv.Itoa(int(e.Port))
	}
	items := []string{node, where, "sent " + countText(c.Packets) + " packet" + pluralEnd(c.Packets) + ", " + countText(c.Octets) + " octets"}
	if r.HasFlags() {
		items = append(items, "flags "+s.Flags.Hex()+" "+s.Flags.String(), seqText("ISN", s.ISN))
	}
	if s.MinTTL > 0 {
		items = append(items, "smallest TTL "+strconv.Itoa(int(s.MinTTL)))
	}
	if s.IPID.Seen {
		items = append(items, seqText("IP id", s.IPID))
	}
	d.row(label, items...)
}

func pluralEnd(n uint64) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func seqText(name string, s flow.Seq32) string {
	if !s.Seen {
		return name + " not seen"
	}
	return name + " " + strconv.FormatUint(uint64(s.Value), 10)
}

func (d *detailWriter) times(r *flow.Record) {
	stamp := func(t time.Time) string {
		t = t.In(d.loc)
		return t.Format("2006-01-02 15:04:05.000000") + " " + offsetText(t)
	}
	last := "last packet "
	if !r.Open() {
		last = "end "
	}
	d.row("time", "start "+stamp(r.Start), last+stamp(r.Last), "lasted "+r.Duration().Round(time.Microsecond).String(), endWords(r.EndReason))
}

// protocol is what only some protocols have.
func (d *detailWriter) protocol(r *flow.Record) {
	var items []string
	if r.Proto == flow.TCP {
		items = append(items, rttText("round trip", r.RTT()), rttText("to the destination", r.ServerRTT), rttText("to the source", r.ClientRTT),
			"SYN repeated "+strconv.Itoa(int(r.SYNRetries))+" times")
		if state := r.Verdict.ConnState(); state != "" {
			items = append(items, "Zeek state "+state)
		}
	}
	if r.Proto.IsICMP() {
		items = append(items, r.ICMP.Words(r.Proto), "type "+strconv.Itoa(int(r.ICMP.Type))+" code "+strconv.Itoa(int(r.ICMP.Code)))
		if r.ICMPID != 0 {
			items = append(items, "id "+strconv.Itoa(int(r.ICMPID)))
		}
	}
	if r.Error.From.IsValid() {
		items = append(items, "ICMP error from "+r.Error.From.String()+": "+r.Error.Words())
	}
	d.row(strings.ToLower(r.Proto.String()), items...)
}

func rttText(name string, rtt time.Duration) string {
	if rtt == 0 {
		return name + " not seen"
	}
	return name + " " + rtt.Round(time.Microsecond).String()
}

// observed is who reported the flow, where, and how the source was recognised.
func (d *detailWriter) observed(r *flow.Record) {
	items := []string{"node " + termsafe.Text(r.Node)}
	if r.Interface != "" {
		items = append(items, "interface "+termsafe.Text(r.Interface))
	}
	if vlan := r.VLAN.String(); vlan != "" {
		items = append(items, "VLAN "+vlan)
	}
	if tunnel := r.Tunnel.String(); tunnel != "" {
		items = append(items, "tunnel "+tunnel)
	}
	d.row("observed by", append(items, directionWords(r.Direction))...)
}

func endWords(r flow.EndReason) string {
	switch r {
	case flow.StillOpen:
		return "still open"
	case flow.IdleTimeout:
		return "ended by idle timeout"
	case flow.ActiveTimeout:
		return "reported at the active timeout"
	case flow.EndOfFlow:
		return "ended by the protocol"
	case flow.ForcedEnd:
		return "ended with the observation"
	case flow.LackOfResources:
		return "cut short, the flow table was full"
	}
	return r.String()
}

func directionWords(by flow.Direction) string {
	switch by {
	case flow.ByFirstPacket:
		return "source: sent the first packet seen"
	case flow.ByHighPort:
		return "source: has the higher port"
	case flow.ByService:
		return "source: the other port is a service's"
	case flow.ByMulticast:
		return "source: sent to a group"
	case flow.ByRequest:
		return "source: sent the request"
	case flow.BySynAck:
		return "source: got the SYN-ACK"
	case flow.BySyn:
		return "source: sent the SYN"
	}
	return ""
}
