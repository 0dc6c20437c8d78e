package flows

import (
	"strings"
	"time"

	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/keys"
	"weir/tui/ui"
)

// EmptyLines returns why the table is empty and what to do, in lines of at most w
// terminal columns.
func (f *Result) EmptyLines(w int) []ui.Message {
	var lines []ui.Message
	add := func(look ui.Role, text string) {
		for _, line := range ui.Wrap(text, w, 4) {
			lines = append(lines, ui.Message{Look: look, Text: strings.TrimRight(line, " ")})
		}
	}
	n := f.Notice()
	switch {
	case f.Loading:
		add(ui.Dim, "searching ..."+f.Progress.Text(f.Now()))
		return lines
	case f.err != nil:
		add(n.Look, n.Text)
		add(ui.Dim, "Retrying every second. Filter and time range are kept.")
		return lines
	case len(f.gaps()) > 0:
		add(ui.Header, "No other flow matches "+f.InRange()+".")
	case f.Query.Filter != nil || len(f.Query.Nodes) > 0:
		f.emptyFilter(add)
	default:
		f.emptyStore(add)
	}
	if n.Text != "" {
		lines = append(lines, ui.Message{})
		add(n.Look, n.Text)
	}
	return lines
}

// emptyFilter writes which filter and time range match nothing.
func (f *Result) emptyFilter(add func(look ui.Role, text string)) {
	add(ui.Header, "No flow matches "+f.InRange()+".")
	if len(f.Query.Nodes) > 0 {
		add(ui.Text, "Reported by: "+termsafe.Text(strings.Join(f.Query.Nodes, ", ")))
	}
	terms := search.Conjuncts(f.Query.Filter)
	if len(terms) > 0 {
		add(ui.Text, "Filter: "+termsafe.Text(f.FilterText))
	}
	if text := f.mostRestrictive.text(); text != "" {
		add(ui.Text, text)
	}
	if len(terms) > 0 {
		add(ui.Dim, f.Key(keys.Drop)+" drops the last term: "+termsafe.Text(search.Text(terms[len(terms)-1])))
	}
	add(ui.Dim, f.Key(keys.Filter)+" edits the filter, "+f.Key(keys.Range)+" changes the range, "+f.Key(keys.Nodes)+" the nodes.")
}

// emptyStore writes that the time range has no flows at all.
func (f *Result) emptyStore(add func(look ui.Role, text string)) {
	var last time.Time
	for i := range f.Nodes {
		if f.Nodes[i].LastSeen.After(last) {
			last = f.Nodes[i].LastSeen
		}
	}
	seen := "The last packet was seen " + last.In(f.Cfg.Loc).Format("2006-01-02 15:04:05") + " " + ui.Offset(last.In(f.Cfg.Loc)) + "."
	switch {
	case last.IsZero():
		add(ui.Header, "No flows yet.")
	case f.Query.Range == (search.Range{}): // they were removed
		add(ui.Header, "No flow "+f.InRange()+".")
		add(ui.Text, seen)
	default:
		add(ui.Header, "No flow was active "+f.InRange()+".")
		add(ui.Text, seen)
		add(ui.Dim, f.Key(keys.Range)+" shows a longer range.")
	}
	switch {
	case f.Cfg.Capturing != "":
		add(ui.Text, "Watching "+termsafe.Text(f.Cfg.Capturing)+". A flow appears here with its first packet.")
	case f.Cfg.Notice == "":
		add(ui.Text, "This process does not capture; flows appear when another one stores them.")
	}
}
