package form

import (
	"strings"
	"testing"
	"time"

	"weir/search"
	"weir/tui/ui"
	"weir/tui/windowtest"
)

func TestTheFormLooksRight(t *testing.T) {
	env := windowtest.Env(t)
	windowtest.Goldens(t, New(search.Query{Range: search.Range{Last: 2 * time.Hour}}, nil, env), "form-empty")
	windowtest.Goldens(t, New(filledQuery(env), nil, env), "form-filled")

	wrong := New(filledQuery(env), nil, env)
	for id, text := range map[cellID]string{cellTo: "yesterday", cellSrc: "10.0.0.300", cellDport: ">70000", cellLimit: "20000"} {
		wrong.cells[id].field.SetText(text)
	}
	windowtest.Press(wrong, "enter")
	windowtest.Goldens(t, wrong, "form-wrong")
	windowtest.Press(wrong.goTo(cellSrc))
	windowtest.Goldens(t, wrong, "form-wrong-address")
}

func TestTheFormFitsTheSmallestScreenWithTheCursorInSight(t *testing.T) {
	env := windowtest.Env(t)
	f := New(filledQuery(env), nil, env)
	for range int(numCells) {
		view := windowtest.View(t, f, &ui.Theme{}, 60, 15)
		th := &ui.Theme{}
		th.Sgr[ui.Selected] = ui.Sgr("7")
		if !strings.Contains(windowtest.View(t, f, th, 60, 15), "\x1b[7m") {
			t.Fatalf("the cursor is out of sight at field %d:\n%s", f.focus, view)
		}
		if !strings.Contains(view, "Enter search") {
			t.Fatalf("the keys are out of sight:\n%s", view)
		}
		windowtest.Press(f, "tab")
	}
}

func TestAnASCIIThemeDrawsNothingElse(t *testing.T) {
	env := windowtest.Env(t)
	windowtest.WantASCII(t, New(filledQuery(env), nil, env))
}

// BenchmarkFormView draws the form, which reads every field anew.
func BenchmarkFormView(b *testing.B) {
	env := windowtest.Env(b)
	f := New(filledQuery(env), nil, env)
	for b.Loop() {
		f.View(&ui.Theme{}, 80, 24)
	}
}
