package plain

import (
	"strings"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/column"
	"weir/tui/conversation"
	"weir/tui/health"
	"weir/tui/session"
	"weir/tui/ui"
)

// flowSentence returns a flow as a sentence, safe to draw.
func flowSentence(shown *column.Style, r *flow.Record) string {
	style := *shown
	style.VerdictWidth, style.ProtoWidth = column.All[column.Verdict].Max, column.All[column.Proto].Max
	cell := func(c column.Column) string {
		b, _ := style.Append(nil, c, r)
		return string(b)
	}
	end := func(node string, ip, port column.Column) string {
		text := cell(ip)
		if r.Proto.HasPorts() {
			text += " port " + cell(port)
		}
		if node != "" {
			text += " (" + termsafe.Text(node) + ")"
		}
		return text
	}
	var b strings.Builder
	clock := "15:04:05.000"
	if style.Dates {
		clock = "2006-01-02 15:04:05.000"
	}
	b.WriteString(r.Start.In(style.Loc).Format(clock+style.Offset) + ", " + cell(column.Proto))
	if r.Proto.IsICMP() {
		b.WriteString(" " + r.ICMP.Words(r.Proto))
	}
	b.WriteString(" from " + end(r.Src.Node, column.SrcIP, column.SrcPort) + " to " + end(r.Dst.Node, column.DstIP, column.DstPort))
	if words := r.VerdictWords(); words != "" {
		b.WriteString(", " + words)
	}
	b.WriteString(", received " + byteWords(r.Recv.Octets) + ", sent " + byteWords(r.Sent.Octets))
	if r.HasFlags() {
		b.WriteString(", flags " + r.Flags().String())
	}
	switch took := ui.Duration(r.Duration()); {
	case !r.Open():
		b.WriteString(", took " + took)
	case !column.Over(r.Verdict):
		b.WriteString(", still open after " + took)
	}
	b.WriteString(", seen by " + termsafe.Text(r.Node))
	return b.String()
}

func byteWords(n uint64) string {
	switch n {
	case 0:
		return "no bytes"
	case 1:
		return "1 byte"
	}
	return string(ui.AppendSize(nil, n)) + " bytes"
}

// tellTalkers writes the largest sums once they have arrived.
func (x *mode) tellTalkers() bool {
	t := x.talkers
	if t.Request.Busy {
		return false
	}
	if t.Err != nil {
		x.line("Error: " + t.Failure())
		return true
	}
	if why := t.Failure(); why != "" {
		x.line("Attention: " + why)
	}
	x.line("Top talkers by " + t.Word() + ", " + x.InRange() + ":")
	for i := range t.Rows[:min(len(t.Rows), linesAtOnce)] {
		row := &t.Rows[i]
		x.line(t.Name(row) + ": " + ui.Count(row.Flows) + ui.Plural(int(min(row.Flows, 2)), " flow") + ", " +
			ui.Count(row.Packets) + " packets, " + byteWords(row.Octets) + ", " + ui.Count(row.Peers) + ui.Plural(row.Peers, " peer") + ", " +
			ui.Count(row.Ports) + ui.Plural(row.Ports, " port"))
	}
	x.line("Total of " + ui.Count(t.Groups) + ": " + ui.Count(t.Total.Flows) + ui.Plural(t.Total.Flows, " flow") + ", " + ui.Count(t.Total.Packets) + " packets, " + byteWords(t.Total.Octets))
	return true
}

// tellTimeline writes the sums of a few buckets a line, and skips spans without flows.
func (x *mode) tellTimeline() bool {
	t := x.timeline
	if t.Request.Busy {
		return false
	}
	if t.Err != nil {
		x.line("Error: " + t.Failure())
		return true
	}
	if why := t.Failure(); why != "" {
		x.line("Attention: " + why)
	}
	step := max(len(t.Rows)/linesAtOnce, 1)
	for at := 0; at < len(t.Rows); at += step {
		end := min(at+step, len(t.Rows)) - 1
		sum := t.Total(at, end)
		part, last := t.Rows[at:], t.Rows[end]
		if sum.Flows > 0 {
			x.line(part[0].Start.In(x.Cfg.Loc).Format("01-02 15:04:05") + " to " + last.Start.Add(last.Width).In(x.Cfg.Loc).Format("15:04:05") + ": " +
				ui.Count(sum.Flows) + ui.Plural(int(min(sum.Flows, 2)), " flow") + ", " + byteWords(sum.Octets))
		}
	}
	return true
}

// tellConversation writes the records of a conversation; nil: none were found.
func (x *mode) tellConversation(t *conversation.Trail) {
	if t == nil {
		return
	}
	x.Status = ui.Message{}
	for _, a := range t.Answers() {
		x.line(a.Label + ": " + a.Text)
	}
	for i := range t.Records {
		r := &t.Records[i]
		x.line("At " + ui.Safe(r.Node) + ": " + flowSentence(&x.flows.Style, r))
	}
}

// tellNodes writes the nodes and groups with their sums.
func (x *mode) tellNodes() {
	all := x.List(x.Query.Nodes)
	for i := range all {
		s := &all[i]
		name := ui.Safe(s.Name)
		if s.Group {
			name += ", a group of " + ui.Count(len(s.Members))
		}
		x.line(name + ": " + ui.Count(s.Flows) + ui.Plural(int(min(s.Flows, 2)), " flow") + ", " + byteWords(s.Octets) +
			" in the range, last seen: " + ui.Age(x.Cfg.Now(), s.LastSeen))
	}
	if len(all) == 0 {
		x.line("No node has reported flows yet.")
	}
}

// healthSentences returns the counters of the metering process.
func healthSentences(s *session.Session) []string {
	lines := health.Lines(s, linesWidth)
	if s.Cfg.Health != nil && (!s.Cfg.Follows || !s.Health.AsOf.IsZero()) {
		lines = health.CountLines(&s.Health, linesWidth)
	}
	out := make([]string, 0, len(lines)+1)
	if s.Cfg.Follows && !s.Health.AsOf.IsZero() {
		out = append(out, strings.TrimSpace(health.Followed(s).Text))
	}
	for i := range s.Health.Sources {
		src := &s.Health.Sources[i]
		out = append(out, termsafe.Text(src.Name)+": "+ui.Count(src.Packets)+" packets, "+byteWords(src.Octets)+", "+ui.Count(src.KernelDrops)+" dropped"+sourceEnd(src))
		for _, text := range health.SourceLosses(src) {
			out = append(out, termsafe.Text(src.Name)+": "+text)
		}
		if text := health.Duplicates(src); text != "" {
			out = append(out, termsafe.Text(src.Name)+": "+text)
		}
	}
	for _, l := range lines {
		if words := strings.Fields(l.Text); len(words) > 0 {
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

func sourceEnd(s *flow.SourceHealth) string {
	switch {
	case s.Err != "" && !s.Done:
		return ", not capturing, waiting: " + termsafe.Text(s.Err)
	case s.Err != "":
		return ", ended: " + termsafe.Text(s.Err)
	case s.Done:
		return ", done"
	case s.Note != "":
		return ", latest problem: " + termsafe.Text(s.Note)
	}
	return ""
}
