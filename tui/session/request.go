package session

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/search"
)

// LatestRequest runs the requests of one kind to the store. At most one is in
// flight and one is queued; the latest wins. A superseded request is cancelled,
// and its reply is recognised by its sequence number and dropped. After a reply
// the store is left alone for a while before the next request is due.
type LatestRequest struct {
	ctx    context.Context // life of the session
	now    func() time.Time
	seq    uint64 // of the latest request
	Busy   bool   // one is in flight
	cancel context.CancelFunc
	queued request

	Stale  bool      // the last reply is out of date
	notYet time.Time // no request before that
}

// request asks the store and returns the reply as a message. It runs in a
// command and must stop when ctx ends.
type request func(ctx context.Context, seq uint64) tea.Msg

// Reply is what all messages with replies of the store have in common.
type Reply struct {
	Seq  uint64       // of the request
	Err  error        // nil: there is an answer
	Gaps []search.Gap // damaged parts of the store that the answer lacks
	At   time.Time    // when the reply arrived
	took time.Duration
}

// Ask sends a request in place of the one before. The reply arrives as the
// message that say makes of it. The command is nil while the request waits for
// the one in flight to end.
func Ask[T any](l *LatestRequest, ask func(ctx context.Context) (T, error), say func(Reply, T) tea.Msg) tea.Cmd {
	now := l.now
	l.seq++
	l.Stale = false
	timed := func(ctx context.Context, seq uint64) tea.Msg {
		start := now()
		answer, err := ask(ctx)
		at := now()
		gaps, ok := search.Incomplete(err)
		if ok {
			err = nil
		}
		return say(Reply{Seq: seq, Err: err, Gaps: gaps, At: at, took: at.Sub(start)}, answer)
	}
	if l.Busy {
		l.cancel()
		l.queued = timed
		return nil
	}
	return l.launch(timed)
}

// Drop cancels the latest request; its reply will not be current.
func (l *LatestRequest) Drop() {
	l.seq++
	l.queued = nil
	if l.Busy {
		l.cancel()
	}
}

func (l *LatestRequest) launch(send request) tea.Cmd {
	ctx, cancel := context.WithCancel(l.ctx)
	l.Busy, l.cancel, l.queued = true, cancel, nil
	seq := l.seq
	return Guarded(func() tea.Msg {
		defer cancel()
		return send(ctx, seq)
	})
}

// Answered takes a reply, reports whether it answers the latest request, and
// returns the command of the queued request. The next request is due after at
// least the given time; a failed one is due again then.
func (l *LatestRequest) Answered(r Reply, least time.Duration) (current bool, next tea.Cmd) {
	l.Busy = false
	if l.queued != nil {
		return false, l.launch(l.queued)
	}
	if r.Seq != l.seq {
		return false, nil
	}
	l.notYet = r.At.Add(max(restFactor*r.took, least))
	l.Stale = l.Stale || r.Err != nil
	return true, nil
}

// Ready reports whether the store may be asked at that time.
func (l *LatestRequest) Ready(at time.Time) bool { return !l.Busy && !at.Before(l.notYet) }

// Due reports whether the store should be asked at that time: the last reply is
// out of date and the pause after it is over.
func (l *LatestRequest) Due(at time.Time) bool { return l.Stale && l.Ready(at) }
