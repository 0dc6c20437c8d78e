package ui

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// listOf is a list of n items.
func listOf(n int) List {
	var l List
	l.SetLen(n)
	return l
}

func TestTheCursorStopsAtTheEndsOfAList(t *testing.T) {
	l := listOf(3)
	for _, step := range []struct{ by, want int }{{-1, 0}, {1, 1}, {5, 2}, {1, 2}, {-7, 0}} {
		if l.Move(step.by); l.Cursor() != step.want {
			t.Errorf("by %d: at %d, want %d", step.by, l.Cursor(), step.want)
		}
	}
}

func TestTheCursorGoesRoundWhereItMay(t *testing.T) {
	l := listOf(3)
	l.Wrap = true
	for _, step := range []struct{ by, want int }{{-1, 2}, {1, 0}, {4, 1}, {-5, 2}} {
		if l.Move(step.by); l.Cursor() != step.want {
			t.Errorf("by %d: at %d, want %d", step.by, l.Cursor(), step.want)
		}
	}
}

func TestAnEmptyListHasNothingInSight(t *testing.T) {
	for _, wrap := range []bool{false, true} {
		l := List{Wrap: wrap}
		l.Move(1)
		l.Move(-2)
		if from, to := l.View(5); from != 0 || to != 0 || l.Cursor() != 0 {
			t.Errorf("%d to %d are in sight, the cursor is at %d", from, to, l.Cursor())
		}
	}
}

func TestAPageIsWhatIsInSightUnlessItIsGiven(t *testing.T) {
	k := NewDialogKeys()
	down, up := tea.KeyPressMsg{Code: tea.KeyPgDown}, tea.KeyPressMsg{Code: tea.KeyPgUp}
	l := listOf(100)
	l.View(7)
	if !l.Update(down, k.Motion()) || l.Cursor() != 7 {
		t.Errorf("a page down went to %d", l.Cursor())
	}
	l.Page = 10
	l.Update(down, k.Motion())
	if l.Update(up, k.Motion()); l.Cursor() != 7 {
		t.Errorf("a page down and up went to %d", l.Cursor())
	}
	if l.Update(tea.KeyPressMsg{Code: tea.KeyEnd}, k.Motion()); l.Cursor() != 99 {
		t.Errorf("End went to %d", l.Cursor())
	}
	if l.Update(tea.KeyPressMsg{Code: tea.KeyHome}, k.Motion()); l.Cursor() != 0 {
		t.Errorf("Home went to %d", l.Cursor())
	}
	if l.Update(tea.KeyPressMsg{Code: 'x', Text: "x"}, k.Motion()) || l.Update(down, Motion{Up: k.Up}) {
		t.Error("it took a key that moves nothing")
	}
}

func TestAnotherListIsSeenFromItsBeginningAndALongerOneFromWhereItWas(t *testing.T) {
	l := listOf(50)
	l.Go(40)
	from, _ := l.View(10)
	l.SetLen(60)
	if again, _ := l.View(10); again != from || l.Cursor() != 40 {
		t.Errorf("from %d at %d after it grew, before from %d at 40", again, l.Cursor(), from)
	}
	l.Reset(60)
	if again, _ := l.View(10); again != 0 || l.Cursor() != 0 {
		t.Errorf("from %d at %d", again, l.Cursor())
	}
}

func TestWhateverHappensTheCursorIsInSightAndNoRowIsWasted(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	l := listOf(20)
	for range 20_000 {
		switch rnd.IntN(6) {
		case 0:
			l.SetLen(rnd.IntN(40))
		case 1:
			l.Reset(rnd.IntN(40))
		case 2:
			l.Go(rnd.IntN(60) - 10)
		default:
			l.Move(rnd.IntN(21) - 10)
		}
		rows := rnd.IntN(30)
		from, to := l.View(rows)
		if want := min(max(rows, 1), l.Len()); to-from != want {
			t.Fatalf("%d to %d of %d are in sight in %d rows", from, to, l.Len(), rows)
		}
		if l.Len() > 0 && (l.Cursor() < from || l.Cursor() >= to) {
			t.Fatalf("the cursor is at %d, and %d to %d are in sight", l.Cursor(), from, to)
		}
	}
}

func TestATextScrollsBetweenItsEnds(t *testing.T) {
	k := NewListKeys()
	var lines []string
	for i := range 10 {
		lines = append(lines, strconv.Itoa(i))
	}
	s := Scroll{Page: 4}
	press := func(msg tea.KeyPressMsg) { s.Update(msg, k.Motion()) }
	down, up, page := tea.KeyPressMsg{Code: 'j', Text: "j"}, tea.KeyPressMsg{Code: 'k', Text: "k"}, tea.KeyPressMsg{Code: tea.KeyPgDown}
	want := func(first, last int) {
		t.Helper()
		if got := s.View(lines, 6); !slices.Equal(got, lines[first:last+1]) {
			t.Errorf("%q is in sight, want %d to %d", got, first, last)
		}
	}
	press(page) // before it was drawn
	want(4, 9)
	press(page)
	press(up)
	want(3, 8)
	press(up)
	press(up)
	press(up)
	want(0, 5)
	press(up)
	want(0, 5)
	press(down)
	want(1, 6)
	press(page)
	want(4, 9) // at its end
	press(up)
	want(3, 8) // at once, however often the end was passed
	if !s.Over() {
		t.Error("it is said to fit")
	}
	if got := s.View(lines, 20); len(got) != 10 || s.Over() || s.Top() != 0 {
		t.Errorf("%q is in sight of a text that fits", got)
	}
}
