package flows

import (
	"strconv"
	"strings"
	"time"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/column"
	"weir/tui/ui"
)

// leastRows is how many lines of the table stay visible above the details.
const leastRows = 4

// detailLines returns the details of a flow in width columns and at most room lines.
func detailLines(th *ui.Theme, r *flow.Record, loc *time.Location, width, room int) []string {
	d := detailWriter{th: th, loc: loc, width: width}
	d.title(r)
	d.body(r)
	if len(d.lines) > room {
		rest := len(d.lines) - room + 1
		d.lines = append(d.lines[:room-1], th.Paint(ui.Dim, " "+strconv.Itoa(rest)+" more lines: enlarge the window"))
	}
	return d.lines
}

// body writes all details but the title.
func (d *detailWriter) body(r *flow.Record) {
	d.why(r)
	if d.spoken || !d.sides(r) {
		d.side("source", &r.Src, &r.Sent, &r.SrcSide, r)
		d.side("destination", &r.Dst, &r.Recv, &r.DstSide, r)
	}
	d.times(r)
	d.protocol(r)
	d.row("TCP health", r.HealthSentences()...)
	d.observed(r)
}

// detailWriter writes every stored field of a flow.
type detailWriter struct {
	th    *ui.Theme
	loc   *time.Location
	width int
	lines []string

	spoken bool // for a screen reader: nothing is aligned in columns
}

// labelWidth is the column at which values start.
const labelWidth = 14

// title returns the rule above the details: id, verdict and flags.
func (d *detailWriter) title(r *flow.Record) {
	parts := []string{"flow " + strconv.FormatInt(r.ID, 10)}
	if words := r.VerdictWords(); words != "" {
		parts = append(parts, words)
	}
	if r.HasFlags() {
		parts = append(parts, r.Flags().Hex()+" "+r.Flags().Binary()+" "+r.Flags().String())
	}
	look, _ := column.Looks(r)
	if look == ui.Text {
		look = ui.Accent
	}
	line, used := d.th.Paint(ui.Border, ui.Rule(d.th, 1)), 1
	for _, part := range parts {
		part = ui.Cut(part, d.width-used-5)
		line += " " + d.th.Paint(look, part) + " " + d.th.Paint(ui.Border, ui.Rule(d.th, 2))
		used += ui.Width(part) + 4
		look = ui.Text
	}
	d.lines = append(d.lines, line+d.th.Paint(ui.Border, ui.Rule(d.th, d.width-used)))
}

func (d *detailWriter) why(r *flow.Record) {
	for _, line := range ui.Wrap(termsafe.Text(r.Explain()), d.width-2, 3) {
		d.lines = append(d.lines, " "+strings.TrimRight(line, " "))
	}
}

// row writes a label and items; items that don't fit continue on the next line.
func (d *detailWriter) row(label string, items ...string) {
	line, used := " "+d.th.Paint(ui.Dim, label)+strings.Repeat(" ", max(labelWidth-1-ui.Width(label), 1)), labelWidth
	empty := true
	for _, item := range items {
		if item == "" {
			continue
		}
		item = ui.Cut(item, d.width-labelWidth-1)
		if !empty && used+2+ui.Width(item) >= d.width {
			d.lines = append(d.lines, line)
			line, used, empty = strings.Repeat(" ", labelWidth), labelWidth, true
		}
		if !empty {
			line += "  "
			used += 2
		}
		line += item
		used += ui.Width(item)
		empty = false
	}
	if !empty {
		d.lines = append(d.lines, line)
	}
}

// side writes one endpoint and what it sent.
func (d *detailWriter) side(label string, e *flow.Endpoint, c *flow.Counters, s *flow.Side, r *flow.Record) {
	node := "no node"
	if e.Node != "" {
		node = termsafe.Text(e.Node)
	}
	where := e.Addr.String()
	if r.Proto.HasPorts() {
		where += " port " + strconv.Itoa(int(e.Port))
	}
	items := []string{node, where, "sent " + ui.Count(c.Packets) + ui.Plural(c.Packets, " packet") + ", " + ui.Count(c.Octets) + " bytes"}
	if r.HasFlags() {
		items = append(items, "flags "+s.Flags.Hex()+" "+s.Flags.String(), seqText("ISN", s.ISN))
	}
	if s.MinTTL > 0 {
		items = append(items, "minimum TTL "+strconv.Itoa(int(s.MinTTL)))
	}
	if s.IPID.Seen {
		items = append(items, seqText("IP ID", s.IPID))
	}
	d.row(label, append(items, healthItems(s, r)...)...)
}

func seqText(name string, s flow.Seq32) string {
	if !s.Seen {
		return name + " not seen"
	}
	return name + " " + seqShort(s)
}

