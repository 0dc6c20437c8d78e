package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/search"
	"weir/tui/ui"
)

// lineMode is the screen in lines: what Run draws is told in sentences, and
// what keys do is typed. It is the same model without a picture: nothing is
// drawn, no cursor moves, a line that was written stays as it is.
type lineMode struct {
	ctx  context.Context
	m    *model
	out  *bufio.Writer
	msgs chan tea.Msg
	left bool // the reader quit

	told     []flow.Record // flows that were told, the latest last; their numbers end at count
	count    int
	seen     map[int64]bool // ids of the loaded flows
	loadedAt time.Time      // of the flows that seen is about
	listed   int            // rows of the view that were listed
	listing  int            // rows that are to be listed once they are there
	wants    place          // sums that were asked for and are to be told
	notice   string         // the last one that was told
	lost     uint64
}

const (
	// linesInterval is how often new flows are told. A voice needs seconds for a line.
	linesInterval = time.Second
	// linesAtOnce is how many flows are told at a time; the rest is counted.
	linesAtOnce = 10
	// linesKept is how many flows can be spoken of by their numbers.
	linesKept = 10_000
	// linesWidth and linesHeight are the window that the model thinks it has.
	linesWidth, linesHeight = 100, 50
)

// RunLines is [Run] for screen readers, and for terminals that can't be drawn
// on: it writes one line for each flow as it comes, and takes commands, one a
// line. It ends with the command quit, with the end of in, or with ctx. The
// reader of in stays behind if that never ends.
func RunLines(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	if cfg.Store == nil {
		return errors.New("show flows in lines: no store given")
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	m := newModel(asking, cfg)
	m.feed.wait = func(ctx context.Context, _ time.Duration) bool { return sleep(ctx, linesInterval) }
	m.resize(linesWidth, linesHeight)
	x := &lineMode{ctx: asking, m: m, out: bufio.NewWriter(out), msgs: make(chan tea.Msg, 16)}
	x.do(m.Init())
	err := x.loop(typedLines(asking, in))
	stop()
	m.exports.wait()
	if err = errors.Join(err, m.crashed); err != nil {
		return fmt.Errorf("show flows in lines: %w", err)
	}
	return nil
}

// typedLines hands out the lines of in, and is closed at its end.
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

// loop takes answers as they come, and commands one after the other until there
// are no more: the next one is read when the last one is done.
func (x *lineMode) loop(typed <-chan string) error {
	for !x.left {
		next := typed
		if x.working() {
			next = nil
		}
		select {
		case <-x.ctx.Done():
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

// working reports whether something that was asked for is still to come.
func (x *lineMode) working() bool {
	m := x.m
	return m.feed.loading || m.feed.openNodes || m.conversation.busy || m.exporting > 0 || x.wants != atFlows || x.listing > 0
}

// do runs a command of the model. Its answer comes as a message.
func (x *lineMode) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		select {
		case x.msgs <- cmd():
		case <-x.ctx.Done():
		}
	}()
}

// take hands a message to the model.
func (x *lineMode) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			x.do(cmd)
		}
	case tea.QuitMsg:
		x.left = true
	default:
		_, cmd := x.m.Update(msg)
		x.do(cmd)
	}
}

// line writes one line, which must be safe to draw.
func (x *lineMode) line(text string) {
	_, _ = x.out.WriteString(text) // the error stays in the writer, Flush tells it
	_ = x.out.WriteByte('\n')
}

// tell writes what is new since the last time.
func (x *lineMode) tell() {
	m := x.m
	if n := m.notice(); n.Text != x.notice {
		if x.notice = n.Text; n.Text != "" {
			x.line("Attention: " + n.Text)
		}
	}
	if lost := m.health.Lost(); lost > x.lost {
		x.lost = lost
		x.line("Attention: " + ui.Count(lost) + " packets or flows were lost so far; health tells more.")
	}
	if m.status.Text != "" {
		x.line(m.status.Text)
		m.status = ui.Message{}
	}
	x.tellFlows()
	x.tellSums()
	x.tellWindow()
}

