package plain

import (
	"errors"
	"strings"
	"testing"
	"time"

	"weir/tui/session"
	"weir/tui/tuitest"
)

// tick advances the time by a second and writes what is new.
func (st *lineTest) tick() {
	st.passed.Add(int64(time.Second))
	st.x.take(session.TickMsg{At: st.now(), Version: st.store.Version()})
	for st.x.flows.PageRequest.Busy {
		st.x.take(<-st.x.msgs)
	}
	st.x.tell()
	_ = st.x.out.Flush()
}

func TestFlowsOfTheQueryBeforeAreNotToldUnderAnother(t *testing.T) {
	st := newLineTest(t, tuitest.NewStore(), nil)
	st.out.Reset()
	st.store.Fail(errors.New("database is locked"))
	st.enter("filter proto:udp", "list", "more", "filter")
	if said := st.out.String(); strings.Contains(said, "TCP") || !strings.Contains(said, "search failed: database is locked") ||
		!strings.Contains(said, "filter proto:udp, newest first: no result yet") {
		t.Errorf("after a search that failed:\n%s", said)
	}
	st.store.Fail(nil)
	st.out.Reset()
	for range 3 {
		st.tick()
	}
	if said := st.out.String(); !strings.Contains(said, "filter proto:udp, newest first: 2 flows") || strings.Count(said, "UDP from") != 2 {
		t.Errorf("once it is answered:\n%s", said)
	}
}