// times writes start, end and the reason of the end.
func (d *detailWriter) times(r *flow.Record) {
	const clock = "15:04:05.000000"
	from, last := r.Start.In(d.loc), r.Last.In(d.loc)
	format := clock
	if from.Format(time.DateOnly) != last.Format(time.DateOnly) {
		format = time.DateOnly + " " + clock
	}
	end := " to "
	if r.Open() {
		end = ", last packet "
	}
	d.row("time", from.Format(time.DateOnly+" "+clock)+end+last.Format(format)+" "+ui.Offset(last),
		"duration "+r.Duration().Round(time.Microsecond).String(), endWords(r))
}

// protocol writes the fields that only some protocols have.
func (d *detailWriter) protocol(r *flow.Record) {
	switch {
	case r.Proto == flow.TCP:
		items := []string{"round trip unknown"}
		if r.RTT() > 0 {
			items = []string{"round trip " + rttText(r.RTT()), rttText(r.ServerRTT) + " to the destination", rttText(r.ClientRTT) + " to the source"}
		}
		if r.SYNRetries > 0 {
			items = append(items, "SYN sent "+strconv.Itoa(int(r.SYNRetries)+1)+" times")
		}
		if state := r.ConnState(); state != "" {
			items = append(items, "Zeek state "+state)
		}
		d.row("handshake", items...)
	case r.Proto.IsICMP():
		items := []string{r.ICMP.Words(r.Proto), "type " + strconv.Itoa(int(r.ICMP.Type)) + " code " + strconv.Itoa(int(r.ICMP.Code))}
		if r.ICMPID != 0 {
			items = append(items, "id "+strconv.Itoa(int(r.ICMPID)))
		}
		d.row("message", items...)
	}
	if r.Error.From.IsValid() {
		d.row("ICMP error", d.th.Paint(ui.Bad, r.Error.Words()), "from "+r.Error.From.String())
	}
}

// rttText formats a round trip that was measured, in µs at the finest.
func rttText(rtt time.Duration) string {
	if rtt < time.Microsecond {
		return "<1µs"
	}
	return rtt.Round(time.Microsecond).String()
}

// observed writes the reporting node, its interface, and how the source was identified.
func (d *detailWriter) observed(r *flow.Record) {
	items := []string{"node " + termsafe.Text(r.Node)}
	if r.Interface != "" {
		items = append(items, "interface "+termsafe.Text(r.Interface))
	}
	if r.ReplyInterface != "" {
		items = append(items, "replies at "+termsafe.Text(r.ReplyInterface))
	}
	if vlan := r.VLAN.String(); vlan != "" {
		items = append(items, "VLAN "+vlan)
	}
	if tunnel := r.Tunnel.String(); tunnel != "" {
		items = append(items, "tunnel "+tunnel)
	}
	d.row("observed by", append(items, directionWords(r.Direction))...)
}

func endWords(r *flow.Record) string {
	switch r.EndReason {
	case flow.StillOpen:
		if column.Over(r.Verdict) {
			return "closed, waiting for late packets"
		}
		return "still open"
	case flow.IdleTimeout:
		return "ended by idle timeout"
	case flow.ActiveTimeout:
		return "reported at the active timeout"
	case flow.EndOfFlow:
		return "closed by FIN or RST"
	case flow.ForcedEnd:
		return "ended when observation stopped"
	case flow.LackOfResources:
		return "ended early: flow table full"
	}
	return r.EndReason.String()
}

func directionWords(by flow.Direction) string {
	switch by {
	case flow.ByFirstPacket:
		return "source: sent the first packet seen"
	case flow.ByHighPort:
		return "source: has the higher port"
	case flow.ByService:
		return "source: the other port is a service port"
	case flow.ByMulticast:
		return "source: sent to a multicast group"
	case flow.ByRequest:
		return "source: sent the request"
	case flow.ByFlowStart:
		return "source: sent the first packet of the flow"
	case flow.ByPreviousFlow:
		return "source: was the source of the previous flow"
	case flow.BySynAck:
		return "source: received the SYN-ACK"
	case flow.BySyn:
		return "source: sent the SYN"
	}
	return ""
}

// Sentences returns the details of a flow, without the title, as sentences.
func Sentences(r *flow.Record, loc *time.Location) []string {
	d := detailWriter{th: &ui.Theme{ASCII: true}, loc: loc, width: 400, spoken: true}
	d.body(r)
	for i, line := range d.lines {
		d.lines[i] = listSentence(line)
	}
	return d.lines
}

// listSentence turns a line of the details, a label and its values, into a sentence.
func listSentence(line string) string {
	var parts []string
	for part := range strings.SplitSeq(line, "  ") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	label, rest := parts[0], parts[1:]
	if len(rest) == 0 {
		return label
	}
	return label + ": " + strings.Join(rest, ", ")
}
