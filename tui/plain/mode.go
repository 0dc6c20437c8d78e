package plain

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/export"
	"weir/tui/flows"
	"weir/tui/session"
	"weir/tui/talkers"
	"weir/tui/timeline"
	"weir/tui/ui"
)

// mode is the line mode: sentences instead of a screen, typed commands instead of
// keys. Nothing is drawn, no cursor moves, and a written line is never changed.
type mode struct {
	*session.Session
	flows    *flows.Result
	talkers  *talkers.Sums
	timeline *timeline.Sums
	exports  export.Exporter
	lookup   flows.Lookup

	out  *bufio.Writer
	msgs chan tea.Msg
	cmds sync.WaitGroup // Bubble Tea commands that run
	left bool           // the user quit

	crashed error // not nil: a panic was recovered

	told     []flow.Record // flows that were written, newest last; count is the number of the last one
	count    int
	seen     map[int64]bool // ids of the loaded flows
	loadedAt time.Time      // of the flows in seen
	listed   int            // rows of the view listed so far
	listing  int            // rows to list when they are loaded
	wants    tellSums       // writes the requested sums; nil: none requested
	noticed  string         // the last notice written
	lost     uint64
}

const (
	// linesInterval is how often new flows are written. Speech takes seconds a line.
	linesInterval = time.Second
	// linesAtOnce is how many flows are written at a time; the others are only counted.
	linesAtOnce = 10
	// linesKept is how many flows can be referred to by their numbers.
	linesKept = 10_000
	// linesWidth and linesHeight stand in for the size of a window.
	linesWidth, linesHeight = 100, 50
)

