package tui

import (
	"testing"

	"github.com/charmbracelet/x/ansi"

	"weir/tui/tuitest"
)

func TestWhyNothingIsCapturedIsSaidOnEveryScreen(t *testing.T) {
	for _, full := range []bool{true, false} {
		store := &tuitest.Store{}
		if full {
			store = tuitest.NewStore()
		}
		st := newScreen(t, store, 120, 40, func(c *Config) { c.Notice = "no permission to capture" })
		for _, key := range []string{"1", "2", "3", "4"} {
			st.press(key)
			st.wantIn(ansi.Strip(st.screen()), "no permission to capture")
		}
	}
}
