package tui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weir/flow"
	"weir/internal/termsafe"
	"weir/node"
	"weir/tui/ui"
)

// sleep waits for d and reports false if ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pulse waits a moment and looks how things stand. Both calls are cheap, but
// they are not the screen's, so they run in the command.
func (s *session) pulse() tea.Cmd {
	ctx, wait, now, store, health := s.ctx, s.wait, s.cfg.Now, s.cfg.Store, s.cfg.Health
	return guarded(func() tea.Msg {
		if !wait(ctx, pulseInterval) {
			return nil
		}
		msg := pulsedMsg{at: now(), version: store.Version()}
		if health != nil {
			msg.health = health()
		}
		return msg
	})
}

// onPulse takes how things stand now. The message goes to all who ask the store, too.
func (s *session) onPulse(msg *pulsedMsg) tea.Cmd {
	done := s.allDone()
	if s.rate.sample(msg.at, &msg.health) ||
		msg.health.Lost() != s.health.Lost() || msg.health.Evicted != s.health.Evicted || msg.health.StoreErr != s.health.StoreErr {
		s.redraw()
	}
	s.health = msg.health
	if done != s.allDone() {
		s.redraw()
	}
	if msg.changed = msg.version != s.version; msg.changed {
		s.version = msg.version
		s.nodesLane.behind = true
	}
	if s.nodesLane.due(msg.at) {
		return tea.Batch(s.pulse(), s.askNodes(false))
	}
	return s.pulse()
}

// redraw says that what is drawn has changed, although only time has passed.
func (s *session) redraw() { s.changed = true }

// askNodes asks for the nodes; open says that the reader waits for their list.
func (s *session) askNodes(open bool) tea.Cmd {
	s.nodesWanted = open
	span, store := s.query.Range, s.cfg.Store
	span.From, span.To = span.Bounds(s.cfg.Now())
	span.Last = 0
	return ask(&s.nodesLane,
		func(ctx context.Context) (node.Inventory, error) {
			nodes, err := store.Summaries(ctx, span)
			if err != nil {
				return node.Inventory{}, err
			}
			groups, err := store.Groups(ctx)
			return node.Inventory{Nodes: nodes, Groups: groups}, err
		},
		func(r reply, inv node.Inventory) tea.Msg { return nodesLoadedMsg{r, inv} })
}

// onNodes takes the nodes. They are asked for more often while their list is open.
func (s *session) onNodes(msg nodesLoadedMsg) tea.Cmd {
	rest := nodesInterval
	if s.nodesWanted || s.nodesListed || len(msg.Nodes) == 0 {
		rest = totalInterval
	}
	current, next := s.nodesLane.answered(msg.reply, rest)
	if !current {
		return next
	}
	open := s.nodesWanted
	s.nodesWanted = false
	switch {
	case msg.err == nil:
		s.Inventory = msg.Inventory
		s.post(inventoryChangedMsg{msg.at, open})
	case open:
		s.say(ui.Bad, ui.OneLine(msg.err))
	}
	return nil
}

// notice is why flows are missing, as far as it is not the search.
func (s *session) notice() ui.Message {
	switch {
	case s.health.StoreErr != "":
		return ui.Message{Look: ui.Bad, Text: "flows are not being stored: " + termsafe.Text(s.health.StoreErr)}
	case s.cfg.Notice != "":
		return ui.Message{Look: ui.Warn, Text: termsafe.Text(s.cfg.Notice)}
	}
	for i := range s.health.Sources {
		if src := &s.health.Sources[i]; src.Err != "" {
			state := " is not captured for now: "
			if src.Done {
				state = " ended: "
			}
			return ui.Message{Look: ui.Warn, Text: termsafe.Text(src.Name) + state + termsafe.Text(src.Err)}
		}
	}
	return ui.Message{}
}

// allDone reports whether no source has more packets.
func (s *session) allDone() bool {
	return !slices.ContainsFunc(s.health.Sources, func(src flow.SourceHealth) bool { return !src.Done })
}

// notCapturing reports whether no new flows are to be expected from this
// process: it has nothing to capture from, and something is wrong or nobody counts.
func (s *session) notCapturing() bool {
	return s.cfg.Capturing == "" && (s.cfg.Health == nil || s.cfg.Notice != "")
}
