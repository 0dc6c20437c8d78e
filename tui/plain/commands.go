package plain

import (
	"path/filepath"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/flows"
	"weir/tui/input"
	"weir/tui/session"
	"weir/tui/talkers"
	"weir/tui/timeline"
	"weir/tui/ui"
)

// lineCommand is a command of the line mode. It has the name of the equivalent command
// of the screen, if there is one.
type lineCommand struct {
	name, takes, does string
	run               func(x *mode, arg string) tea.Cmd
}

// lineCommands returns all of them, in the order of the help.
func lineCommands() []lineCommand {
	ofFlows := func(run func(*flows.Result) tea.Cmd) func(*mode, string) tea.Cmd {
		return func(x *mode, _ string) tea.Cmd { return run(x.flows) }
	}
	return []lineCommand{
		{"filter", "TERMS", "show only matching flows; without TERMS: print the filter", (*mode).typeFilter},
		{"drop", "", "drop the last term of the filter", func(x *mode, _ string) tea.Cmd {
			if x.Query.Filter != nil {
				x.restart()
			}
			return x.DropTerm()
		}},
		{"complete", "TEXT", "completions for the end of a filter", (*mode).complete},
		{"range", "SPAN", "the time range: 30m, 2h, all", (*mode).setRange},
		{"order", "", "newest or oldest first", func(x *mode, _ string) tea.Cmd {
			x.restart()
			return x.ToggleOrder()
		}},
		{"nodes", "NAMES", "show only flows of these nodes, or of all; without NAMES: list the nodes", (*mode).setNodes},
		{"pause", "", "stop printing new flows; capture continues", (*mode).pause},
		{"follow", "", "print new flows again", (*mode).follow},
		{"list", "", "list the first flows", func(x *mode, _ string) tea.Cmd {
			x.tellView()
			return nil
		}},
		{"more", "", "list the next flows; pauses", (*mode).more},
		{"details", "NUMBER", "details of a flow", (*mode).details},
		{"conversation", "NUMBER", "follow a flow across nodes and NAT", (*mode).findConversation},
		{"flags", "FLAGS", "decode TCP flags, such as 0x12 or SYN ACK", (*mode).flags},
		{"talkers", "BY", "sums by source, pair, port, or fields such as src,dport", (*mode).sumTalkers},
		{"timeline", "", "flows and bytes over time", (*mode).sumTimeline},
		{"health", "", "counters, losses, packets not counted as flows", (*mode).tellHealth},
		{"names", "", "show host names or addresses", ofFlows((*flows.Result).ToggleNames)},
		{"services", "", "show service names or port numbers", ofFlows((*flows.Result).ToggleServices)},
		{"export", "PATH", "write the view to a CSV file", (*mode).export},
		{"help", "", "this list", (*mode).help},
		{"quit", "", "quit weir", func(x *mode, _ string) tea.Cmd {
			x.left = true
			return nil
		}},
	}
}

