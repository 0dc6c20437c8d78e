package tui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"

	"weir/tui/keys"
	"weir/tui/ui"
)

// bindings returns the bindings among the fields of a struct, by name.
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

// screenBindings returns the keys of the commands, by name.
func screenBindings() map[string]key.Binding {
	found := map[string]key.Binding{}
	for _, g := range keys.New().Groups {
		for _, b := range g.Bindings {
			found[string(b.Command)] = b.Binding
		}
	}
	return found
}

// allBindings returns the sets of keys that work together.
func allBindings() map[string]map[string]key.Binding {
	k := keys.New()
	return map[string]map[string]key.Binding{
		"screen": screenBindings(), "filter line": bindings(k.Line), "list": bindings(ui.NewListKeys()),
	}
}

func TestNoKeyHasTwoMeanings(t *testing.T) {
	for name, set := range allBindings() {
		taken := map[string]string{}
		for what, b := range set {
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
	for what, b := range screenBindings() {
		for _, press := range b.Keys() {
			if slices.Contains(strings.Split("[]OABCD", ""), press) {
				t.Errorf("%s is on %q, which is a part of an arrow key", what, press)
			}
		}
	}
}

func TestEveryKeyIsExplained(t *testing.T) {
	table := KeyTable()
	if shown, want := strings.Count(table, "\n| `"), len(screenBindings())+len(bindings(keys.New().Line)); shown != want {
		t.Errorf("the table shows %d bindings, there are %d", shown, want)
	}
	for what, b := range screenBindings() {
		if b.Help().Desc == "" || !strings.Contains(table, "| "+b.Help().Desc+" |") {
			t.Errorf("%s is not in the table of keys", what)
		}
	}
}

func TestEveryBindingIsUnderstoodByTheTests(t *testing.T) {
	// Tests type with keyPress; a name that it does not know would test nothing.
	for _, set := range allBindings() {
		for what, b := range set {
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
