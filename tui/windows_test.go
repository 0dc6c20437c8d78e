package tui

import (
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/tui/tuitest"
)

func TestNGoesBackAndForthBetweenTwoSetsOfNodes(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press("N")
	st.wantIn(st.footer(), "no previous set of nodes")
	st.press("n", "down", "space", "enter")
	st.wantIn(st.header(), "nodes branch-office-3")
	st.press("N")
	st.wantIn(st.header(), "nodes all")
	st.press("N")
	st.wantIn(st.header(), "nodes branch-office-3")
	st.press("n")
	st.wantIn(ansi.Strip(st.screen()), "^r previous")
	st.press("ctrl+r", "enter")
	st.wantIn(st.header(), "nodes all")
}