// Run runs the line mode: it writes a line for each flow as it arrives, and reads
// commands from in, one a line. It returns after the command quit, at the end of in,
// or when ctx ends. The goroutine that reads in is left behind if in does not end.
func Run(ctx context.Context, cfg session.Config, in io.Reader, out io.Writer) error {
	if cfg.Store == nil {
		return errors.New("line mode: no store given")
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	x := newMode(asking, cfg, out)
	x.run(tea.Batch(x.flows.Load(true), x.Begin()))
	err := x.loop(typedLines(asking, in))
	stop()
	x.exports.Finish()
	x.cmds.Wait() // nothing uses the store of cfg, which the caller closes, any longer
	if err = errors.Join(err, x.crashed); err != nil {
		return fmt.Errorf("line mode: %w", err)
	}
	return nil
}

func newMode(ctx context.Context, cfg session.Config, out io.Writer) *mode {
	s := session.New(ctx, cfg)
	s.TickWait = func(ctx context.Context, _ time.Duration) bool { return session.Sleep(ctx, linesInterval) }
	view := flows.NewResult(s)
	view.RowsInSight = linesHeight
	return &mode{
		Session: s, flows: view, talkers: talkers.NewSums(s), timeline: timeline.NewSums(s), exports: export.New(s, view), lookup: flows.NewLookup(view),
		out: bufio.NewWriter(out), msgs: make(chan tea.Msg, 16),
	}
}

// typedLines sends the lines of in, and closes the channel at the end.
func typedLines(ctx context.Context, in io.Reader) <-chan string {
	typed := make(chan string)
	go func() {
		defer close(typed)
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			select {
			case typed <- lines.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return typed
}

// loop handles messages as they arrive, and commands one after the other: the next
// line is read when the last command has finished. It returns at the end of input.
func (x *mode) loop(typed <-chan string) error {
	for !x.left && x.crashed == nil {
		next := typed
		if x.working() {
			next = nil
		}
		select {
		case <-x.Ctx.Done():
			return nil
		case msg := <-x.msgs:
			x.take(msg)
		case line, ok := <-next:
			if !ok {
				return x.out.Flush()
			}
			x.obey(line)
		}
		x.tell()
		if err := x.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// working reports whether a command is waiting for a reply, or the first one for the names that it may have.
func (x *mode) working() bool {
	return x.flows.Loading || !x.NamesTried || x.NodesWanted || x.lookup.Busy() || x.exports.Writing > 0 || x.wants != nil || x.listing > 0
}

// run runs a Bubble Tea command. Its result arrives as a message.
func (x *mode) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	x.cmds.Go(func() {
		select {
		case x.msgs <- cmd():
		case <-x.Ctx.Done():
		}
	})
}

// recovered, when deferred, turns a panic into the error of the loop, so that Run still
// waits for exports. The first panic counts.
func (x *mode) recovered() {
	if r := recover(); r != nil && x.crashed == nil {
		x.crashed = session.Crash(r)
	}
}

// take handles a message.
func (x *mode) take(msg tea.Msg) {
	defer x.recovered()
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			x.run(cmd)
		}
	case tea.QuitMsg:
		x.left = true
	case session.CrashedMsg:
		x.crashed = msg.Err
	case session.TickMsg:
		x.run(x.OnTick(&msg))
		x.run(x.flows.TakeAnswer(msg))
	case talkers.LoadedMsg:
		_, cmd := x.talkers.OnLoaded(msg)
		x.run(cmd)
	case timeline.LoadedMsg:
		_, cmd := x.timeline.OnLoaded(msg)
		x.run(cmd)
	case export.ExportedMsg:
		x.run(x.exports.OnExported(msg))
	case flows.ConversationFoundMsg:
		found, cmd := x.lookup.OnFound(msg)
		x.run(cmd)
		x.tellConversation(found)
	default:
		x.run(x.Take(msg))
		x.run(x.flows.TakeAnswer(msg))
	}
	for _, posted := range x.TakePosted() {
		if listed, ok := posted.(session.InventoryChangedMsg); ok && listed.Open {
			x.Status = ui.Message{}
			x.tellNodes()
		}
	}
}

// line writes a line, which must be safe for a terminal.
func (x *mode) line(text string) {
	_, _ = x.out.WriteString(text) // Flush returns the error
	_ = x.out.WriteByte('\n')
}

// tell writes what is new since the last call.
func (x *mode) tell() {
	defer x.recovered()
	if n := x.flows.Notice(); n.Text != x.noticed {
		if x.noticed = n.Text; n.Text != "" {
			x.line("Attention: " + n.Text)
		}
	}
	if lost := x.Health.Lost(); lost > x.lost {
		x.lost = lost
		x.line("Attention: " + ui.Count(lost) + " packets or flows have been lost so far: type health for details.")
	}
	if x.Status.Text != "" {
		x.line(x.Status.Text)
		x.Status = ui.Message{}
	}
	x.tellFlows()
	if x.wants != nil && x.wants() {
		x.wants = nil
	}
}

// tellSums writes sums, and reports whether they had arrived.
type tellSums func() bool

// tellFlows writes new flows, or the first flows of another view.
func (x *mode) tellFlows() {
	s := &x.flows.Rows
	if x.flows.Unanswered {
		return
	}
	if x.listing > 0 && !x.flows.PageRequest.Busy {
		n := x.listing
		x.listing = 0
		x.list(n)
	}
	if x.flows.LoadedAt.Equal(x.loadedAt) {
		return
	}
	x.loadedAt = x.flows.LoadedAt
	known := x.seen
	x.seen = make(map[int64]bool, s.Len())
	var fresh []*flow.Record
	for i := range s.Len() {
		r := s.At(i)
		x.seen[r.ID] = true
		if !known[r.ID] {
			fresh = append(fresh, r)
		}
	}
	if known == nil {
		x.tellView()
		return
	}
	if over := len(fresh) - linesAtOnce; over > 0 {
		x.line(ui.Count(over) + " more" + ui.Plural(over, " flow") + " arrived: type list to see them.")
		fresh = fresh[:linesAtOnce]
	}
	for _, r := range slices.Backward(fresh) { // the newest is the last line
		x.tellFlow(r)
	}
}

// tellView writes what the view shows, and its first flows.
func (x *mode) tellView() {
	x.listed = 0
	x.line(x.viewText())
	if x.flows.Rows.Len() > 0 && !x.flows.Unanswered {
		x.list(linesAtOnce)
		return
	}
	for _, l := range x.flows.EmptyLines(linesWidth) {
		if l.Text != "" {
			x.line(l.Text)
		}
	}
}

// restart says that the next flows are those of another view.
func (x *mode) restart() { x.seen, x.loadedAt = nil, time.Time{} }

// list writes the next n flows of the view, in its order.
func (x *mode) list(n int) {
	s := &x.flows.Rows
	end := min(x.listed+n, s.Len())
	for ; x.listed < end; x.listed++ {
		x.tellFlow(s.At(x.listed))
	}
	switch {
	case x.listed < s.Len() || s.More && s.Len() < flows.Most(&x.flows.Shown):
		x.line(ui.Count(x.listed) + " of " + x.flows.MatchText() + " flows listed; type more for the next ones.")
	case s.More:
		x.flows.SayEnd()
		x.line(x.Status.Text)
		x.Status = ui.Message{}
	default:
		x.line("That is all: " + x.flows.Amount() + ".")
	}
}

func (x *mode) tellFlow(r *flow.Record) {
	x.count++
	x.told = append(x.told, *r)
	if len(x.told) > 2*linesKept {
		x.told = slices.Clone(x.told[linesKept:])
	}
	x.line(ui.Count(x.count) + ": " + flowSentence(&x.flows.Style, r))
}

// numbered returns the flow that was written with a number, with its current state if
// it is still loaded.
func (x *mode) numbered(n int) (flow.Record, bool) {
	at := len(x.told) - 1 - (x.count - n)
	if n < 1 || n > x.count || at < 0 {
		return flow.Record{}, false
	}
	r := x.told[at]
	for i := range x.flows.Rows.Recs {
		if now := &x.flows.Rows.Recs[i]; now.ID == r.ID {
			return *now, true
		}
	}
	return r, true
}

// viewText returns what the view shows.
func (x *mode) viewText() string {
	text := "Flows " + x.InRange() + ", "
	if len(x.Query.Nodes) > 0 {
		text += "of " + termsafe.Text(strings.Join(x.Query.Nodes, ", "))
	} else {
		text += "of all nodes"
	}
	if x.Query.Filter != nil {
		text += ", filter " + termsafe.Text(search.Text(x.Query.Filter))
	}
	return text + ", " + x.Query.Order.Words() + ": " + x.flows.Amount() + ". Times are " + x.flows.Offsets + "."
}
