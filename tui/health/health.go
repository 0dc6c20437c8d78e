package health

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/tui/keys"
	"weir/tui/session"
	"weir/tui/ui"
)

// Screen shows the counters of the metering process.
type Screen struct {
	*session.Session
	text          ui.Scroll
	width, height int
	shown         bool
}

// New returns the screen of the counters.
func New(s *session.Session) *Screen { return &Screen{Session: s} }

// SetSize sets the size of the next frames in terminal columns and lines.
func (h *Screen) SetSize(w, height int) { h.width, h.height = w, height }

// Refresh makes the screen the visible one.
func (h *Screen) Refresh() tea.Cmd {
	h.shown = true
	return nil
}

// Hide is called when another screen becomes visible.
func (h *Screen) Hide() { h.shown = false }

// Update handles commands, the mouse and ticks.
func (h *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case keys.Command:
		h.do(msg)
	case session.TickMsg:
		if h.shown {
			h.Redraw()
		}
	case ui.WheelMsg:
		h.text.Move(msg.Rows)
	}
	return nil
}

func (h *Screen) do(c keys.Command) {
	if rows, ok := c.Rows(max(h.height-2, 1)); ok {
		h.text.Move(rows)
		return
	}
	switch c {
	case keys.Top:
		h.text.Move(-h.text.Top())
	case keys.Bottom:
		h.text.Move(len(Lines(h.Session, h.width)))
	case keys.Close:
		h.Post(keys.Flows)
	}
}

// Draw writes as many lines as fit, from the scroll position on.
func (h *Screen) Draw(p *ui.Pen) {
	lines := Lines(h.Session, h.width)
	from, to := h.text.Range(len(lines), h.height)
	lines = lines[from:to]
	for i := range h.height {
		if i > 0 {
			p.Newline()
		}
		if i < len(lines) {
			p.Put(lines[i].Look, ui.Cut(lines[i].Text, h.width))
		}
	}
}

// Amount returns "": the footer shows the number of flows.
func (h *Screen) Amount() string { return "" }

// Keys returns what commands do on this screen.
func (h *Screen) Keys() keys.Help {
	return keys.Help{
		Title: "Health", Others: true,
		Hints: []keys.Hint{keys.Hinted(keys.Flows, "flows"), keys.Hinted(keys.Talkers, "talkers"), keys.Hinted(keys.Timeline, "timeline")},
		Words: map[keys.Command]string{
			keys.Down: "line down", keys.Up: "line up", keys.PageDown: "one page down", keys.Top: "to the top", keys.Bottom: "to the end",
			keys.Left: "", keys.Right: "", keys.FirstColumn: "", keys.LastColumn: "", keys.Details: "", keys.Mark: "", keys.Include: "", keys.Exclude: "",
			keys.Aggregate: "group by the selected column of the flows", keys.Close: "back to the flows", keys.Quit: "back to the flows",
		},
	}
}

// Lines returns the state of sources, flows and store in lines of width terminal columns.
func Lines(s *session.Session, width int) []ui.Message {
	if s.Cfg.Health == nil {
		return []ui.Message{{Look: ui.Text, Text: " This process does not capture, so there are no counters."}}
	}
	lines := append(sourceLines(&s.Health, width), CountLines(&s.Health, width)...)
	switch {
	case s.Cfg.Follows && s.Health.AsOf.IsZero():
		return []ui.Message{Followed(s)}
	case s.Cfg.Follows:
		return append([]ui.Message{Followed(s), {}}, lines...)
	}
	return lines
}

// Followed returns whose counters are shown where another process may write the store, and how old they are.
func Followed(s *session.Session) ui.Message {
	writer := "the process that captures into this store"
	if s.Health.Writer != "" {
		writer = termsafe.Text(s.Health.Writer) + ", which writes this store"
	}
	switch age := ui.Age(s.Cfg.Now(), s.Health.AsOf); {
	case s.Health.AsOf.IsZero():
		return ui.Message{Look: ui.Text, Text: " This process does not capture, and no counters of another capture are known."}
	case s.CountsKnown():
		return ui.Message{Look: ui.Text, Text: " Counters of " + writer + "."}
	default:
		return ui.Message{Look: ui.Warn, Text: " ! Counters of the process that captured into this store. Last update: " + age + "."}
	}
}

