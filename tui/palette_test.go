package tui

import (
	"errors"
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/search"
	"weir/tui/dialog"
	"weir/tui/keys"
	"weir/tui/tuitest"
)

func TestACommandIsFoundByNameOrByWhatItDoes(t *testing.T) {
	for typed, want := range map[string]string{
		"ord": "order", "csv": "export", "": "pause", "oldest": "order", "nodes": "nodes", "node": "nodes", "PAUSE": "pause",
	} {
		k := keys.New()
		d := dialog.NewPalette(paletteCommands(k), true)
		tuitest.Type(d, typed)
		if got := tuitest.Press(d, "enter"); got != tea.Msg(dialog.CommandChosenMsg{Name: want}) {
			t.Errorf("%q finds %v, want %q", typed, got, want)
		}
	}
}

func TestThePaletteDoesWhatTheKeyDoes(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	st.press(":")
	st.write("order")
	st.press("enter")
	if st.m.Query.Order != search.Oldest || st.m.window != nil {
		t.Error("the command was not done")
	}
	st.press(":")
	st.write("no such thing")
	st.press("enter")
	if st.m.window == nil {
		t.Error("the palette closed over nothing")
	}
	st.press("ctrl+u")
	st.write("hel")
	st.press("tab", "enter")
	if st.m.help == nil {
		t.Error("help did not open")
	}
}

func TestThePaletteLooksRight(t *testing.T) {
	k := keys.New()
	d := dialog.NewPalette(paletteCommands(k), true)
	tuitest.Type(d, "no")
	tuitest.Press(d, "down")
	tuitest.Goldens(t, d, "palette")
}

// keptSearches stores searches in memory.
type keptSearches struct {
	list []SavedSearch
	err  error
}

func (k *keptSearches) List() ([]SavedSearch, error) { return k.list, k.err }

func (k *keptSearches) Save(name, text string) error {
	_ = k.Forget(name) // its error is that of Save
	k.list = append(k.list, SavedSearch{Name: name, Text: text})
	return k.err
}

func (k *keptSearches) Forget(name string) error {
	k.list = slices.DeleteFunc(k.list, func(s SavedSearch) bool { return s.Name == name })
	return k.err
}

func searchesScreen(t *testing.T, kept *keptSearches) *screenTest {
	return newScreen(t, tuitest.NewStore(), 120, 24, func(c *Config) { c.Searches = kept })
}

// command types a line into the palette and runs it.
func (st *screenTest) command(line string) {
	st.press(":")
	st.write(line)
	st.press("enter")
}

func TestASearchIsSavedUnderANameAndOpenedAgain(t *testing.T) {
	kept := &keptSearches{}
	st := searchesScreen(t, kept)
	st.press("/")
	st.write("since:12h order:oldest flags:syn,!ack")
	st.press("enter")
	st.command("save Half-open")
	if want := (SavedSearch{Name: "Half-open", Text: "since:12h order:oldest flags:syn,!ack"}); len(kept.list) != 1 || kept.list[0] != want {
		t.Fatalf("kept %v, want %v", kept.list, want)
	}
	st.wantIn(st.footer(), "saved as Half-open, for :open and weir query @Half-open")
	st.press("/", "ctrl+u", "enter", "r", "home", "enter", "o")
	before := st.m.Query.Text()
	st.command("open half-open")
	if got := st.m.Query.Text(); got != kept.list[0].Text || before == got {
		t.Errorf("opened %q, before it was %q", got, before)
	}
	if st.m.FilterText != "flags:syn,!ack" {
		t.Errorf("the filter line shows %q", st.m.FilterText)
	}
	st.command("forget half")
	if len(kept.list) != 0 {
		t.Errorf("%v is still there", kept.list)
	}
}

func TestNamesOfSavedSearchesAreCompleted(t *testing.T) {
	kept := &keptSearches{list: []SavedSearch{{Name: "half-open", Text: "flags:syn,!ack"}, {Name: "web", Text: "since:2h dport:80,443"}, {Name: "web-slow", Text: "dport:443 rtt>1s"}}}
	st := searchesScreen(t, kept)
	st.press(":")
	st.write("op")
	st.press("tab")
	st.write("we")
	st.press("down", "tab")
	st.wantIn(ansi.Strip(st.screen()), ":[open web-slow   ")
	st.wantIn(st.screen(), "dport:443 rtt>1s")
	st.press("enter")
	if got := st.m.Query.Text(); got != "dport:443 rtt:>1s" {
		t.Errorf("opened %q", got)
	}
	st.press(":")
	st.write("save web")
	st.wantIn(st.screen(), "replaces")
	st.press("enter")
	if got := kept.list[len(kept.list)-1]; got != (SavedSearch{Name: "web", Text: "dport:443 rtt:>1s"}) || len(kept.list) != 3 {
		t.Errorf("saved %v of %v", got, kept.list)
	}
}

func TestACommandWithoutItsNameAsksForIt(t *testing.T) {
	st := searchesScreen(t, &keptSearches{})
	st.command("save")
	st.wantIn(ansi.Strip(st.screen()), ":[save   ")
	st.wantIn(st.screen(), "Type a name for this search")
	st.press("ctrl+u")
	st.write("open ")
	st.wantIn(st.screen(), "No saved searches yet")
}

func TestWhatIsWrongWithASavedSearchIsSaid(t *testing.T) {
	st := searchesScreen(t, &keptSearches{list: []SavedSearch{{Name: "old", Text: "dprt:443"}}})
	before := st.m.Query.Text()
	st.command("open old")
	st.wantIn(st.footer(), `search old: unknown field "dprt" at column 1: did you mean dport?`)
	if st.m.Query.Text() != before {
		t.Error("it changed the query")
	}
	st = searchesScreen(t, &keptSearches{err: errors.New("permission denied")})
	st.command("save x")
	st.wantIn(st.footer(), "permission denied")
	st = newScreen(t, tuitest.NewStore(), 120, 24, nil)
	st.press(":")
	st.write("forget")
	st.wantIn(st.screen(), "Nothing matches")
}

func TestASavedSearchWithAnUnknownWordIsRefused(t *testing.T) {
	kept := &keptSearches{list: []SavedSearch{{Name: "bad", Text: "since:2h tcp or nobody"}}}
	store := tuitest.NewStore()
	st := newScreen(t, store, 120, 24, func(cfg *Config) { cfg.Searches = kept })
	before := st.m.Query.Text()
	st.press(":")
	st.write("open bad")
	st.press("enter")
	if got := st.m.Query.Text(); got != before {
		t.Errorf("the query is %s", got)
	}
	st.wantIn(st.footer(), `search bad: unknown word "nobody"`)
}

func TestTheFilterLineKnowsInterfaces(t *testing.T) {
	store := tuitest.NewStore()
	store.InterfaceList = []string{"wan7"}
	st := newScreen(t, store, 120, 24, nil)
	st.press("/")
	st.write("tcp and not wan7")
	st.press("enter")
	if got, want := st.m.Query.Text(), "since:2h proto:tcp !(anynode:*wan7* or interface:*wan7*)"; got != want || st.m.FilterText != "tcp and not wan7" {
		t.Errorf("the query is %s, want %s; the line shows %s", got, want, st.m.FilterText)
	}
}
