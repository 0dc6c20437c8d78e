package ui

import (
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
)

func TestNoKeyOfADialogDoesTwoThings(t *testing.T) {
	k := NewDialogKeys()
	owner := map[string]string{}
	for _, b := range []key.Binding{
		k.Accept, k.Cancel, k.Next, k.Prev, k.Toggle, k.All, k.Clear, k.ClearAll, k.Up, k.Down, k.Left, k.Right, k.PageUp, k.PageDown, k.First, k.Last, k.Erase, k.History,
	} {
		for _, name := range b.Keys() {
			if owner[name] != "" {
				t.Errorf("%s is bound to %q and to %q", name, owner[name], b.Help().Key)
			}
			if len(name) == 1 {
				t.Errorf("%s can't be typed any more", name)
			}
			owner[name] = b.Help().Key
		}
	}
}

func TestWhereTheKeysDoNotFitTheWayOutStays(t *testing.T) {
	k := NewDialogKeys()
	for w, want := range map[int]string{
		60: "Enter take  Tab next  Space change  Esc cancel", 40: "Enter take  Tab next  Esc cancel", 30: "Enter take  Esc cancel", 12: "Enter take ~",
	} {
		if got := strings.TrimSpace(KeyLine(&Theme{}, w, k.Accept, k.Next, k.Toggle, k.Cancel)); got != want {
			t.Errorf("%d columns: got %q, want %q", w, got, want)
		}
	}
}
