package plain

import (
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/tui/session"
	"weir/tui/tuitest"
)

func TestAPanicEndsTheLineModeWithAnError(t *testing.T) {
	for what, do := range map[string]func(st *lineTest){
		"an answer": func(st *lineTest) {
			st.store.Add(tuitest.ManyFlows(3)...)
			st.passed.Add(int64(5 * time.Second))
			st.x.take(session.TickMsg{At: st.now(), Version: st.store.Version()})
			for st.x.flows.PageRequest.Busy {
				st.x.take(<-st.x.msgs)
			}
		},
		"a command": func(st *lineTest) { st.x.obey("details 1") },
		"telling":   func(st *lineTest) { st.x.restart(); st.x.tell() },
	} {
		st := newLineTest(t, tuitest.NewStore(), nil)
		st.x.Cfg.Loc = nil // stands for a mistake in any of them
		do(st)
		if st.x.crashed == nil || !strings.Contains(st.x.crashed.Error(), "panic: ") {
			t.Errorf("%s: error %v", what, st.x.crashed)
			continue
		}
		if err := st.x.loop(typedLines(t.Context(), strings.NewReader(""))); err != nil {
			t.Errorf("%s: the loop continues: %v", what, err)
		}
	}
}

func TestAPanicInTheLineModeIsRunsError(t *testing.T) {
	var broken atomic.Bool
	cfg := session.Config{Store: tuitest.NewStore(), Loc: tuitest.Zone, Now: func() time.Time {
		if broken.Load() {
			panic("test: no time")
		}
		return tuitest.Now
	}}
	in, typed := io.Pipe()
	out := writeFunc(func(text []byte) (int, error) {
		if strings.Contains(string(text), "Flows ") && broken.CompareAndSwap(false, true) { // the first flows are there
			go func() { _, _ = io.WriteString(typed, "filter\n") }()
		}
		return len(text), nil
	})
	if err := Run(t.Context(), cfg, in, out); err == nil || !strings.Contains(err.Error(), "test: no time") {
		t.Errorf("error %v", err)
	}
}

type writeFunc func([]byte) (int, error)

func (w writeFunc) Write(p []byte) (int, error) { return w(p) }
