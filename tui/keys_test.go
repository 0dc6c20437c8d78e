package tui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
)

// bindings returns the fields of a key map that are bindings, by name.
func bindings(keyMap any) map[string]key.Binding {
	found := map[string]key.Binding{}
	v := reflect.ValueOf(keyMap)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Type == reflect.TypeFor[key.Binding]() {
			b := reflect.New(v.Type()).Elem()
			b.Set(v) // unexported fields are read through a copy that has an address
			found[f.Name] = *(*key.Binding)(b.Field(i).Addr().UnsafePointer())
		}
	}
	return found
}

func TestNoKeyHasTwoMeanings(t *testing.T) {
	k := newKeyMap()
	for name, keys := range map[string]any{"table": k, "filter line": k.line, "list": k.list, "columns": newColumnKeys(), "yank": newYankKeys()} {
		taken := map[string]string{}
		for what, b := range bindings(keys) {
			for _, press := range b.Keys() {
				if other, ok := taken[press]; ok {
					t.Errorf("%s: %q means both %s and %s", name, press, other, what)
				}
				taken[press] = what
			}
		}
		if len(taken) == 0 {
			t.Errorf("%s: no keys found", name)
		}
	}
}

func TestKeysOfArrowsOverASlowLinkStayFree(t *testing.T) {
	for what, b := range bindings(newKeyMap()) {
		for _, press := range b.Keys() {
			if strings.Contains("[]OABCD", press) {
				t.Errorf("%s is on %q, which is a part of an arrow key", what, press)
			}
		}
	}
}

func TestEveryKeyIsExplained(t *testing.T) {
	k := newKeyMap()
	table := KeyTable()
	shown := 0
	for _, g := range k.keyGroups() {
		shown += len(g.Keys)
	}
	if want := len(bindings(k)) + len(bindings(k.line)); shown != want {
		t.Errorf("help shows %d bindings, there are %d", shown, want)
	}
	for what, b := range bindings(k) {
		if b.Help().Desc == "" || !strings.Contains(table, "| "+b.Help().Desc+" |") {
			t.Errorf("%s is not in the table of keys", what)
		}
	}
}

func TestEveryBindingIsUnderstoodByTheTests(t *testing.T) {
	// keyPress is how the tests type; a name it doesn't know would test nothing.
	k := newKeyMap()
	for _, keys := range []any{k, k.line, k.list, newColumnKeys(), newYankKeys()} {
		for what, b := range bindings(keys) {
			for _, name := range b.Keys() {
				if got := keyPress(name).String(); got != name {
					t.Errorf("%s: typing %q arrives as %q", what, name, got)
				}
			}
			if len(b.Keys()) != len(slices.Compact(slices.Sorted(slices.Values(b.Keys())))) {
				t.Errorf("%s lists a key twice", what)
			}
		}
	}
}
