package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"weir/node"
	"weir/tui/tuitest"
)

func TestTabCompletesFieldsValuesAndNodes(t *testing.T) {
	for typed, want := range map[string]string{
		"dpo": "dport:", "proto:udpl": "proto:udplite", "flags:syn,ac": "flags:syn,ack", "!verdict:ref": "!verdict:refused",
		"proto:tcp snode:br": "proto:tcp snode:branch-office-3", "xyz": "xyz", "group:fr": "group:frankfurt", "dnode:fr": "dnode:frankfurt",
		"if:et": "if:eth0", "frank": "frankfurt",
	} {
		store := tuitest.NewStore()
		store.GroupList = node.Groups{{Name: "frankfurt", Members: []string{"edge-1"}}}
		st := newScreen(t, store, 80, 24, nil)
		st.press("/")
		st.write(typed)
		st.press("tab")
		if got := st.m.line.input.Value(); got != want {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
	}
}

func TestTheFilterLineKnowsWhichGroupsThereAre(t *testing.T) {
	store := tuitest.NewStore()
	store.GroupList = node.Groups{{Name: "frankfurt", Members: []string{"edge-1"}}}
	st := newScreen(t, store, 120, 24, nil)
	before := st.m.Query.Text()
	st.press("/")
	st.write("tcp group:frankfrt")
	st.press("enter")
	if !st.m.line.editing || st.m.Query.Text() != before {
		t.Error("a filter with an unknown group is applied")
	}
	st.wantIn(st.screen(), `^ unknown group "frankfrt" (did you mean frankfurt?)`)
	st.press("backspace", "backspace", "backspace")
	st.write("furt")
	st.press("enter")
	if st.m.line.editing {
		t.Error("a filter with a known group is refused")
	}
}

func TestTheFilterLineRefusesWordsThatNothingHas(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 120, 24, nil)
	st.press("/")
	st.write("tcp refus")
	if strings.Contains(ansi.Strip(st.screen()), "unknown word") {
		t.Error("it doubts a word that is being typed")
	}
	st.write("d")
	st.wantIn(st.screen(), `^ unknown word "refusd" (did you mean refused?)`)
	st.press("backspace")
	st.write("ed")
	if strings.Contains(ansi.Strip(st.screen()), "unknown word") {
		t.Error("it doubts a verdict")
	}
	st.press("ctrl+u")
	st.write("nobody")
	st.press("enter")
	if !st.m.line.editing {
		t.Error("a word that nothing has is applied")
	}
	st.press("ctrl+u")
	st.write("anynode:*nobody*")
	st.press("enter") // it may appear later
	if got := st.m.Query.Text(); got != "since:2h anynode:*nobody*" {
		t.Errorf("applied %s", got)
	}
}

func TestALongFilterSurvivesItsEditing(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 80, 24, nil)
	long := "dport:1" + strings.Repeat(",60000", 300)
	st.press("/")
	st.send(tea.PasteMsg{Content: long})
	st.press("enter", "/", "enter")
	if got := st.m.FilterText; got != long {
		t.Errorf("%d of %d characters are left", len(got), len(long))
	}
}

// TestTheNextKeyEndsTheRefusalOfAPaste also if it does not type anything.
func TestTheNextKeyEndsTheRefusalOfAPaste(t *testing.T) {
	for _, key := range []string{"enter", "tab", "up"} {
		st := newScreen(t, tuitest.NewStore(), 100, 24, nil)
		st.press("/")
		st.write("dpor")
		st.send(tea.PasteMsg{Content: strings.Repeat("x", 1<<20)})
		st.wantIn(st.screen(), "paste rejected: a filter has at most 64 KiB")
		st.press(key)
		if strings.Contains(ansi.Strip(st.screen()), "rejected") {
			t.Errorf("%s: the refusal stays:\n%s", key, ansi.Strip(st.screen()))
		}
	}
}

func TestTheFilterLineRefusesAPasteThatNoFilterCanBe(t *testing.T) {
	st := newScreen(t, tuitest.NewStore(), 100, 24, nil)
	st.press("/")
	st.write("dport:443")
	st.send(tea.PasteMsg{Content: strings.Repeat("ip:10.0.0.1 or ", 10<<20/15)})
	st.wantIn(st.screen(), "paste rejected: a filter has at most 64 KiB")
	if got := st.m.line.input.Value(); got != "dport:443" {
		t.Errorf("the line has %d bytes, want what was typed", len(got))
	}
	st.write(" ")
	if strings.Contains(ansi.Strip(st.screen()), "rejected") {
		t.Error("the next key leaves the message")
	}
}
