package session

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/node"
	"weir/search"
	"weir/tui/ui"
)

// Sleep waits for d and reports false if ctx ended first.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// tick waits for [TickInterval] and polls store and metering process. Both calls
// are cheap, but they run code of others and so belong in a command.
func (s *Session) tick() tea.Cmd {
	ctx, wait, now, store, health := s.Ctx, s.TickWait, s.Cfg.Now, s.Cfg.Store, s.Cfg.Health
	return Guarded(func() tea.Msg {
		if !wait(ctx, TickInterval) {
			return nil
		}
		msg := TickMsg{At: now(), Version: store.Version()}
		if health != nil {
			msg.Health = health()
		}
		return msg
	})
}

// OnTick handles a tick. It sets msg.Changed, so it comes before all other receivers.
func (s *Session) OnTick(msg *TickMsg) tea.Cmd {
	done := s.AllDone()
	if s.Rate.sample(msg.At, &msg.Health) ||
		msg.Health.Lost() != s.Health.Lost() || msg.Health.Evicted != s.Health.Evicted || msg.Health.StoreErr != s.Health.StoreErr || msg.Health.LogErr != s.Health.LogErr ||
		msg.Health.Outages() != s.Health.Outages() || s.Cfg.Follows && msg.Health.AsOf.IsZero() != s.Health.AsOf.IsZero() {
		s.Redraw()
	}
	s.Health = msg.Health
	if done != s.AllDone() {
		s.Redraw()
	}
	if msg.Changed = msg.Version != s.version; msg.Changed {
		s.version = msg.Version
		s.nodesRequest.Stale = true
	}
	if s.nodesRequest.Due(msg.At) {
		return tea.Batch(s.tick(), s.AskNodes(false))
	}
	return s.tick()
}

// Redraw marks the frame as out of date although only time has passed.
func (s *Session) Redraw() { s.needsRedraw = true }

// TakeRedraw reports whether [Session.Redraw] was called since the last time.
func (s *Session) TakeRedraw() bool {
	needed := s.needsRedraw
	s.needsRedraw = false
	return needed
}

// AskNodes requests the nodes; open says that the user is waiting for their list.
func (s *Session) AskNodes(open bool) tea.Cmd {
	s.NodesWanted = open
	span, store := s.Query.Range, s.Cfg.Store
	span.From, span.To = span.Bounds(s.Cfg.Now())
	span.Last = 0
	return Ask(&s.nodesRequest,
		func(ctx context.Context) (node.Inventory, error) {
			nodes, incomplete := store.Summaries(ctx, span)
			if !search.Answered(incomplete) {
				return node.Inventory{}, incomplete
			}
			groups, err := store.Groups(ctx)
			if incomplete = search.JoinIncomplete(incomplete, err); !search.Answered(incomplete) {
				return node.Inventory{}, incomplete
			}
			interfaces, err := store.Interfaces(ctx)
			return node.Inventory{Nodes: nodes, Groups: groups, Interfaces: interfaces}, search.JoinIncomplete(incomplete, err)
		},
		func(r Reply, inv node.Inventory) tea.Msg { return nodesLoadedMsg{r, inv} })
}

// onNodes handles the nodes. They are requested more often while their list is open.
func (s *Session) onNodes(msg nodesLoadedMsg) tea.Cmd {
	rest := nodesInterval
	if s.NodesWanted || s.NodesListed || len(msg.Nodes) == 0 {
		rest = TotalInterval
	}
	current, next := s.nodesRequest.Answered(msg.Reply, rest)
	if !current {
		return next
	}
	open := s.NodesWanted
	s.NodesWanted, s.NamesTried = false, true
	switch {
	case msg.Err == nil:
		s.Inventory, s.NamesRead = msg.Inventory, len(msg.Gaps) == 0
		s.Post(InventoryChangedMsg{msg.At, open})
		if open && len(msg.Gaps) > 0 {
			s.Say(ui.Bad, search.GapText(msg.Gaps, s.Cfg.Loc))
		}
	case open:
		s.Say(ui.Bad, ui.OneLine(msg.Err))
	}
	return nil
}

// CaptureNotice returns why flows may be missing, apart from a failed search.
func (s *Session) CaptureNotice() ui.Message {
	switch {
	case s.Health.StoreErr != "" && s.NotCapturing():
		return ui.Message{Look: ui.Bad, Text: termsafe.Text(s.Health.StoreErr)}
	case s.Health.StoreErr != "":
		return ui.Message{Look: ui.Bad, Text: "flows are not being stored: " + termsafe.Text(s.Health.StoreErr)}
	case s.Health.LogErr != "":
		return ui.Message{Look: ui.Warn, Text: "the store's log grows: " + termsafe.Text(s.Health.LogErr)}
	case s.Cfg.Notice != "":
		return ui.Message{Look: ui.Warn, Text: termsafe.Text(s.Cfg.Notice)}
	}
	for i := range s.Health.Sources {
		if src := &s.Health.Sources[i]; src.Err != "" {
			state := ": not capturing, waiting: "
			if src.Done {
				state = ": ended: "
			}
			return ui.Message{Look: ui.Warn, Text: termsafe.Text(src.Name) + state + termsafe.Text(src.Err)}
		}
	}
	return ui.Message{}
}

// CountsKnown reports whether the counters in Health are known: always those of this process, those of
// another one if it wrote them lately.
func (s *Session) CountsKnown() bool {
	return s.Cfg.Health != nil && (!s.Cfg.Follows || s.Cfg.Now().Sub(s.Health.AsOf) < followedAge)
}

// AllDone reports whether no source has more packets.
func (s *Session) AllDone() bool {
	return !slices.ContainsFunc(s.Health.Sources, func(src flow.SourceHealth) bool { return !src.Done })
}

// NotCapturing reports whether this process produces no flows: it has no source, and
// it reads the store of another one, a notice says why, or it runs without a metering process.
func (s *Session) NotCapturing() bool {
	return s.Cfg.Capturing == "" && (s.Cfg.Health == nil || s.Cfg.Notice != "" || s.Cfg.Reading != "")
}
