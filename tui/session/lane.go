package session

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Lane is one kind of question to the store. At most one is in flight and one
// queued; the newest wins. A question that is no longer of interest is
// cancelled, and its answer is recognised by its number and dropped. After an
// answer the store rests before the lane is due again.
type Lane struct {
	ctx    context.Context // life of the screen
	now    func() time.Time
	seq    uint64 // number of the newest question
	Busy   bool   // one is in flight
	cancel context.CancelFunc
	queued question

	Behind bool      // the answer that is there is out of date
	notYet time.Time // the store rests until then
}

// question asks the store something and returns the answer as a message. It
// runs in a command and must stop when ctx ends.
type question func(ctx context.Context, seq uint64) tea.Msg

// Reply is what the messages with answers have in common.
type Reply struct {
	Seq  uint64 // number of the question
	Err  error
	At   time.Time // when the answer was there
	took time.Duration
}

// Ask asks q instead of whatever was asked before; the answer arrives as the
// message that say makes of it. The command is nil when q has to wait for the
// question in flight to end.
func Ask[T any](l *Lane, q func(ctx context.Context) (T, error), say func(Reply, T) tea.Msg) tea.Cmd {
	now := l.now
	l.seq++
	l.Behind = false
	timed := func(ctx context.Context, seq uint64) tea.Msg {
		begun := now()
		answer, err := q(ctx)
		at := now()
		return say(Reply{seq, err, at, at.Sub(begun)}, answer)
	}
	if l.Busy {
		l.cancel()
		l.queued = timed
		return nil
	}
	return l.launch(timed)
}

// Drop gives up what was asked.
func (l *Lane) Drop() {
	l.seq++
	l.queued = nil
	if l.Busy {
		l.cancel()
	}
}

func (l *Lane) launch(q question) tea.Cmd {
	ctx, cancel := context.WithCancel(l.ctx)
	l.Busy, l.cancel, l.queued = true, cancel, nil
	seq := l.seq
	return Guarded(func() tea.Msg {
		defer cancel()
		return q(ctx, seq)
	})
}

// Answered takes the arrival of an answer, reports whether it is the one that
// is waited for, and returns the command of the queued question. The lane rests
// then, for at least the given time; a question that failed is due afterwards.
func (l *Lane) Answered(r Reply, least time.Duration) (current bool, next tea.Cmd) {
	l.Busy = false
	if l.queued != nil {
		return false, l.launch(l.queued)
	}
	if r.Seq != l.seq {
		return false, nil
	}
	l.notYet = r.At.Add(max(restFactor*r.took, least))
	l.Behind = l.Behind || r.Err != nil
	return true, nil
}

// Rested reports whether the store may be asked again.
func (l *Lane) Rested(at time.Time) bool { return !l.Busy && !at.Before(l.notYet) }

// Due reports whether it should be.
func (l *Lane) Due(at time.Time) bool { return l.Behind && l.Rested(at) }
