package keys

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is an invalid key binding.
type Error struct {
	Command string // as configured
	Msg     string
}

func (e *Error) Error() string { return e.Command + ": " + e.Msg }

// Rebind sets the keys of commands by name. Invalid ones are skipped; the error joins
// an [Error] for each of them.
func (m *Map) Rebind(keys map[string][]string) error {
	var errs []error
	fail := func(name, format string, a ...any) {
		errs = append(errs, &Error{name, fmt.Sprintf(format, a...)})
	}
	for name, list := range keys {
		b := m.find(Command(name))
		if b == nil {
			fail(name, "no such command: expected %s", strings.Join(m.Commands(), ", "))
			continue
		}
		if b.Command == Kill {
			fail(name, "ctrl+c always quits")
			continue
		}
		good := list[:0:0]
		for _, key := range list {
			if why := badKey(key); why != "" {
				fail(name, "%s", why)
				continue
			}
			good = append(good, key)
		}
		if len(good) > 0 || len(list) == 0 {
			b.SetKeys(good...)
			b.SetHelp(Shown(good...), b.Help().Desc)
		}
	}
	errs = append(errs, m.clashes(keys)...)
	slices.SortFunc(errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// clashes returns an error for each key of two commands, naming the configured one.
func (m *Map) clashes(keys map[string][]string) (errs []error) {
	taken := map[string]string{}
	for _, g := range m.Groups {
		for _, b := range g.Bindings {
			for _, key := range b.Keys() {
				name := string(b.Command)
				if other, ok := taken[key]; ok {
					if _, changed := keys[name]; !changed {
						name, other = other, name
					}
					errs = append(errs, &Error{name, fmt.Sprintf("key %q is also used by %q", key, other)})
					continue
				}
				taken[key] = name
			}
		}
	}
	return errs
}

// namedKeys are the keys with names, and how they are shown.
var namedKeys = [...]struct{ name, shown string }{
	{"up", "↑"}, {"down", "↓"}, {"left", "←"}, {"right", "→"}, {"home", "Home"}, {"end", "End"}, {"pgup", "PgUp"}, {"pgdown", "PgDn"},
	{"enter", "Enter"}, {"esc", "Esc"}, {"tab", "Tab"}, {"space", "Space"}, {"backspace", "Backspace"}, {"delete", "Del"}, {"insert", "Ins"},
	{"f1", "F1"}, {"f2", "F2"}, {"f3", "F3"}, {"f4", "F4"}, {"f5", "F5"}, {"f6", "F6"}, {"f7", "F7"}, {"f8", "F8"}, {"f9", "F9"},
	{"f10", "F10"}, {"f11", "F11"}, {"f12", "F12"},
}

// badKey returns why a key can't be bound; empty: it can.
func badKey(name string) string {
	base := name
	for _, mod := range [...]string{"ctrl+", "alt+", "shift+"} {
		base = strings.TrimPrefix(base, mod)
	}
	r, n := utf8.DecodeRuneInString(base)
	switch {
	case name == "ctrl+c":
		return "ctrl+c always quits"
	case base == name && n == len(name) && strings.ContainsRune("[]OABCD", r):
		return fmt.Sprintf("key %q is a part of an arrow key over a slow link", name)
	case slices.ContainsFunc(namedKeys[:], func(k struct{ name, shown string }) bool { return k.name == base }):
		return ""
	case n > 0 && n == len(base) && unicode.IsGraphic(r) && r != ' ':
		return ""
	}
	return fmt.Sprintf("unknown key %q: expected a character, ctrl+x, alt+x, or one of space, enter, tab, esc, up, down, left, right, home, end, pgup, pgdown, backspace, delete, insert, f1 to f12", name)
}

// Shown returns keys as shown in the help.
func Shown(keys ...string) string {
	var shown []string
	for _, key := range keys {
		base, prefix := key, ""
		if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
			base, prefix = rest, "^"
		}
		for _, named := range namedKeys {
			if named.name == base {
				base = named.shown
			}
		}
		shown = append(shown, prefix+base)
	}
	return strings.Join(shown, " ")
}
