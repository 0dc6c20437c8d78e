package keys

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatCannotBeAKeyIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, key, want string
	}{
		{"pause", "x y", "unknown key"}, {"pause", "A", "slow link"}, {"pause", "ctrl+c", "always quits"}, {"kill", "k", "always quits"},
		{"pauze", "p", "no such command"}, {"pause", "e", `pause: key "e" is also used by "export"`}, {"pause", "", "unknown key"},
	} {
		err := New().Rebind(map[string][]string{c.name: {c.key}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, new(*Error)) {
			t.Errorf("%s on %q: %v, want %q", c.name, c.key, err, c.want)
		}
	}
	if err := New().Rebind(map[string][]string{"pause": {"alt+p", "é"}, "flags": {}}); err != nil {
		t.Error(err)
	}
}

func TestTheUsualKeysAreKeysOneCouldBind(t *testing.T) {
	for _, g := range New().Groups {
		for _, b := range g.Bindings {
			for _, key := range b.Keys() {
				if why := badKey(key); why != "" && b.Command != Kill {
					t.Errorf("%s: %s", b.Command, why)
				}
			}
		}
	}
}