// obey runs a typed line. A command may be abbreviated as long as it is unambiguous.
func (x *mode) obey(typed string) {
	defer x.recovered()
	typed = strings.TrimSpace(termsafe.Text(typed))
	word, arg, _ := strings.Cut(typed, " ")
	if rest, ok := strings.CutPrefix(typed, "/"); ok {
		word, arg = "filter", rest
	}
	if word == "" {
		return
	}
	var found []lineCommand
	for _, c := range lineCommands() {
		switch {
		case c.name == strings.ToLower(word):
			x.run(c.run(x, strings.TrimSpace(arg)))
			return
		case strings.HasPrefix(c.name, strings.ToLower(word)):
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		x.run(found[0].run(x, strings.TrimSpace(arg)))
	case 0:
		x.line("Unknown command " + strconv.Quote(word) + ": type help for a list.")
	default:
		names := make([]string, len(found))
		for i := range found {
			names[i] = found[i].name
		}
		x.line(strconv.Quote(word) + " could be " + strings.Join(names, " or ") + ".")
	}
}

func (x *mode) help(string) tea.Cmd {
	for _, c := range lineCommands() {
		x.line(strings.TrimSpace(c.name+" "+c.takes) + ": " + c.does)
	}
	x.line("Commands can be abbreviated. NUMBER is the number at the start of a flow's line.")
	return nil
}

func (x *mode) typeFilter(arg string) tea.Cmd {
	if arg == "" {
		x.line(x.viewText())
		return nil
	}
	env := input.Env{Now: x.Cfg.Now(), Loc: x.Cfg.Loc, Words: x.Words(x.flows.Rows.Recs), Known: x.NamesRead}
	q, err := env.With(x.Query, arg)
	if err != nil {
		x.line("Error: " + ui.OneLine(err))
		return nil
	}
	x.restart()
	return tea.Batch(x.SetQuery(q), x.Remember(q))
}

func (x *mode) complete(arg string) tea.Cmd {
	choices := search.Complete(arg, len(arg), x.Words(x.flows.Rows.Recs))
	if len(choices) == 0 {
		x.line("No completions.")
	}
	for _, c := range choices {
		x.line(ui.Safe(c.Text) + " " + ui.Safe(c.Help))
	}
	return nil
}

func (x *mode) setRange(arg string) tea.Cmd {
	q := x.Query
	switch arg {
	case "":
		x.line(x.viewText())
		return nil
	case "all":
		q.Range = search.Range{}
	default:
		spanned, err := search.Query{}.With("since:"+arg, x.Cfg.Now(), x.Cfg.Loc)
		if err != nil {
			x.line("Error: " + ui.OneLine(err))
			return nil
		}
		q.Range = spanned.Range
	}
	x.restart()
	return x.SetQuery(q)
}

func (x *mode) setNodes(arg string) tea.Cmd {
	if arg == "" {
		return x.AskNodes(true)
	}
	q := x.Query
	q.Nodes = strings.FieldsFunc(arg, func(r rune) bool { return r == ',' || r == ' ' })
	if arg == "all" {
		q.Nodes = nil
	}
	x.restart()
	return x.SetQuery(q)
}

func (x *mode) pause(string) tea.Cmd {
	if x.flows.State == flows.Live {
		x.flows.LeaveLive()
	}
	x.line("Paused: type follow to resume.")
	return nil
}

func (x *mode) follow(string) tea.Cmd {
	if x.Query.Order != search.Newest {
		x.restart()
	}
	x.line("Following.")
	return x.flows.Follow()
}

// more lists the flows after those already listed, and loads them if necessary.
func (x *mode) more(string) tea.Cmd {
	if x.flows.Unanswered {
		x.tellView()
		return nil
	}
	x.flows.LeaveLive()
	x.listing = linesAtOnce
	if x.listed+linesAtOnce > x.flows.Rows.Len() {
		return x.flows.LoadMore()
	}
	return nil
}

// flowOf returns the flow with the typed number.
func (x *mode) flowOf(arg string) (flow.Record, bool) {
	if arg == "" {
		x.line("Missing flow number: expected the number at the start of its line.")
		return flow.Record{}, false
	}
	n, err := strconv.Atoi(strings.ReplaceAll(arg, ",", ""))
	if err != nil {
		x.line("Invalid flow number " + strconv.Quote(arg) + ": expected the number at the start of its line.")
		return flow.Record{}, false
	}
	r, ok := x.numbered(n)
	if !ok {
		x.line("No flow has the number " + strconv.Itoa(n) + ".")
	}
	return r, ok
}

func (x *mode) details(arg string) tea.Cmd {
	r, ok := x.flowOf(arg)
	if !ok {
		return nil
	}
	x.line(flowSentence(&x.flows.Style, &r))
	for _, text := range flows.Sentences(&r, x.Cfg.Loc) {
		x.line(text)
	}
	return nil
}

func (x *mode) findConversation(arg string) tea.Cmd {
	r, ok := x.flowOf(arg)
	if !ok {
		return nil
	}
	return x.lookup.Find(&r)
}

func (x *mode) flags(arg string) tea.Cmd {
	f, err := flow.ParseFlags(arg)
	if err != nil {
		x.line("Error: " + ui.OneLine(err))
		return nil
	}
	x.line(f.Hex() + ", " + f.Binary() + ", " + f.String() + ": " + ui.Sentence(f.Meaning()))
	for _, info := range flow.FlagTable {
		if f.Has(info.Flag) {
			x.line(info.Name + ", " + info.Flag.Hex() + ": " + info.Description)
		}
	}
	return nil
}

func (x *mode) sumTalkers(arg string) tea.Cmd {
	if arg != "" {
		by, err := talkers.Parse(arg)
		if err != nil {
			var words []string
			for _, g := range talkers.Groupings {
				words = append(words, g.Word)
			}
			x.line("Unknown grouping " + strconv.Quote(arg) + ": expected " + strings.Join(words, ", ") + ", or fields such as src,dport.")
			return nil
		}
		x.talkers.By = by
	}
	return x.sums(x.talkers.Ask, x.tellTalkers)
}

func (x *mode) sumTimeline(string) tea.Cmd {
	return x.sums(func() tea.Cmd { return x.timeline.Ask(linesWidth - timeline.Margin - 1) }, x.tellTimeline)
}

// sums requests sums, which tell writes when they arrive.
func (x *mode) sums(ask func() tea.Cmd, tell tellSums) tea.Cmd {
	if _, ok := x.Cfg.Store.(session.Aggregator); !ok {
		x.Say(ui.Text, "this store does not support sums")
		return nil
	}
	x.wants = tell
	return ask()
}

func (x *mode) tellHealth(string) tea.Cmd {
	for _, text := range healthSentences(x.Session) {
		x.line(text)
	}
	return nil
}

func (x *mode) export(arg string) tea.Cmd {
	if arg == "" {
		return x.exports.Export()
	}
	if !filepath.IsAbs(arg) {
		arg = filepath.Join(x.Cfg.ExportDir, arg)
	}
	return x.exports.ExportTo(arg)
}
