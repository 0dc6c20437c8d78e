package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// lane is one kind of question to the store. At most one is in flight and one
// queued; the newest wins. A question that is no longer of interest is
// cancelled, and its answer is recognised by its number and dropped. After an
// answer the store rests before the lane is due again.
type lane struct {
	ctx    context.Context // life of the screen
	now    func() time.Time
	seq    uint64 // number of the newest question
	busy   bool   // one is in flight
	cancel context.CancelFunc
	queued question

	behind bool      // the answer that is there is out of date
	notYet time.Time // the store rests until then
}

// question asks the store something and returns the answer as a message. It
// runs in a command and must stop when ctx ends.
type question func(ctx context.Context, seq uint64) tea.Msg

// reply is what the messages with answers have in common.
type reply struct {
	seq  uint64 // number of the question
	err  error
	at   time.Time // when the answer was there
	took time.Duration
}

// ask asks q instead of whatever was asked before; the answer arrives as the
// message that say makes of it. The command is nil when q has to wait for the
// question in flight to end.
func ask[T any](l *lane, q func(ctx context.Context) (T, error), say func(reply, T) tea.Msg) tea.Cmd {
	now := l.now
	l.seq++
	l.behind = false
	timed := func(ctx context.Context, seq uint64) tea.Msg {
		begun := now()
		answer, err := q(ctx)
		at := now()
		return say(reply{seq, err, at, at.Sub(begun)}, answer)
	}
	if l.busy {
		l.cancel()
		l.queued = timed
		return nil
	}
	return l.launch(timed)
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
// is waited for, and returns the command of the queued question. The lane rests
// then, for at least the given time; a question that failed is due afterwards.
func (l *lane) answered(r reply, least time.Duration) (current bool, next tea.Cmd) {
	l.busy = false
	if l.queued != nil {
		return false, l.launch(l.queued)
	}
	if r.seq != l.seq {
		return false, nil
	}
	l.notYet = r.at.Add(max(restFactor*r.took, least))
	l.behind = l.behind || r.err != nil
	return true, nil
}

// rested reports whether the store may be asked again.
func (l *lane) rested(at time.Time) bool { return !l.busy && !at.Before(l.notYet) }

// due reports whether it should be.
func (l *lane) due(at time.Time) bool { return l.behind && l.rested(at) }
