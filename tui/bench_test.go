package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"weir/tui/tuitest"
)

// viewAllocs is the maximum number of allocations for a frame of 200 by 50.
const viewAllocs = 200

func bigScreen(t testing.TB) *screenTest {
	store := tuitest.NewStore()
	store.Add(manyFlows(2_000)...)
	return newScreen(t, store, 200, 50, nil)
}

func TestDrawingAllocatesLittle(t *testing.T) {
	for _, keys := range [][]string{nil, {"enter"}, {"?"}, {"f"}, {"n"}, {"t"}, {"r"}} {
		st := bigScreen(t)
		st.press(keys...)
		st.screen()
		got := testing.AllocsPerRun(100, func() {
			st.m.dirty = true
			_ = st.m.View()
		})
		if got > viewAllocs {
			t.Errorf("%v: %v allocations, want %d at most", keys, got, viewAllocs)
		}
	}
}

func BenchmarkView(b *testing.B) {
	st := bigScreen(b)
	b.ReportAllocs()
	for b.Loop() {
		st.m.dirty = true
		_ = st.m.View()
	}
}

func BenchmarkViewWithDetails(b *testing.B) {
	st := bigScreen(b)
	st.press("enter")
	b.ReportAllocs()
	for b.Loop() {
		st.m.dirty = true
		_ = st.m.View()
	}
}

func BenchmarkViewUnderDialog(b *testing.B) {
	st := bigScreen(b)
	st.press("?")
	b.ReportAllocs()
	for b.Loop() {
		st.m.dirty = true
		_ = st.m.View()
	}
}

func BenchmarkKeyDown(b *testing.B) {
	st := bigScreen(b)
	st.press("j")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = st.m.Update(tea.KeyPressMsg{Code: 'j', Text: "j"})
		_ = st.m.View()
	}
}

// BenchmarkViewOfWindow draws the window too, which a frame does only after a
// message reached it.
func BenchmarkViewOfWindow(b *testing.B) {
	for _, press := range []string{"?", "f", "n", "t", "c", "E"} {
		b.Run(press, func(b *testing.B) {
			st := bigScreen(b)
			st.press(press)
			b.ReportAllocs()
			for b.Loop() {
				st.m.dirty, st.m.box.of = true, nil
				_ = st.m.View()
			}
		})
	}
}
