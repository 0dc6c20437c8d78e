package tui

import (
	"testing"
	"time"

	"weir/tui/conversation"
	"weir/tui/dialog"
	"weir/tui/tuitest"
)

func TestXAsksAllNodesAroundTheTimeOfTheFlow(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 40, func(c *Config) { c.Query.Nodes = []string{"edge-1"} })
	st.press("x")
	if _, ok := st.m.window.(*dialog.Conversation); !ok {
		t.Fatalf("x opened %T", st.m.window)
	}
	q := st.store.Searches[len(st.store.Searches)-1]
	if len(q.Nodes) != 0 || q.Range.From != testNow.Add(-400*time.Millisecond-conversation.Span) {
		t.Errorf("asked %+v", q)
	}
	st.press("esc", "G", "x") // UDP without an IP id in the reply
	if st.m.window == nil {
		st.wantIn(st.footer(), "can't be recognised")
	}
}
