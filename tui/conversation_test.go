package tui

import (
	"testing"
	"time"

	"weir/flow"
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
}

func TestXSaysThatAFlowCannotBeMatched(t *testing.T) {
	r := manyFlows(1)[0]
	r.Proto, r.SrcSide, r.DstSide = flow.UDP, flow.Side{}, flow.Side{}
	store := &tuitest.Store{}
	store.Add(r)
	st := newScreen(t, store, 160, 24, nil)
	st.press("x")
	if st.m.window != nil {
		t.Errorf("x opened %T for a flow that can't be matched", st.m.window)
	}
	st.wantIn(st.footer(), "this flow can't be matched at other nodes: its start was not seen, and it has no IP ID")
}
