package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// question asks the store something and returns the answer as a message that
// carries seq. It runs in a command and must stop when ctx ends.
type question func(ctx context.Context, seq uint64) tea.Msg

// lane is one kind of question to the store. At most one is in flight and one
// queued; the newest wins. A question that is no longer of interest is
// cancelled, and its answer is recognised by its number and dropped.
type lane struct {
	ctx    context.Context // life of the screen
	seq    uint64          // number of the newest question
	busy   bool            // one is in flight
	cancel context.CancelFunc
	queued question
}

// ask asks q instead of whatever was asked before. The command is nil when q
// has to wait for the question in flight to end.
func (l *lane) ask(q question) tea.Cmd {
	l.seq++
	if l.busy {
		l.cancel()
		l.queued = q
		return nil
	}
	return l.launch(q)
}

// drop gives up what was asked.
func (l *lane) drop() {
	l.seq++
	l.queued = nil
	if l.busy {
		l.cancel()
	}
}

func (l *lane) launch(q question) tea.Cmd {
	ctx, cancel := context.WithCancel(l.ctx)
	l.busy, l.cancel, l.queued = true, cancel, nil
	seq := l.seq
	return guarded(func() tea.Msg {
		defer cancel()
		return q(ctx, seq)
	})
}

// answered takes the arrival of an answer, reports whether it is the one that
// is waited for, and returns the command of the queued question.
func (l *lane) answered(seq uint64) (current bool, next tea.Cmd) {
	l.busy = false
	if l.queued != nil {
		return false, l.launch(l.queued)
	}
	return seq == l.seq, nil
}