// tellFlows writes the flows that came, or the beginning of another view.
func (x *lineMode) tellFlows() {
	m := x.m
	s := &m.table.rows
	if m.feed.loading || m.feed.loadedAt.IsZero() {
		return
	}
	if x.listing > 0 && !m.feed.page.busy {
		n := x.listing
		x.listing = 0
		x.list(n)
	}
	if m.feed.loadedAt.Equal(x.loadedAt) {
		return
	}
	x.loadedAt = m.feed.loadedAt
	known := x.seen
	x.seen = make(map[int64]bool, s.len())
	var fresh []*flow.Record
	for i := range s.len() {
		r := s.at(i)
		x.seen[r.ID] = true
		if !known[r.ID] {
			fresh = append(fresh, r)
		}
	}
	if known == nil {
		x.begin()
		return
	}
	if over := len(fresh) - linesAtOnce; over > 0 {
		x.line(ui.Count(over) + " more" + ui.Plural(over, " flow") + " came; list tells them.")
		fresh = fresh[:linesAtOnce]
	}
	for _, r := range slices.Backward(fresh) { // the newest is the last line
		x.tellFlow(r)
	}
}

// begin tells what the view is about, and its first flows.
func (x *lineMode) begin() {
	m := x.m
	x.listed = 0
	x.line(x.viewText())
	if m.table.rows.len() > 0 {
		x.list(linesAtOnce)
		return
	}
	for _, l := range m.emptyLines(linesWidth) {
		if l.Text != "" {
			x.line(l.Text)
		}
	}
}

// anew makes the next flows those of another view.
func (x *lineMode) anew() { x.seen, x.loadedAt = nil, time.Time{} }

// list tells the next n flows of the view, in its order.
func (x *lineMode) list(n int) {
	s := &x.m.table.rows
	end := min(x.listed+n, s.len())
	for ; x.listed < end; x.listed++ {
		x.tellFlow(s.at(x.listed))
	}
	switch {
	case x.listed < s.len() || s.more && s.len() < most(&x.m.feed.shown):
		x.line(ui.Count(x.listed) + " of " + x.m.amount() + ". more tells the next ones.")
	case s.more:
		x.m.sayEnd()
		x.line(x.m.status.Text)
		x.m.status = ui.Message{}
	default:
		x.line("These are all: " + x.m.amount() + ".")
	}
}

func (x *lineMode) tellFlow(r *flow.Record) {
	x.count++
	x.told = append(x.told, *r)
	if len(x.told) > 2*linesKept {
		x.told = slices.Clone(x.told[linesKept:])
	}
	x.line(ui.Count(x.count) + ": " + x.m.flowSentence(r))
}

// numbered is the flow that was told under a number, as it is now if it is
// still in the view.
func (x *lineMode) numbered(n int) (flow.Record, bool) {
	at := len(x.told) - 1 - (x.count - n)
	if n < 1 || n > x.count || at < 0 {
		return flow.Record{}, false
	}
	r := x.told[at]
	for i := range x.m.table.rows.recs {
		if now := &x.m.table.rows.recs[i]; now.ID == r.ID {
			return *now, true
		}
	}
	return r, true
}

// viewText says what is shown and how live it is.
func (x *lineMode) viewText() string {
	m := x.m
	text := "Flows " + m.inRange() + ", "
	if len(m.query.Nodes) > 0 {
		text += "of " + termsafe.Text(strings.Join(m.query.Nodes, ", "))
	} else {
		text += "of all nodes"
	}
	if m.query.Filter != nil {
		text += ", filter " + termsafe.Text(search.Text(m.query.Filter))
	}
	return text + ", " + m.query.Order.String() + " first: " + m.amount() + ". Times are " + ui.Offset(m.now()) + "."
}
