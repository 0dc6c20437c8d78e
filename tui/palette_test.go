package tui

import (
	"testing"

	"weir/search"
)

func TestACommandIsFoundByNameOrByWhatItDoes(t *testing.T) {
	for typed, want := range map[string]string{
		"ord": "order", "csv": "export", "": "pause", "oldest": "order", "nodes": "nodes", "node": "nodes", "PAUSE": "pause",
	} {
		keys := newKeyMap()
		d := newPaletteDialog(keys.commandGroups())
		typeText(d, typed)
		if c, ok := d.result(); !ok || c.name != want {
			t.Errorf("%q finds %q, want %q", typed, c.name, want)
		}
	}
}

func TestThePaletteDoesWhatTheKeyDoes(t *testing.T) {
	st := newScreen(t, sampleStore(), 80, 24, nil)
	st.press(":")
	st.write("order")
	st.press("enter")
	if st.m.query.Order != search.Oldest || st.m.dialog != nil {
		t.Error("the command was not done")
	}
	st.press(":")
	st.write("no such thing")
	st.press("enter")
	if st.m.dialog == nil {
		t.Error("the palette closed over nothing")
	}
	st.press("ctrl+u")
	st.write("hel")
	st.press("tab", "enter")
	if _, ok := st.m.dialog.(*helpDialog); !ok {
		t.Errorf("help opened %T", st.m.dialog)
	}
}

func TestThePaletteLooksRight(t *testing.T) {
	keys := newKeyMap()
	d := newPaletteDialog(keys.commandGroups())
	typeText(d, "no")
	press(d, "down")
	dialogGoldens(t, d, "palette")
}
