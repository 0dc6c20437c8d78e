package form

import (
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"weir/search"
	"weir/tui/tuitest"
	"weir/tui/ui"
)

func TestTheFormLooksRight(t *testing.T) {
	env := tuitest.Env(t)
	tuitest.Goldens(t, New(search.Query{Range: search.Range{Last: 2 * time.Hour}}, nil, env), "form-empty")
	tuitest.Goldens(t, New(filledQuery(env), nil, env), "form-filled")

	wrong := New(filledQuery(env), nil, env)
	for id, text := range map[cellID]string{cellTo: "yesterday", cellSrc: "10.0.0.300", cellDport: ">70000", cellLimit: "20000"} {
		wrong.cells[id].field.SetText(text)
	}
	tuitest.Press(wrong, "enter")
	tuitest.Goldens(t, wrong, "form-wrong")
	tuitest.Press(wrong.goTo(cellSrc))
	tuitest.Goldens(t, wrong, "form-wrong-address")
}

func TestTheFormFitsTheSmallestScreenWithTheCursorInSight(t *testing.T) {
	env := tuitest.Env(t)
	f := New(filledQuery(env), nil, env)
	for range int(numCells) {
		view := tuitest.View(t, f, &ui.Theme{}, 60, 15)
		th := &ui.Theme{}
		th.Set(ui.Selected, lipgloss.NewStyle().Reverse(true))
		if !strings.Contains(tuitest.View(t, f, th, 60, 15), "\x1b[7m") {
			t.Fatalf("the cursor is out of sight at field %d:\n%s", f.focus, view)
		}
		if !strings.Contains(view, "Enter search") {
			t.Fatalf("the keys are out of sight:\n%s", view)
		}
		tuitest.Press(f, "tab")
	}
}

func TestAnASCIIThemeDrawsNothingElse(t *testing.T) {
	env := tuitest.Env(t)
	tuitest.WantASCII(t, New(filledQuery(env), nil, env))
}

// BenchmarkFormView draws the form, which parses every field for each frame.
func BenchmarkFormView(b *testing.B) {
	env := tuitest.Env(b)
	f := New(filledQuery(env), nil, env)
	for b.Loop() {
		f.View(&ui.Theme{}, 80, 24)
	}
}