// sourceLines returns a table of the sources of packets.
func sourceLines(h *flow.Health, width int) []ui.Message {
	lines := []ui.Message{{Look: ui.Header, Text: " " + ui.Fill("SOURCE", sourceWide(width)) + ui.Right("PACKETS", 14) + ui.Right("BYTES", 7) + ui.Right("DROPPED", 10) + "  STATE"}}
	for i := range h.Sources {
		lines = append(lines, sourceLine(&h.Sources[i], width))
		if err := h.Sources[i].Err; err != "" {
			for _, text := range ui.Wrap(termsafe.Text(err), width-4, 3) {
				lines = append(lines, ui.Message{Look: ui.Warn, Text: "   " + strings.TrimRight(text, " ")})
			}
		}
		if note := h.Sources[i].Note; note != "" {
			for _, text := range ui.Wrap(termsafe.Text(note), width-4, 3) {
				lines = append(lines, ui.Message{Look: ui.Warn, Text: "   " + strings.TrimRight(text, " ")})
			}
		}
		for _, text := range SourceLosses(&h.Sources[i]) {
			lines = append(lines, ui.Message{Look: ui.Warn, Text: "   " + text})
		}
		if text := Duplicates(&h.Sources[i]); text != "" {
			lines = append(lines, ui.Message{Look: ui.Text, Text: "   " + text})
		}
	}
	if len(h.Sources) == 0 {
		lines = append(lines, ui.Message{Look: ui.Dim, Text: " no sources"})
	}
	return append(lines, ui.Message{})
}

// SourceLosses says what was lost at a source, apart from packets that the kernel dropped.
func SourceLosses(s *flow.SourceHealth) (texts []string) {
	if s.CutShort > 0 {
		texts = append(texts, ui.Count(s.CutShort)+" "+ui.Plural(s.CutShort, "packet")+" cut short within the headers")
	}
	if s.Outages > 0 {
		texts = append(texts, "not captured for "+ui.Duration(s.Away)+", "+ui.Count(s.Outages)+" "+ui.Plural(s.Outages, "time"))
	}
	return texts
}

// Duplicates says how many packets of a source were captured more than once; "" if none was.
func Duplicates(s *flow.SourceHealth) string {
	if s.Duplicates == 0 {
		return ""
	}
	return ui.Count(s.Duplicates) + " " + ui.Plural(s.Duplicates, "duplicate") + ": captured again within 100 µs, counted once"
}

// CountLines returns the counters of flows, store and frames without a flow.
func CountLines(h *flow.Health, width int) []ui.Message {
	var lines []ui.Message
	add := func(look ui.Role, text string) { lines = append(lines, ui.Message{Look: look, Text: " " + text}) }
	count := func(what string, n uint64, bad bool) {
		look := ui.Text
		if bad && n > 0 {
			look, what = ui.Warn, "! "+what
		}
		add(look, ui.Fill(what, min(44, width-15))+ui.Right(ui.Count(n), 14))
	}
	add(ui.Header, "FLOWS")
	count("open now", uint64(max(h.OpenFlows, 0)), false)
	count("started", h.Created, false)
	count("ended", h.Ended, false)
	count("ended early: flow table full", h.Evicted, true)
	add(ui.Text, "")
	add(ui.Header, "STORE")
	if h.AsOf.IsZero() {
		count("records written, updates included", h.Stored, false)
	}
	count("flows not stored", h.Unstored, true)
	count("flows stored without their last update", h.Outdated, true)
	switch {
	case h.StoreErr != "":
		add(ui.Bad, "! "+termsafe.Text(h.StoreErr))
	case h.LogErr != "":
		add(ui.Warn, "! flows are stored, but the log grows: "+termsafe.Text(h.LogErr))
	case h.AsOf.IsZero():
		add(ui.Text, "OK")
	}
	if !h.AsOf.IsZero() { // the rest is not in the store
		return lines
	}
	add(ui.Text, "")
	add(ui.Header, "NOT COUNTED AS FLOWS")
	skipped := slices.Clone(h.Skipped)
	slices.SortFunc(skipped, func(a, b flow.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	for _, c := range skipped {
		count(termsafe.Text(c.Name), c.N, false)
	}
	if len(skipped) == 0 {
		add(ui.Dim, "none")
	}
	return lines
}

// sourceWide returns the width of the name of a source.
func sourceWide(width int) int { return min(max(width-50, 12), 40) }

// sourceLine returns the state of one source of packets.
func sourceLine(s *flow.SourceHealth, width int) ui.Message {
	line := ui.Message{Look: ui.Text, Text: ""}
	state := "capturing"
	switch {
	case s.Err != "" && !s.Done:
		line.Look, state = ui.Warn, "! waiting"
	case s.Err != "":
		line.Look, state = ui.Warn, "! ended"
	case s.KernelDrops > 0:
		line.Look, state = ui.Warn, "! packets lost"
	case s.Done:
		state = "done"
	}
	line.Text = " " + ui.Fill(termsafe.Text(s.Name), sourceWide(width)) + ui.Right(ui.Count(s.Packets), 14) + ui.Right(string(ui.AppendSize(nil, s.Octets)), 7) +
		ui.Right(ui.Count(s.KernelDrops), 10) + "  " + state
	return line
}
